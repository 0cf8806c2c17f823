using AttentionLab.Explain;
using TorchSharp;
using static TorchSharp.torch;

namespace AttentionLab.Host.Tests.Explain;

/// <summary>
/// Methods of one's own, one of each kind, as CONTRIBUTING shows them. They stand here because this project, like a user's, sees
/// only the library's public names.
/// </summary>
/// <remarks>
/// The network: a 1×1 convolution makes the channels x and −2x of the picture x, and their means are the two logits. For the
/// picture 1, 2, 3, 4 the logits are 2.5 and −5: class 0 is explained.
/// </remarks>
public sealed class OwnMethodTests
{
    /// <summary>Channels weighed by the sum of their gradients: 1/4 at each of four places of the first, 0 for the
    /// second.</summary>
    private sealed class SummedGradientCam : ClassActivationMap
    {
        public override string Name => "summed-gradient-cam";

        protected override Tensor Weights(Tensor activation, Tensor gradient) => gradient.sum([2, 3], keepdim: true);
    }

    /// <summary>Gradient × input: x/4.</summary>
    private sealed class GradientTimesInput : PixelMethod
    {
        public GradientTimesInput() => Pooling = ColourPooling.Sum;

        public override string Name => "gradient-times-input";

        protected override Tensor AttributionsOf(ExplanationPass pass) => pass.Input * pass.MeanInputGradient(1, _ => pass.Input);
    }

    /// <summary>Channel k weighed by the score of the picture times k + 1: 2.5·x + 5·(−2x).</summary>
    private sealed class BrighterPictureMap : PerturbationMap
    {
        public override string Name => "brighter-picture-map";

        protected override Tensor WeightsOf(ExplanationPass pass, string layer)
        {
            int channels = (int)pass.Activations[layer].shape[1];
            double[] scores = pass.ScoresOf(
                picture: 0,
                channels,
                (start, end) => arange(start + 1, end + 1, ScalarType.Float32).reshape(-1, 1, 1, 1) * pass.Input
            );
            return tensor(scores).unsqueeze(0);
        }
    }

    /// <summary>The largest channel at each place: x.</summary>
    private sealed class LargestChannel : LayerMethod
    {
        public override string Name => "largest-channel";

        protected override bool NeedsGradients => false;

        protected override Tensor MapOf(ExplanationPass pass, string layer) => pass.Activations[layer].amax([1]);
    }

    /// <summary>Attention alone, without what a block passes on as it is: the class token's shares ½ and ⅛.</summary>
    private sealed class MeanAttention : AttentionMethod
    {
        public override string Name => "mean-attention";

        protected override Tensor MixingOf(Tensor attention, Tensor gradient) => attention.mean([0]);
    }

    /// <summary>A class token 0 and the pixels, mixed by one block of attention whose shares are given: the scores'
    /// logarithms.</summary>
    private sealed class OneBlock : nn.Module<Tensor, Tensor>
    {
        private readonly TorchSharp.Modules.Softmax softmax = nn.Softmax(-1);
        private readonly TorchSharp.Modules.Linear head = nn.Linear(1, 2);

        public OneBlock()
            : base(nameof(OneBlock)) => RegisterComponents();

        public override Tensor forward(Tensor input)
        {
            Tensor x = cat([zeros(input.shape[0], 1), input.flatten(1)], 1).unsqueeze(2);
            Tensor shares = tensor(new float[] { 3, 4, 1, 1, 1, 1, 1, 1, 1 }, [1, 1, 3, 3]);
            return head.call(softmax.call(shares.log()).squeeze(1).bmm(x)[.., 0]);
        }
    }

    private sealed class MisshapenPixels : PixelMethod
    {
        public override string Name => "misshapen-pixels";

        protected override Tensor AttributionsOf(ExplanationPass pass) => pass.Input.sum([1]);
    }

    [Fact]
    public void Channels_weighed_by_gradients() => Assert.Equal([1, 2, 3, 4], MapBy(new SummedGradientCam()));

    [Fact]
    public void A_number_for_each_pixel() => Assert.Equal([0.25f, 0.5f, 0.75f, 1], MapBy(new GradientTimesInput()));

    [Fact]
    public void Channels_weighed_by_changed_pictures() =>
        Assert.Equal([-7.5f, -15, -22.5f, -30], MapBy(new BrighterPictureMap { Rectify = false }));

    [Fact]
    public void Anything_else_of_a_layer() => Assert.Equal([1, 2, 3, 4], MapBy(new LargestChannel()));

    [Fact]
    public void Attention_of_a_transformer()
    {
        using DisposeScope scope = NewDisposeScope();
        using var network = new OneBlock();
        Explanation result = new MeanAttention().Explain(network, tensor(new float[] { 1, 2 }, [1, 1, 1, 2]))[0];

        // Three logarithms, their exponentials, the sum and the quotient, each rounded in float32.
        Assert.Equal([0.5f, 0.125f], result[0].Values.ToArray(), (a, b) => Math.Abs(a - b) <= 8.0 / (1 << 24));
    }

    [Fact]
    public void A_wrong_shape_is_refused_with_the_right_one()
    {
        var error = Assert.Throws<InvalidOperationException>(() => MapBy(new MisshapenPixels()));
        Assert.Equal("misshapen-pixels returned 1×2×2; its base class asks for 1×1×2×2.", error.Message);
    }

    private static float[] MapBy(ExplanationMethod method)
    {
        using DisposeScope scope = NewDisposeScope();
        nn.Module<Tensor, Tensor> network = nn.Sequential(
            ("conv", nn.Conv2d(1, 2, 1, bias: false)),
            ("pool", nn.AdaptiveAvgPool2d(1)),
            ("flatten", nn.Flatten())
        );
        using (no_grad())
        {
            network.get_parameter("conv.weight")!.copy_(tensor(new float[] { 1, -2 }, [2, 1, 1, 1]));
        }

        Tensor picture = tensor(new float[] { 1, 2, 3, 4 }, [1, 1, 2, 2]);
        var options = new ExplanationOptions { Layers = method is PixelMethod ? [] : ["conv"] };
        return method.Explain(network, picture, options)[0].Maps[0].Values.ToArray();
    }
}
