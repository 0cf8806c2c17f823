using AttentionLab.Core;
using AttentionLab.Figures;
using AttentionLab.Imaging;
using CsCheck;

namespace AttentionLab.Tests.Core;

/// <summary>A map lies on the part of the photograph that the network saw.</summary>
public class PlacedMapTests
{
    private static readonly Heatmap Map = new float[,]
    {
        { 0, 1 },
        { 2, 3 },
    };

    [Fact]
    public void A_map_lies_on_the_pixels_of_its_part()
    {
        // Columns 1 to 4 of 6, rows 0 to 1 of 2. Along a row the centres lie at −1/4, 1/4, 3/4 and 5/4 of the map's values.
        Heatmap placed = (Map with { Part = new ImagePart(0, 1, 2, 4, 2, 6) }).Place(2, 6);

        Assert.Equal(new ImagePart(0, 1, 2, 4, 2, 6), placed.Part);
        Assert.Equal([0, 0.25f, 0.75f, 1, 2, 2.25f, 2.75f, 3], placed.Values.ToArray());
    }

    [Fact]
    public void Only_pixels_whose_centres_were_seen_have_values()
    {
        // From 0.6 to 2.5: the centres 1.5 and (2.5 is the edge) no more. A letterbox sees more than the picture.
        Heatmap placed = (Map with { Part = new ImagePart(-1, 0.6, 3, 1.9, 1, 3) }).Place(1, 3);

        Assert.Equal(new ImagePart(0, 1, 1, 1, 1, 3), placed.Part);

        // Row 0.5 of −1 to 2 is the middle, between 0 and 2; column 1.5 of 0.6 to 2.5 is 0.9 / 1.9 of it.
        Assert.Equal(1 + (0.9 / 1.9 * 2) - 0.5, placed.Values[0], 4 * Tolerance.Float32Unit);
    }

    [Fact]
    public void A_map_of_a_whole_picture_is_resized() =>
        Gen.Select(Gen.Int[1, 9], Gen.Int[1, 9])
            .Sample(
                (height, width) =>
                {
                    Heatmap whole = Map with { Part = ImagePart.Whole(7, 5) };
                    Assert.Equal(Map.Resize(height, width).Values.ToArray(), whole.Place(height, width).Values.ToArray());
                    Assert.Equal(Map.Resize(height, width), Map.Place(height, width));
                }
            );

    [Fact]
    public void The_rest_of_the_photograph_stays_as_it_is()
    {
        Image photo = new(1, 3, [10, 20, 30, 40, 50, 60, 70, 80, 90]);
        Heatmap map = new Heatmap(
            new float[,]
            {
                { 1 },
            }
        ) with
        {
            Part = new ImagePart(0, 1, 1, 1, 1, 3),
        };

        byte[] blended = photo.Blend(map.Place(1, 3), ColorMap.Jet, opacity: 1, new ValueRange(0, 1)).Rgb;
        byte[] masked = photo.Mask(map.Place(1, 3), 0.5, brightness: 0).Rgb;

        Assert.Equal([10, 20, 30, 128, 0, 0, 70, 80, 90], blended);
        Assert.Equal([0, 0, 0, 40, 50, 60, 0, 0, 0], masked);
    }

    [Fact]
    public void A_figure_lays_the_map_there_at_the_photographs_resolution()
    {
        Image photo = new(40, 60, new byte[7200]);
        MapOverlay figure = (Map with { Part = new ImagePart(0, 5, 20, 20, 20, 30) }).Over(photo);

        Assert.Equal((40, 40), (figure.Map.Height, figure.Map.Width));
        Assert.Equal(new ImagePart(0, 10, 40, 40, 40, 60), figure.Map.Part);
        Assert.Contains("\"x0\":10", figure.ToPlotlyJson(), StringComparison.Ordinal);
        Assert.Contains(
            "place it first, map.Place(40, 60)",
            Assert.Throws<ArgumentException>(() => new MapOverlay(photo, Map with { Part = ImagePart.Whole(4, 6) })).Message
        );
    }

    [Theory]
    [InlineData(0, 0, 0, 1)]
    [InlineData(0, 5, 1, 1)]
    [InlineData(-1, 0, 1, 1)]
    [InlineData(double.NaN, 0, 1, 1)]
    public void A_part_lies_on_its_picture(double top, double left, double height, double width) =>
        Assert.Throws<ArgumentException>(() => new ImagePart(top, left, height, width, 5, 5));
}
