using AttentionLab.Explain;
using AttentionLab.Host.Explaining;
using AttentionLab.Models;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace AttentionLab.Host.Tests.Explain;

/// <summary>What only a pass shows that a network does not allow.</summary>
public sealed class LeftOutTests
{
    [Fact]
    public async Task All_leaves_out_the_method_that_the_network_refuses_and_says_why_and_its_name_alone_is_an_error()
    {
        using var network = new TrainedNetwork(new Windows(), ["a", "b"]);
        using Tensor input = ones(1, 3, 8, 8);
        ExplainRun run = await Run(isAll: true);
        Assert.Equal("grad-cam", Assert.Single(run.Maps).Method);
        string why = Assert.Single(run.LeftOut);
        Assert.StartsWith("all leaves out attention-rollout: ", why, StringComparison.Ordinal);
        Assert.EndsWith(
            "Layer 'softmax' attends within 4 windows of 16 tokens each, as Swin does, so that no block sees the whole picture. "
                + "Take grad-cam, which asks for no attention.",
            why,
            StringComparison.Ordinal
        );
        await Assert.ThrowsAsync<ArgumentException>(() => Run(isAll: false));

        Task<ExplainRun> Run(bool isAll) =>
            ExplainProgress.ShowAsync(
                TextWriter.Null,
                progress =>
                    ExplainRun.Of(
                        network,
                        input,
                        new MethodChoice([new GradCam(), new AttentionRollout()], false, false, isAll),
                        [],
                        Target.Predicted,
                        progress,
                        CancellationToken.None
                    )
            );
    }

    /// <summary>Four windows of 4×4 places, within which places attend to each other.</summary>
    private sealed class Windows : Module<Tensor, Tensor>
    {
        private readonly Conv2d conv = Conv2d(3, 4, kernel_size: 3, padding: 1);
        private readonly Softmax softmax = Softmax(-1);
        private readonly Linear fc = Linear(4, 2);

        public Windows()
            : base(nameof(Windows)) => RegisterComponents();

        public override Tensor forward(Tensor input)
        {
            using var scope = NewDisposeScope();
            Tensor tokens = conv.call(input).reshape(-1, 4, 2, 4, 2, 4).permute(0, 2, 4, 3, 5, 1).reshape(-1, 1, 16, 4);
            Tensor seen = einsum("nhij,nhjc->nhic", softmax.call(einsum("nhic,nhjc->nhij", tokens, tokens)), tokens);
            return fc.call(seen.reshape(input.shape[0], 64, 4).mean([1])).MoveToOuterDisposeScope();
        }
    }
}
