using AttentionLab.Core;

namespace AttentionLab.Tests.Core;

[Trait("Kind", "Numeric")]
public sealed class HeatmapScalingTests
{
    [Fact]
    public void Each_on_its_own_reaches_from_0_to_1()
    {
        Heatmap map = new float[,]
        {
            { -1, 1 },
            { 3, 0 },
        };
        // The epsilon of 1e−8 is below the rounding of a quotient of 4; the last rounding is to float32.
        Assert.Equal([0, 0.5f, 1, 0.25f], map.MinMax().Flat(), (a, b) => Math.Abs(a - b) <= Tolerance.Rounding(1));
    }

    [Fact]
    public void Together_they_keep_their_proportions()
    {
        IReadOnlyList<Heatmap> scaled = Heatmap.MinMaxTogether(Row(0, 2), Row(4, 1));
        Assert.Equal([0, 0.5f], scaled[0].Flat(), (a, b) => Math.Abs(a - b) <= Tolerance.Rounding(1));
        Assert.Equal([1, 0.25f], scaled[1].Flat(), (a, b) => Math.Abs(a - b) <= Tolerance.Rounding(1));
        Assert.Throws<ArgumentException>(() => Heatmap.MinMaxTogether());
    }

    [Fact]
    public void A_map_of_equal_values_becomes_0() => Assert.Equal([0, 0], Row(7, 7).MinMax().Flat());

    [Fact]
    public void Weak_maps_are_damped_by_the_tutorials_epsilon() =>
        Assert.Equal(0.5, Row(0, 1e-8f).MinMax()[0, 1], Tolerance.Rounding(2));

    [Fact]
    public void Clipping_cuts_what_overshoots()
    {
        Assert.Equal([0, 0.5f, 1], Row(-0.1f, 0.5f, 1.1f).Clip().Flat());
        Assert.Equal([-2, 0.5f, 3], Row(-7, 0.5f, 9).Clip(-2, 3).Flat());
        Assert.Throws<ArgumentException>(() => Row(1).Clip(1, 0));
        Assert.Throws<ArgumentException>(() => Row(1).Clip(float.NaN, 0));
    }

    [Fact]
    public void Rectifying_keeps_what_speaks_for_the_target() => Assert.Equal([0, 0, 2], Row(-3, 0, 2).Rectify().Flat());

    private static Heatmap Row(params float[] values) => new((1, values.Length), values);
}
