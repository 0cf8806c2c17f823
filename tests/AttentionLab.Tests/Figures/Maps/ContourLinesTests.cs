using AttentionLab.Figures;
using CsCheck;

namespace AttentionLab.Tests.Figures.Maps;

[Trait("Kind", "Numeric")]
public sealed class ContourLinesTests
{
    [Fact]
    public void A_line_crosses_where_the_value_lies_between_two_pixels()
    {
        float[,] map =
        {
            { 0, 4 },
            { 0, 4 },
        };
        IReadOnlyList<(double X, double Y)> line = Assert.Single(ContourLines.Trace(map, 1));
        Assert.Equal([(0.25, 0), (0.25, 1)], line.OrderBy(point => point.Y));
    }

    [Fact]
    public void A_hill_is_ringed_once_and_closed_with_the_hill_on_the_left()
    {
        float[,] map =
        {
            { 0, 0, 0 },
            { 0, 1, 0 },
            { 0, 0, 0 },
        };
        IReadOnlyList<(double X, double Y)> line = Assert.Single(ContourLines.Trace(map, 0.5));
        Assert.Equal(line[0], line[^1]);
        Assert.Equal([(0.5, 1), (1, 0.5), (1, 1.5), (1.5, 1)], line.Skip(1).Order());

        // The rows grow downwards: with the hill on the left one walks against the clock, and the area in these coordinates is
        // negative.
        Assert.Equal(
            -0.5,
            line.Zip(line.Skip(1)).Sum(pair => (pair.First.X * pair.Second.Y) - (pair.Second.X * pair.First.Y)) / 2,
            Tolerance.RoundingInDouble(16)
        );
    }

    [Theory]
    [InlineData(0.6f, "joined")] // mean 0.55: the high corners belong together
    [InlineData(0.2f, "apart")] // mean 0.4
    public void At_a_saddle_the_mean_decides(float low, string expected)
    {
        float[,] map =
        {
            { 1, low - 0.2f },
            { low - 0.2f, 1 },
        };
        float mean = (2 + (2 * (low - 0.2f))) / 4;
        double level = expected == "joined" ? mean - 0.01 : mean + 0.01;
        IReadOnlyList<IReadOnlyList<(double X, double Y)>> lines = ContourLines.Trace(map, level);
        Assert.Equal(2, lines.Count);

        // Joined, each line cuts off a low corner; apart, a high one.
        bool cutsOffTopRight = lines.Any(line =>
            line.All(point => point.X >= 0.5 || point.Y == 0)
            && line.Any(point => point.Y == 0)
            && line.Any(point => point.X == 1)
        );
        Assert.Equal(expected == "joined", cutsOffTopRight);
    }

    [Fact]
    public void A_level_that_no_pixel_passes_has_no_line()
    {
        Assert.Empty(ContourLines.Trace(new float[3, 3], 1));
        Assert.Empty(ContourLines.Trace(new float[3, 3], -1));
        Assert.Empty(ContourLines.Trace(new float[1, 3], 0.5));
    }

    [Fact]
    public void Every_point_has_the_level_and_every_line_closes_or_ends_at_the_edge() =>
        Gen.Int[-3, 3]
            .Array[48]
            .Select(Gen.Double[-2.9, 2.9])
            .Sample(
                (values, level) =>
                {
                    var map = new float[6, 8];
                    Buffer.BlockCopy(values.Select(value => (float)value).ToArray(), 0, map, 0, 48 * sizeof(float));
                    foreach (IReadOnlyList<(double X, double Y)> line in ContourLines.Trace(map, level))
                    {
                        Assert.All(
                            line,
                            point => Assert.Equal(level, Bilinear(map, point), 8 * 6 * Tolerance.RoundingInDouble(16))
                        );
                        Assert.True(line[0] == line[^1] || (OnEdge(line[0]) && OnEdge(line[^1])));
                    }
                },
                iter: 200
            );

    [Fact]
    public void What_is_not_finite_is_refused()
    {
        Assert.Throws<ArgumentException>(() => ContourLines.Trace(new float[2, 2], double.NaN));
        Assert.Throws<ArgumentException>(() => ContourLines.Trace(Pixels.Map(2, 2, float.PositiveInfinity), 0));
        Assert.Throws<ArgumentException>(() => ContourLines.Trace(new float[0, 2], 0));
    }

    private static bool OnEdge((double X, double Y) point) => point.X is 0 or 7 || point.Y is 0 or 5;

    private static double Bilinear(float[,] map, (double X, double Y) point)
    {
        int x = Math.Min((int)point.X, 6),
            y = Math.Min((int)point.Y, 4);
        double right = point.X - x,
            down = point.Y - y;
        return ((1 - down) * (((1 - right) * map[y, x]) + (right * map[y, x + 1])))
            + (down * (((1 - right) * map[y + 1, x]) + (right * map[y + 1, x + 1])));
    }
}
