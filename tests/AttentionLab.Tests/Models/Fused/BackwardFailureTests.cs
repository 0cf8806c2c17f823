using System.Runtime.InteropServices;
using AttentionLab.Data;
using AttentionLab.Models;
using AttentionLab.Training;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace AttentionLab.Tests.Models.Fused;

public class BackwardFailureTests
{
    [Fact]
    public void The_caller_of_a_failing_pass_gets_an_exception_and_its_cause_once()
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor input = ones(2, 3).requires_grad_(),
            sum = Failing.apply(input).sum();

        Assert.Throws<ExternalException>(() => sum.backward());

        Assert.Equal("no memory left", BackwardFailure.Take()!.Message);
        Assert.Null(BackwardFailure.Take());
        Assert.Null(input.grad);
    }

    [Fact]
    public void A_step_that_cannot_be_taken_says_why_and_moves_no_weight()
    {
        using DisposeScope scope = NewDisposeScope();
        using var network = new FailingNetwork();
        using Tensor before = network.fc.weight!.detach().clone();
        TrainingOptions options = TrainingOptions.Tutorial;
        RunningOptimizer optimizer = options.Optimizer.Start(Weight.Of(network), options.LearningRate);
        using Batch batch = new Batches(ShapeSet.Create(train: 4, test: 1, seed: 0).Train, Normalization.Tutorial, 4)
            .Epoch(0)
            .Single();

        var failure = Assert.Throws<InvalidOperationException>(() => TrainingStep.Take(network, optimizer, batch, options));

        Assert.Equal("no memory left", failure.Message);
        Assert.True(network.fc.weight.equal(before).all().item<bool>());
    }

    [Fact]
    public void A_layer_that_is_gone_when_gradients_of_gradients_are_taken_is_an_exception()
    {
        using DisposeScope scope = NewDisposeScope();
        Conv2d layer = nn.Conv2d(16, 16, kernel_size: 3, padding: 1);
        BatchNorm2d norm = nn.BatchNorm2d(16);
        Tensor input = randn(2, 4, 4, 16).permute(0, 3, 1, 2).requires_grad_(),
            convolved = WinogradConvolution.Train(layer, input).sum(),
            normalized = FusedNormalization.Train(input, norm).sum();
        layer.Dispose();
        norm.Dispose();

        Assert.Throws<ExternalException>(() => convolved.backward(create_graph: true));
        Assert.Throws<ExternalException>(() => normalized.backward(create_graph: true));
    }

    private sealed class Failing : autograd.SingleTensorFunction<Failing>
    {
        public override string Name => nameof(Failing);

        public override Tensor forward(autograd.AutogradContext ctx, params object[] vars) => (Tensor)vars[0] * 2;

        public override List<Tensor> backward(autograd.AutogradContext ctx, Tensor grad_output) =>
            BackwardFailure.Keep([true], () => throw new InvalidOperationException("no memory left"));
    }

    private sealed class FailingNetwork : nn.Module<Tensor, Tensor>
    {
        public readonly Linear fc = nn.Linear(3 * 32 * 32, 10);

        public FailingNetwork()
            : base(nameof(FailingNetwork)) => RegisterComponents();

        public override Tensor forward(Tensor input) => Failing.apply(fc.call(input.flatten(1)));
    }
}
