using AttentionLab.Core;

namespace AttentionLab.Tests.Core;

[Trait("Kind", "Numeric")]
public sealed class MapScalingTests
{
    [Fact]
    public void Each_on_its_own_reaches_from_0_to_1() =>
        Assert.Equal(
            [0, 0.5f, 1, 0.25f],
            MapScaling
                .MinMax(
                    new float[,]
                    {
                        { -1, 1 },
                        { 3, 0 },
                    }
                )
                .Cast<float>(),
            (a, b) => Math.Abs(a - b) < 1e-6
        );

    [Fact]
    public void Together_they_keep_their_proportions()
    {
        IReadOnlyList<float[,]> scaled = MapScaling.MinMaxTogether([
            new float[,]
            {
                { 0, 2 },
            },
            new float[,]
            {
                { 4, 1 },
            },
        ]);
        Assert.Equal([0, 0.5f], scaled[0].Cast<float>(), (a, b) => Math.Abs(a - b) < 1e-6);
        Assert.Equal([1, 0.25f], scaled[1].Cast<float>(), (a, b) => Math.Abs(a - b) < 1e-6);
    }

    [Fact]
    public void A_map_of_equal_values_becomes_0() =>
        Assert.Equal(
            [0, 0],
            MapScaling
                .MinMax(
                    new float[,]
                    {
                        { 7, 7 },
                    }
                )
                .Cast<float>()
        );

    [Fact]
    public void Weak_maps_are_damped_by_the_tutorials_epsilon() =>
        Assert.Equal(
            0.5,
            MapScaling.MinMax(
                new float[,]
                {
                    { 0, 1e-8f },
                }
            )[0, 1],
            1e-6
        );

    [Fact]
    public void Clipping_cuts_what_overshoots() =>
        Assert.Equal(
            [0, 0.5f, 1],
            MapScaling
                .Clip(
                    new float[,]
                    {
                        { -0.1f, 0.5f, 1.1f },
                    }
                )
                .Cast<float>()
        );

    [Fact]
    public void Nothing_and_broken_values_are_refused()
    {
        Assert.Throws<ArgumentException>(() => MapScaling.MinMaxTogether([]));
        Assert.Throws<ArgumentException>(() => MapScaling.MinMax(new float[3, 0]));
        Assert.Throws<ArgumentException>(() =>
            MapScaling.Clip(
                new[,]
                {
                    { float.PositiveInfinity },
                }
            )
        );
    }
}
