using AttentionLab.Models;
using static TorchSharp.torch;

namespace AttentionLab.Tests.Models;

[Trait("Kind", "Numeric")]
public class ChannelMeanTests
{
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Is_average_pooling_to_one_number(bool channelsLast)
    {
        using var scope = NewDisposeScope();
        Tensor values = arange(2 * 3 * 4 * 5, ScalarType.Float32).sin();
        Tensor Input() =>
            (channelsLast ? values.reshape(2, 4, 5, 3).permute(0, 3, 1, 2) : values.reshape(2, 3, 4, 5))
                .detach()
                .requires_grad_(true);
        Tensor mine = Input(),
            theirs = Input(),
            weight = arange(6, ScalarType.Float32).reshape(2, 3, 1, 1);

        Tensor mean = new ChannelMean().call(mine),
            pooled = nn.AdaptiveAvgPool2d(1).call(theirs);
        (mean * weight).sum().backward();
        (pooled * weight).sum().backward();

        Assert.Equal([2, 3, 1, 1], mean.shape);
        // Both add up 20 values of at most 1 in float32, in their own order, and divide by 20.
        Assert.True((mean - pooled).abs().max().item<float>() <= 2 * 20 * Tolerance.Float32Unit);
        Assert.True(mine.grad!.allclose(theirs.grad!, rtol: 4 * Tolerance.Float32Unit, atol: 0)); // weight / 20

        // The layout is what the module is for: the gradient lies in memory as the input does.
        Assert.Equal(channelsLast ? [60, 1, 15, 3] : mine.grad!.stride(), mine.grad!.stride());
    }
}
