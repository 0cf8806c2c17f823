using AttentionLab.Explain;
using AttentionLab.Tests.Data;
using TorchSharp;
using static TorchSharp.torch;

namespace AttentionLab.Tests.Explain.Activations;

/// <summary>Layers whose height and width do not stand last.</summary>
[Trait("Kind", "Numeric")]
public sealed class SpatialLayoutTests : IDisposable
{
    private readonly DisposeScope _scope = NewDisposeScope();

    public void Dispose() => _scope.Dispose();

    [Theory]
    [InlineData(new long[] { 1, 768, 7, 7 }, 224, 224, "channels first")]
    [InlineData(new long[] { 1, 7, 7, 768 }, 224, 224, "channels last")] // Swin
    [InlineData(new long[] { 1, 8, 8, 32 }, 64, 64, "channels last")]
    [InlineData(new long[] { 1, 32, 6, 8 }, 96, 128, "channels first")]
    [InlineData(new long[] { 1, 6, 8, 32 }, 96, 128, "channels last")]
    [InlineData(new long[] { 1, 16, 16, 16 }, 64, 64, "channels first")]
    [InlineData(new long[] { 1, 197, 768 }, 224, 224, "14×14 tokens after 1 leading token")] // ViT
    [InlineData(new long[] { 1, 198, 768 }, 224, 224, "14×14 tokens after 2 leading tokens")] // DeiT, distilled
    [InlineData(new long[] { 1, 261, 384 }, 224, 224, "16×16 tokens after 5 leading tokens")] // DINOv2 with registers
    [InlineData(new long[] { 1, 49, 768 }, 224, 224, "7×7 tokens after 0 leading tokens")] // Swin of other programs
    [InlineData(new long[] { 1, 193, 768 }, 224, 168, "16×12 tokens after 1 leading token")]
    [InlineData(new long[] { 1, 19, 768 }, 224, 224, null)]
    [InlineData(new long[] { 1, 512 }, 224, 224, null)]
    public void A_shape_and_the_pictures_ratio_tell(long[] shape, long height, long width, string? expected) =>
        Assert.Equal(expected, SpatialLayout.Of(shape, height, width)?.ToString());

    [Fact]
    public void Maps_are_the_same_in_every_order()
    {
        ExplanationMethod[] methods =
        [
            new GradCam(),
            new GradCamPlusPlus(),
            new HiResCam(),
            new LayerCam(),
            new EigenCam(),
            new ScoreCam(),
            new AblationCam(),
            new ActivationMap(),
        ];
        Tensor input = tensor(
            [.. Enumerable.Range(0, 3 * 8 * 8).Select(i => (float)Fixture.Uniform(5, (uint)i) - 0.5f)],
            [1, 3, 8, 8]
        );
        using Ordered first = new(SpatialLayout.ChannelsFirst),
            last = new(SpatialLayout.ChannelsLast),
            tokens = new(SpatialLayout.Tokens(0, 4, 4)),
            classToken = new(SpatialLayout.Tokens(1, 4, 4));

        foreach (ExplanationMethod method in methods)
        {
            float[] expected = Explained(first).Maps[0].Values.ToArray();
            foreach (Ordered other in (Ordered[])[last, tokens, classToken])
            {
                Explanation seen = Explained(other);
                Assert.Equal(other.Layout, seen.Layout);
                Assert.Equal((4, 4), (seen.Maps[0].Height, seen.Maps[0].Width));

                // Means and products of 16 places and 5 channels, in other orders.
                double tolerance = Tolerance.Rounding(64) * expected.Max(Math.Abs);
                Assert.All(expected.Zip(seen.Maps[0].Values.ToArray()), pair => Assert.Equal(pair.First, pair.Second, tolerance));
            }

            Explanation Explained(Ordered network) =>
                method.Explain(network, input, new ExplanationOptions { Layers = ["turn"], Target = Target.Class(1) })[0];
        }
    }

    [Fact]
    public void A_layout_can_be_stated_and_is_kept_in_files()
    {
        using var folder = new TemporaryFolder();
        using Ordered network = new(SpatialLayout.Tokens(0, 4, 4));
        Tensor input = ones(1, 3, 8, 8);
        var options = new ExplanationOptions { Layers = ["turn"], Layout = SpatialLayout.Tokens(0, 2, 8) };

        Explanation seen = new ActivationMap().Explain(network, input, options)[0];
        ExplanationFile.Save([seen], folder["seen.safetensors"]);

        Assert.Equal((2, 8), (seen.Maps[0].Height, seen.Maps[0].Width));
        Assert.Equal(options.Layout, ExplanationFile.Load(folder["seen.safetensors"])[0].Layout);
        Assert.Contains(
            "outputs 1×16×5, which is not 3×3 tokens after 0 leading tokens",
            Assert
                .Throws<ArgumentException>(() =>
                    new ActivationMap().Explain(network, input, options with { Layout = SpatialLayout.Tokens(0, 3, 3) })
                )
                .Message
        );
    }

    /// <summary>A convolution to 5×4×4, the same numbers in an order of dimensions, and two classes from their means.</summary>
    private sealed class Ordered : nn.Module<Tensor, Tensor>
    {
#pragma warning disable IDE1006 // torch registers fields under their names
        private readonly TorchSharp.Modules.Conv2d conv;
        private readonly Turn turn;
        private readonly TorchSharp.Modules.Linear fc;
#pragma warning restore IDE1006

        public Ordered(SpatialLayout layout)
            : base(nameof(Ordered))
        {
            Layout = layout;
            conv = nn.Conv2d(3, 5, kernel_size: 2, stride: 2);
            turn = new Turn(layout);
            fc = nn.Linear(5, 2);
            RegisterComponents();
            uint stream = 40;
            foreach (TorchSharp.Modules.Parameter weight in parameters())
            {
                uint of = stream++;
                using IDisposable noGradients = no_grad();
                weight.copy_(
                    tensor(
                        [.. Enumerable.Range(0, (int)weight.numel()).Select(i => (float)Fixture.Uniform(of, (uint)i) - 0.5f)],
                        weight.shape
                    )
                );
            }

            eval();
        }

        public SpatialLayout Layout { get; }

        public override Tensor forward(Tensor input) =>
            fc.call((Layout.ToChannelsFirst(turn.call(conv.call(input))).square()).mean([2, 3]));
    }

    private sealed class Turn(SpatialLayout layout) : nn.Module<Tensor, Tensor>(nameof(Turn))
    {
        public override Tensor forward(Tensor input) =>
            layout.Order switch
            {
                SpatialOrder.ChannelsFirst => input + 0,
                SpatialOrder.ChannelsLast => input.permute(0, 2, 3, 1) + 0,
                _ => cat([zeros(input.shape[0], layout.LeadingTokens, input.shape[1]), input.flatten(2).transpose(1, 2)], 1),
            };
    }
}
