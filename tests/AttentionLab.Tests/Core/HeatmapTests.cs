using System.Globalization;
using AttentionLab.Core;
using CsCheck;

namespace AttentionLab.Tests.Core;

public sealed class HeatmapTests
{
    private static readonly Heatmap Sample = new Heatmap(
        new float[,]
        {
            { -1, 0, 2 },
            { 0.5f, 2, 1 },
        }
    )
    {
        Method = "grad-cam",
        Layer = "conv3",
        Target = "class 3",
    };

    [Fact]
    public void It_knows_its_size_its_range_and_where_it_is_largest()
    {
        Assert.Equal((2, 3, 6), (Sample.Height, Sample.Width, Sample.Length));
        Assert.Equal(new ValueRange(-1, 2), Sample.Range);
        Assert.Equal((0, 2), Sample.Peak); // the first of two
        Assert.Equal(0.75, Sample.Mean);
        Assert.True(Sample.IsSigned);
        Assert.False(Sample.IsConstant);
        Assert.Equal(0.5f, Sample[1, 0]);
        Assert.Equal([-1, 0, 2, 0.5f, 2, 1], Sample.Values.ToArray());
    }

    [Fact]
    public void Energy_inside_counts_what_is_positive_and_a_half_covered_pixel_by_half() =>
        // (2 + 0.5·102/255 + 0·2 + 0·1) / 5.5; what is negative does not count.
        Assert.Equal(2.2 / 5.5, Sample.ShareOfEnergy([255, 255, 255, 102, 0, 0]), Tolerance.RoundingInDouble(16));

    [Fact]
    public void Without_positive_values_the_share_is_that_of_the_picture() =>
        Assert.Equal(0.25, new Heatmap(new float[2, 2]).ShareOfEnergy([255, 0, 0, 0]));

    [Fact]
    public void It_keeps_a_copy()
    {
        float[,] values = new float[1, 2];
        Heatmap map = values;
        values[0, 0] = 7;
        map.ToArray()[0, 1] = 8;
        Assert.Equal([0, 0], map.Flat());
    }

    [Theory]
    [InlineData(float.NaN)]
    [InlineData(float.PositiveInfinity)]
    [InlineData(float.NegativeInfinity)]
    public void What_is_not_finite_is_refused_with_its_place(float value)
    {
        float[,] values = new float[4, 5];
        values[2, 3] = value;
        Assert.Contains(
            "row 2, column 3",
            Assert.Throws<ArgumentException>(() => new Heatmap(values)).Message,
            StringComparison.Ordinal
        );
    }

    [Fact]
    public void Empty_maps_and_places_outside_are_refused()
    {
        Assert.Throws<ArgumentException>(() => new Heatmap(new float[0, 3]));
        Assert.Throws<ArgumentException>(() => new Heatmap(new float[3, 0]));
        Assert.Throws<ArgumentNullException>(() => new Heatmap(null!));
        Assert.Throws<ArgumentOutOfRangeException>(() => Sample[2, 0]);
        Assert.Throws<ArgumentOutOfRangeException>(() => Sample[0, 3]);
        Assert.Throws<ArgumentOutOfRangeException>(() => Sample[0, -1]);
        Assert.Throws<ArgumentException>(() => Sample.ShareOfEnergy([255]));
        Assert.Throws<ArgumentException>(() => Sample.RankCorrelation(new float[2, 2]));
    }

    [Fact]
    public void Equality_goes_by_size_values_and_names()
    {
        Heatmap same = Sample with { };
        Assert.Equal(Sample, same);
        Assert.Equal(Sample.GetHashCode(), same.GetHashCode());
        Assert.NotEqual(Sample, Sample with { Layer = "conv2" });
        Assert.NotEqual<Heatmap>(new float[1, 2], new float[2, 1]);
        Assert.NotEqual<Heatmap>(
            new float[,]
            {
                { 0, 1 },
            },
            new float[1, 2]
        );
    }

    [Fact]
    public void Names_survive_what_changes_the_values()
    {
        foreach (
            Heatmap changed in new[] { Sample.MinMax(), Sample.Clip(), Sample.Resize(4, 4), Sample.ResizeCornerAligned(4, 4) }
        )
        {
            Assert.Equal(("grad-cam", "conv3", "class 3"), (changed.Method, changed.Layer, changed.Target));
        }
    }

    [Fact]
    public void Csv_is_a_line_for_each_row_in_any_culture()
    {
        CultureInfo before = CultureInfo.CurrentCulture;
        CultureInfo.CurrentCulture = new CultureInfo("de-DE");
        try
        {
            Assert.Equal("-1,0,2\n0.5,2,1\n", Sample.ToCsv());
            Assert.Equal(Sample.ToArray(), Heatmap.FromCsv("-1,0,2\r\n0.5,2,1\r\n").ToArray());
            Assert.Equal("grad-cam at conv3 for class 3: 2×3, -1 to 2, largest at row 0, column 2", Sample.ToString());
            Assert.Equal("1×2, 0.5 everywhere", Heatmap.FromCsv("0.5,0.5").ToString());
        }
        finally
        {
            CultureInfo.CurrentCulture = before;
        }
    }

    [Fact]
    public void Csv_read_back_is_the_same_to_the_last_bit() =>
        Gen.Select(Gen.Int[1, 5], Gen.Int[1, 5])
            .SelectMany(size =>
                Gen.Float.Where(float.IsFinite)
                    .Array[size.Item1 * size.Item2]
                    .Select(values => new Heatmap((size.Item1, size.Item2), values))
            )
            .Sample(map =>
            {
                Heatmap read = Heatmap.FromCsv(map.ToCsv());
                return read == map
                    && read.Flat()
                        .Select(BitConverter.SingleToInt32Bits)
                        .SequenceEqual(map.Flat().Select(BitConverter.SingleToInt32Bits));
            });

    [Theory]
    [InlineData("1,2\n3\n", "Row 1")]
    [InlineData("1,two", "'two' in row 0, column 1")]
    [InlineData("1;2", "'1;2'")]
    public void Text_that_holds_no_map_is_refused(string text, string message) =>
        Assert.Contains(message, Assert.Throws<FormatException>(() => Heatmap.FromCsv(text)).Message, StringComparison.Ordinal);

    [Fact]
    public void Empty_text_and_NaN_are_refused()
    {
        Assert.Throws<ArgumentException>(() => Heatmap.FromCsv(""));
        Assert.Throws<ArgumentException>(() => Heatmap.FromCsv("1,NaN"));
    }
}
