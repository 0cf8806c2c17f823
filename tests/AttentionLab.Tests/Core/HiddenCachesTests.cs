using AttentionLab.Core;
using AttentionLab.Training;
using TorchSharp;
using static TorchSharp.torch;

namespace AttentionLab.Tests.Core;

/// <summary>Machines that hide the processor's caches: torch must neither end the process nor return wrong values.</summary>
public sealed class HiddenCachesTests
{
    [Theory]
    [InlineData(0x20u, 0x1C004121u, 0x80000008u, 0u, false)] // Intel, Skylake
    [InlineData(0x10u, 0u, 0x80000028u, 0x4121u, false)] // AMD, Zen 4
    [InlineData(0x10u, 0u, 0x80000021u, 0u, true)] // AMD, Zen 5 in a virtual machine that hides them
    [InlineData(0x2u, 0x4121u, 0x80000008u, 0x4121u, true)] // neither leaf exists, so what is read there means nothing
    public void Caches_are_hidden_where_no_leaf_describes_one(uint last, uint intel, uint lastOfAmd, uint amd, bool hidden) =>
        Assert.Equal(
            hidden,
            HiddenCaches.AreHidden(leaf =>
                leaf switch
                {
                    0 => last,
                    4 => intel,
                    0x80000000 => lastOfAmd,
                    0x8000001D => amd,
                    _ => throw new InvalidOperationException($"Leaf {leaf:x} was not expected."),
                }
            )
        );

    [Fact]
    public void Mixed_precision_is_not_taken_where_it_is_slower()
    {
        Assert.SkipUnless(HiddenCaches.AreHere, "This machine names its caches.");
        Assert.False(MixedPrecision.PaysOn(CPU));
    }

    // oneDNN divided by zero in 1 x 1 convolutions of many channels.
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(16)]
    public void A_1x1_convolution_is_a_product_of_matrices(int pictures)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor input = arange(pictures * 256 * 49, dtype: float32).reshape(pictures, 256, 7, 7).remainder(5),
            weight = arange(512 * 256, dtype: float32).reshape(512, 256, 1, 1).remainder(3);
        Tensor expected = einsum("oc,ncyx->noyx", weight.reshape(512, 256).to(float64), input.to(float64));

        Tensor output = nn.functional.conv2d(input, weight, strides: [1, 1], padding: [0, 0]);

        Assert.True(output.to(float64).Equals(expected), "Sums of whole numbers below 2^24 are exact.");
    }
}
