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

    /// <summary>Of C channels a patch has 4·C values, and the first layer 8·C filters: 8·C·(4·C + 1) weights there, 9·64·8·C in
    /// the next one, and 1,958,656 in all others.</summary>
    [Theory]
    [InlineData(3, 1_972_792)]
    [InlineData(1, 1_963_304)]
    public void It_has_as_many_weights_as_its_page_says(int channels, int expected)
    {
        using var model = new FastResNet(channels: channels);
        Assert.Equal(expected, (8 * channels * ((4 * channels) + 1)) + (9 * 64 * 8 * channels) + 1_958_656);
        Assert.Equal(expected, model.parameters().Sum(parameter => parameter.numel()));
        Assert.Equal([2, 10], model.call(zeros(2, channels, 32, 32)).shape);
    }

    [Theory]
    [InlineData(3)]
    [InlineData(1)]
    public void Its_first_layer_whitens_the_training_pictures(int channels)
    {
        DataSet data = channels == 1 ? Shapes.ToGrey() : Shapes;
        int values = 4 * channels;
        using var model = new FastResNet(seed: 0, channels: channels);
        Assert.False(model.HasStarted);
        model.StartFrom(data.Train, data.Normalization);
        Assert.True(model.HasStarted);
        using (no_grad())
        {
            Tensor pictures = data.Normalization.ToTensor(data.Train, [.. Enumerable.Range(0, 200)]);
            Tensor patches = pictures
                .unfold(2, 2, 1)
                .unfold(3, 2, 1)
                .permute(0, 2, 3, 1, 4, 5)
                .reshape(-1, values)
                .to(ScalarType.Float64);
            Tensor covariance = patches.t().mm(patches) / patches.shape[0];
            double[] variances = linalg.eigvalsh(covariance).data<double>().ToArray();

            // vᵀ·C·v of v / √(λ + ε) is λ / (λ + ε) on the diagonal and 0 beside it.
            Tensor output = model.conv1.call(pictures).permute(0, 2, 3, 1).reshape(-1, 2 * values).to(ScalarType.Float64);
            double[,] white = (double[,])(output.t().mm(output) / output.shape[0]).data<double>().ToNDArray();

            // Values of a magnitude up to V give sums of `values` products with filters of a length up to 1 / √ε.
            double bound = 2 * Tolerance.Rounding(values) * Math.Max(1, patches.abs().max().item<double>() / Math.Sqrt(5e-4));
            for (int i = 0; i < values; i++)
            {
                for (int j = 0; j < values; j++)
                {
                    Assert.Equal(i == j ? variances[i] / (variances[i] + 5e-4) : 0, white[i, j], bound);
                    Assert.Equal(-white[i, j], white[i, j + values], bound);
                }
            }
        }
    }

    [Fact]
    public void What_says_whether_it_has_started_outlives_the_scope_it_is_built_in()
    {
        FastResNet model;
        using (NewDisposeScope())
        {
            model = new FastResNet();
        }

        Assert.False(model.HasStarted);
        Assert.Contains("whitened", model.state_dict().Keys);
        model.Dispose();
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
    [Trait("Takes", "long")]
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
    [Trait("Takes", "long")]
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
