using AttentionLab.Explain;
using AttentionLab.Models;
using AttentionLab.Tests.Models;
using TorchSharp;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace AttentionLab.Tests.Explain.Methods;

/// <summary>The methods on the formula's networks, against the papers' formulas in plain arithmetic on PyTorch's activations and gradients.</summary>
public sealed class ReferenceTests : IDisposable
{
    private const int Channels = 128, Area = 64;

    private readonly DisposeScope _scope = NewDisposeScope();

    public void Dispose() => _scope.Dispose();

    [Theory]
    [MemberData(nameof(NetworkTests.Both), MemberType = typeof(NetworkTests))]
    public void Activation_map(string network) => AssertMaps(network, new ActivationMap(), (a, _) => Sum(a, (_, _) => 1.0 / Channels));

    [Theory]
    [MemberData(nameof(NetworkTests.Both), MemberType = typeof(NetworkTests))]
    public void Grad_CAM_plus_plus(string network) => AssertMaps(network, new GradCamPlusPlus(), (a, g) =>
    {
        double[] weights = [.. Enumerable.Range(0, Channels).Select(k => Enumerable.Range(0, Area).Sum(i =>
        {
            double square = g[k, i] * g[k, i], denominator = (2 * square) + (Enumerable.Range(0, Area).Sum(j => a[k, j]) * square * g[k, i]);
            return denominator == 0 ? 0 : square / denominator * Math.Max(0, g[k, i]);
        }))];
        return Positive(Sum(a, (k, _) => weights[k]));
    }, tolerance: 1e-3); // in the plain network 2·g² + ΣA·g³ all but cancels once: the last digits of an activation decide the fourth of the map

    [Theory]
    [MemberData(nameof(NetworkTests.Both), MemberType = typeof(NetworkTests))]
    public void XGrad_CAM(string network) => AssertMaps(network, new XGradCam(), (a, g) =>
    {
        double[] weights = [.. Enumerable.Range(0, Channels).Select(k => Enumerable.Range(0, Area).Sum(i => a[k, i] * g[k, i]) / Enumerable.Range(0, Area).Sum(i => a[k, i]))];
        return Sum(a, (k, _) => weights[k]);
    });

    [Theory]
    [MemberData(nameof(NetworkTests.Both), MemberType = typeof(NetworkTests))]
    public void Eigen_CAM(string network) => AssertMaps(network, new EigenCam(), (a, _) => Principal(a, (k, i) => a[k, i]));

    [Theory]
    [MemberData(nameof(NetworkTests.Both), MemberType = typeof(NetworkTests))]
    public void Eigen_Grad_CAM(string network) => AssertMaps(network, new EigenGradCam(), (a, g) => Principal(a, (k, i) => a[k, i] * g[k, i]));

    [Fact]
    public void Ablation_CAM_against_the_rest_of_the_network_run_on_changed_activations()
    {
        using Cnn model = Fixture.WithFormulaWeights(new Cnn());
        model.eval();
        using IDisposable noGradients = no_grad();
        Tensor activation = Fixture.Formula["plain/conv3"], weights = zeros(4, Channels);
        for (int picture = 0; picture < 4; picture++)
        {
            int target = (int)Fixture.Formula["plain/pred"][picture].item<long>();
            Tensor versions = activation[picture].unsqueeze(0).repeat(Channels + 1, 1, 1, 1);
            for (int k = 0; k < Channels; k++)
            {
                versions[k, k] = zeros(8, 8);
            }

            Tensor hidden = model.pool3.forward(model.relu3.forward(model.bn3.forward(versions)));
            Tensor scores = model.fc2.forward(model.relu4.forward(model.fc1.forward(hidden.flatten(1)))).select(1, target);
            weights[picture] = (scores[Channels] - scores[..Channels]) / scores[Channels].abs();
        }

        Tensor expected = (weights.reshape(4, Channels, 1, 1) * activation).sum(1).relu();
        Explanation result = new AblationCam().Explain(model, Fixture.FormulaInput(), new() { BatchSize = 50 })[0];
        Fixture.AssertClose(expected, tensor([.. result.Maps.Cast<float>()], expected.shape), 1e-4, "ablation-cam");
    }

    [Fact]
    public void Score_CAM_against_pictures_masked_pixel_by_pixel()
    {
        using Cnn model = Fixture.WithFormulaWeights(new Cnn());
        model.eval();
        using IDisposable noGradients = no_grad();
        Tensor activation = Fixture.Formula["plain/conv3"][1].detach(), masks = zeros(Channels, 1, 32, 32);
        for (int k = 0; k < Channels; k++)
        {
            float[] map = activation[k].contiguous().data<float>().ToArray();
            double[] mask = [.. Enumerable.Range(0, 32 * 32).Select(p => Bilinear(map, p / 32, p % 32))];
            double low = mask.Min(), range = mask.Max() - low;
            masks[k] = tensor([.. mask.Select(value => (float)((value - low) / range))], [1, 32, 32]);
        }

        Tensor input = Fixture.FormulaInput()[1..2];
        Tensor scores = model.call(input * masks).select(1, (int)Fixture.Formula["plain/pred"][1].item<long>());
        Tensor expected = (scores.softmax(0).reshape(Channels, 1, 1) * activation).sum([0]).relu();
        Explanation result = new ScoreCam().Explain(model, input, new() { BatchSize = 50 })[0];
        Fixture.AssertClose(expected, tensor([.. result.Maps.Cast<float>()], [8, 8]), 1e-4, "score-cam");
    }

    [Fact]
    public void Squeeze_excitation_maps_weigh_what_went_in_by_what_was_computed()
    {
        using SeCnn model = Fixture.WithFormulaWeights(new SeCnn());
        IReadOnlyList<Explanation> results = new SqueezeExcitationMap().Explain(model, Fixture.FormulaInput());
        Assert.Equal(["ca1", "ca2", "ca3"], results.Select(result => result.Layer));
        using var extractor = new ActivationExtractor(model, "relu?", "ca?.fc");
        using LayerActivations activations = extractor.Run(Fixture.FormulaInput());
        foreach ((Explanation result, int block) in results.Zip([1, 2, 3]))
        {
            Tensor expected = (activations[$"relu{block}"] * activations[$"ca{block}.fc"].unsqueeze(-1).unsqueeze(-1)).mean([1]);
            Fixture.AssertClose(expected, tensor([.. result.Maps.Cast<float>()], expected.shape), 1e-5, result.Layer);
        }

        Assert.Throws<ArgumentException>(() => new SqueezeExcitationMap().Explain(model, Fixture.FormulaInput(), new() { Layers = ["conv3"] }));
        using var plain = new Cnn();
        Assert.Throws<ArgumentException>(() => new SqueezeExcitationMap().Explain(plain, Fixture.FormulaInput()));
    }

    [Fact]
    public void Full_gradients_add_up_to_the_score()
    {
        // The plain network has only convolutions, BatchNorm, ReLU, pooling and linear layers.
        using Cnn model = Fixture.WithFormulaWeights(new Cnn());
        model.eval();
        using var extractor = new ActivationExtractor(model, "conv*", "bn*", "fc*", ActivationExtractor.Input);
        Tensor input = Fixture.FormulaInput();
        using LayerActivations activations = extractor.RunWithGradients(input, logits => logits.amax([1]));
        Tensor total = (input * activations.GradientOf(ActivationExtractor.Input)).sum([1, 2, 3])
            + (model.fc1.bias! * activations.GradientOf("fc1")).sum(1) + (model.fc2.bias! * activations.GradientOf("fc2")).sum(1);
        foreach (string layer in new[] { "conv1", "bn1", "conv2", "bn2", "conv3", "bn3" })
        {
            total = total + (FullGrad.BiasOf(model.named_children().Single(part => part.name == layer).module) * activations.GradientOf(layer)).sum([1, 2, 3]);
        }

        Fixture.AssertClose(Fixture.Formula["plain/logits"].amax([1]), total.detach(), 1e-4, "sum of all contributions");
    }

    [Theory]
    [MemberData(nameof(NetworkTests.Both), MemberType = typeof(NetworkTests))]
    public void Integrated_gradients_add_up_to_what_the_score_gained(string network)
    {
        using Module<Tensor, Tensor> model = Fixture.WithFormulaWeights(NetworkTests.Create(network));
        model.eval();
        Tensor input = Fixture.FormulaInput()[..2];
        Explanation result = new IntegratedGradients().Explain(model, input)[0];
        using IDisposable noGradients = no_grad();
        Tensor zero = model.call(zeros_like(input));
        for (int picture = 0; picture < 2; picture++)
        {
            double gained = result.Logits[picture, result.Classes[picture]] - zero[picture, result.Classes[picture]].item<float>();
            Assert.Equal(gained, result.MapOf(picture).Cast<float>().Sum(), 0.02 * Math.Abs(gained));
        }
    }

    [Fact]
    public void Gradients_are_slopes()
    {
        using Module<Tensor, Tensor> model = Fixture.WithFormulaWeights(new SeCnn()).to(ScalarType.Float64);
        model.eval();
        Tensor input = Fixture.FormulaInput()[..1].to(ScalarType.Float64), step = zeros_like(input);
        step[0, .., 13, 17] = 1e-6;
        Explanation result = new Gradients { Pooling = ColourPooling.Sum }.Explain(model, input)[0];
        using IDisposable noGradients = no_grad();
        Tensor slope = (model.call(input + step) - model.call(input - step)).select(1, result.Classes[0]) / 2e-6;
        Assert.Equal(slope.item<double>(), result.Maps[0, 13, 17], 1e-4 * Math.Abs(slope.item<double>()));
    }

    [Fact]
    public void SmoothGrad_without_noise_is_the_gradient_and_with_noise_depends_on_its_seed()
    {
        using Module<Tensor, Tensor> model = Fixture.WithFormulaWeights(new Cnn());
        Tensor input = Fixture.FormulaInput()[..1];
        float[] Map(ExplanationMethod method) => [.. method.Explain(model, input)[0].Maps.Cast<float>()];

        Assert.Equal(Map(new Gradients()), Map(new SmoothGrad { Noise = 0, Samples = 2 }), (a, b) => Math.Abs(a - b) < 1e-5);
        Assert.Equal(Map(new SmoothGrad { Samples = 3, Seed = 1 }), Map(new SmoothGrad { Samples = 3, Seed = 1 }));
        Assert.NotEqual(Map(new SmoothGrad { Samples = 3, Seed = 1 }), Map(new SmoothGrad { Samples = 3, Seed = 2 }));
    }

    private static void AssertMaps(string network, ExplanationMethod method, Func<double[,], double[,], double[]> reference, double tolerance = 1e-4)
    {
        using Module<Tensor, Tensor> model = Fixture.WithFormulaWeights(NetworkTests.Create(network));
        Explanation result = method.Explain(model, Fixture.FormulaInput(), new() { Layers = ["conv3"] })[0];
        for (int picture = 0; picture < 4; picture++)
        {
            double[] expected = reference(Read($"{network}/conv3", picture), Read($"{network}/conv3_grad", picture));
            double largest = expected.Max(Math.Abs);
            Assert.Equal(expected, result.MapOf(picture).Cast<float>().Select(value => (double)value), (a, b) => Math.Abs(a - b) <= tolerance * largest);
        }
    }

    private static double[,] Read(string name, int picture)
    {
        float[] values = Fixture.Formula[name][picture].contiguous().data<float>().ToArray();
        var result = new double[Channels, Area];
        for (int i = 0; i < values.Length; i++)
        {
            result[i / Area, i % Area] = values[i];
        }

        return result;
    }

    private static double[] Sum(double[,] a, Func<int, int, double> weight) =>
        [.. Enumerable.Range(0, Area).Select(i => Enumerable.Range(0, Channels).Sum(k => weight(k, i) * a[k, i]))];

    private static double[] Positive(double[] map) => [.. map.Select(value => Math.Max(0, value))];

    /// <summary>The first left singular vector times its value, by power iteration on places × places.</summary>
    private static double[] Principal(double[,] a, Func<int, int, double> value)
    {
        var gram = new double[Area, Area];
        for (int i = 0; i < Area; i++)
        {
            for (int j = 0; j < Area; j++)
            {
                for (int k = 0; k < Channels; k++)
                {
                    gram[i, j] += value(k, i) * value(k, j);
                }
            }
        }

        double[] u = [.. Enumerable.Range(0, Area).Select(i => 1.0 + (i % 7))];
        double length = 0;
        for (int round = 0; round < 20_000; round++)
        {
            double[] next = [.. Enumerable.Range(0, Area).Select(i => Enumerable.Range(0, Area).Sum(j => gram[i, j] * u[j]))];
            length = Math.Sqrt(next.Sum(x => x * x));
            double change = 0;
            for (int i = 0; i < Area; i++)
            {
                change += Math.Abs((next[i] / length) - u[i]);
                u[i] = next[i] / length;
            }

            if (change < 1e-13)
            {
                break;
            }
        }

        double agreement = Enumerable.Range(0, Area).Sum(i => u[i] * Enumerable.Range(0, Channels).Sum(k => value(k, i)));
        return [.. u.Select(x => x * Math.Sqrt(length) * (agreement < 0 ? -1 : 1))];
    }

    /// <summary>8×8 enlarged to 32×32 with pixel centres aligned, the edge repeated.</summary>
    private static double Bilinear(float[] map, int y, int x)
    {
        (int, int, double) At(int p)
        {
            double at = Math.Max(0, ((p + 0.5) / 4) - 0.5);
            int low = (int)at;
            return (low, Math.Min(low + 1, 7), at - low);
        }

        (int top, int bottom, double v) = At(y);
        (int left, int right, double u) = At(x);
        return ((1 - v) * (((1 - u) * map[(8 * top) + left]) + (u * map[(8 * top) + right]))) + (v * (((1 - u) * map[(8 * bottom) + left]) + (u * map[(8 * bottom) + right])));
    }
}
