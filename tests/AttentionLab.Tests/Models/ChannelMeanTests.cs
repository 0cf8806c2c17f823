using AttentionLab.Models;
using static TorchSharp.torch;

namespace AttentionLab.Tests.Models;

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
        Assert.True(mean.allclose(pooled, 1e-6, 1e-7));
        Assert.True(mine.grad!.allclose(theirs.grad!, 1e-6, 1e-8));

        // The layout is what the module is for: the gradient lies in memory as the input does.
        Assert.Equal(channelsLast ? [60, 1, 15, 3] : mine.grad!.stride(), mine.grad!.stride());
    }
}
