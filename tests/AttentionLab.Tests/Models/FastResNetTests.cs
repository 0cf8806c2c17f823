using AttentionLab.Data;
using AttentionLab.Explain;
using AttentionLab.Models;
using AttentionLab.Tests.Explain;
using AttentionLab.Training;
using TorchSharp;
using static TorchSharp.torch;

namespace AttentionLab.Tests.Models;

[Trait("Kind", "Numeric")]
public sealed class FastResNetTests : IDisposable
{
    private static readonly DataSet Shapes = ShapeSet.Create(train: 200, test: 20);
    private readonly DisposeScope _scope = NewDisposeScope();

    public void Dispose() => _scope.Dispose();

    [Fact]
    public void It_has_as_many_weights_as_its_page_says()
    {
        using var model = new FastResNet();
        Assert.Equal(1_972_792, model.parameters().Sum(parameter => parameter.numel()));
        Assert.Equal([2, 10], model.call(zeros(2, 3, 32, 32)).shape);
    }

    [Fact]
    public void Its_first_layer_whitens_the_training_pictures()
    {
        using var model = new FastResNet(seed: 0);
        Assert.False(model.HasStarted);
        model.StartFrom(Shapes.Train, Shapes.Normalization);
        Assert.True(model.HasStarted);
        using (no_grad())
        {
            Tensor pictures = Shapes.Normalization.ToTensor(Shapes.Train, [.. Enumerable.Range(0, 200)]);
            Tensor patches = pictures
                .unfold(2, 2, 1)
                .unfold(3, 2, 1)
                .permute(0, 2, 3, 1, 4, 5)
                .reshape(-1, 12)
                .to(ScalarType.Float64);
            Tensor covariance = patches.t().mm(patches) / patches.shape[0];
            double[] variances = linalg.eigvalsh(covariance).data<double>().ToArray();

            // vᵀ·C·v of v / √(λ + ε) is λ / (λ + ε) on the diagonal and 0 beside it.
            Tensor output = model.conv1.call(pictures).permute(0, 2, 3, 1).reshape(-1, 24).to(ScalarType.Float64);
            double[,] white = (double[,])(output.t().mm(output) / output.shape[0]).data<double>().ToNDArray();

            // Values of a magnitude up to V give sums of 12 products with filters of a length up to 1 / √ε.
            double bound = 2 * Tolerance.Rounding(12) * Math.Max(1, patches.abs().max().item<double>() / Math.Sqrt(5e-4));
            for (int i = 0; i < 12; i++)
            {
                for (int j = 0; j < 12; j++)
                {
                    Assert.Equal(i == j ? variances[i] / (variances[i] + 5e-4) : 0, white[i, j], bound);
                    Assert.Equal(-white[i, j], white[i, j + 12], bound);
                }
            }
        }
    }

    [Fact]
    public void Its_stages_begin_by_passing_channels_on()
    {
        var stage = new FastResNet().layer2;
        Tensor input = rand(1, 64, 6, 6);
        Tensor output = stage.conv1.call(input);
        Assert.Equal(0, (output[.., ..64] - input).abs().max().item<float>());
    }

    [Fact]
    public void Training_starts_from_the_pictures_once_and_saved_weights_are_kept()
    {
        using var model = new FastResNet(seed: 0);
        TrainingOptions options = TrainingOptions.FastResNet with { Epochs = 1, BatchSize = 50, TestTimeFlipping = false };
        new Trainer(options).Fit(model, Shapes);
        Assert.True(model.HasStarted);
        using Tensor first = model.conv1.weight!.clone();
        new Trainer(options).Fit(model, ShapeSet.Create(train: 100, test: 20, seed: 5));
        Assert.True(first.equal(model.conv1.weight!).all().item<bool>());
    }

    [Fact]
    public void Every_method_that_applies_explains_it()
    {
        using var model = new FastResNet(seed: 0);
        model.StartFrom(Shapes.Train, Shapes.Normalization);
        model.eval();
        using Tensor input = Shapes.Normalization.ToTensor(Shapes.Test, [0, 1]);
        int explained = 0;
        foreach (ExplanationMethod method in ExplanationMethods.All.Select(FewSamples.Of))
        {
            if (!method.AppliesTo(model).IsApplicable)
            {
                continue;
            }

            explained++;
            foreach (Explanation explanation in method.Explain(model, input))
            {
                Assert.All(explanation.Maps, map => Assert.True(map.Range.Low < map.Range.High, $"{explanation.Method} is flat"));
                Assert.Contains(explanation.Layer, (string[])["layer3", "layer3.conv2", ActivationExtractor.Input]);
            }
        }

        Assert.InRange(explained, 15, ExplanationMethods.All.Count);
    }
}
