using System.Drawing;
using System.Globalization;
using AttentionLab.Figures;
using AttentionLab.Imaging;

namespace AttentionLab.Tests.Figures.Maps;

[Trait("Kind", "Numeric")]
public sealed class ImageGridTests
{
    [Fact]
    public void Pictures_are_enlarged_by_a_whole_factor_with_crisp_edges()
    {
        // 2×2 pixels at 96: each becomes 48×48.
        var picture = new Image(2, 2, [255, 0, 0, 0, 255, 0, 0, 0, 255, 0, 0, 0]);
        Pixels pixels = Pixels.Of(new ImageGrid([picture]), 2);
        Assert.Equal(96 * 96, pixels.Find(Color.FromArgb(255, 0, 0), 0).Count);
        Assert.Equal(96 * 96, pixels.Find(Color.FromArgb(0, 255, 0), 0).Count);
        (int left, int top, int right, int bottom, int count) = pixels.Find(Color.FromArgb(0, 0, 255), 0);
        Assert.Equal(96 * 96, count);
        Assert.Equal((96, 96), (right - left + 1, bottom - top + 1));
        pixels.AssertWhiteEdges();
    }

    [Fact]
    public void The_alternative_text_has_captions_or_the_title_or_neither()
    {
        Image[] two = [Pixels.Plain(4, 4, 1, 2, 3), Pixels.Plain(4, 4, 4, 5, 6)];
        CultureInfo english = CultureInfo.GetCultureInfo("en");
        Assert.Equal("Pictures in a grid (2): a, b.", new ImageGrid(two, ["a", "b"]) { Culture = english }.AltText);
        Assert.Equal("Pictures in a grid (2): moons.", new ImageGrid(two) { Title = "moons", Culture = english }.AltText);
        Assert.Equal("Pictures in a grid (2).", new ImageGrid(two) { Culture = english }.AltText);
    }

    [Fact]
    public void Columns_wrap()
    {
        Image[] pictures = [.. Enumerable.Range(0, 5).Select(i => Pixels.Plain(4, 4, (byte)(40 * i), 200, 0))];
        Pixels pixels = Pixels.Of(new ImageGrid(pictures, ["a", "b", "c", "d", "e"]) { Columns = 3 });
        var places = pictures.Select((_, i) => pixels.Find(Color.FromArgb(40 * i, 200, 0), 0)).ToArray();
        Assert.All(places, p => Assert.Equal(96 * 96, p.Count));
        Assert.Equal(places[0].Top, places[2].Top);
        Assert.True(places[3].Top > places[0].Bottom);
        Assert.Equal(places[0].Left, places[3].Left);
        Assert.Equal(places[1].Left, places[4].Left);
        Assert.True(
            pixels.Ink(places[4].Left, places[1].Bottom + 1, places[4].Right, places[4].Top) > 5,
            "The caption of the last picture is missing."
        );
    }

    [Fact]
    public void Pictures_of_several_sizes_keep_their_proportions()
    {
        Pixels pixels = Pixels.Of(new ImageGrid([Pixels.Plain(200, 100, 255, 0, 0), Pixels.Plain(8, 4, 0, 0, 255)]));
        var large = pixels.Find(Color.FromArgb(255, 0, 0), 0);
        var small = pixels.Find(Color.FromArgb(0, 0, 255), 0);
        Assert.Equal((48, 96), (large.Right - large.Left + 1, large.Bottom - large.Top + 1));
        Assert.Equal((48, 96), (small.Right - small.Left + 1, small.Bottom - small.Top + 1));
    }

    [Fact]
    public void The_same_figure_gives_the_same_bytes()
    {
        ImageGrid Make() => new([Pixels.Plain(4, 4, 1, 2, 3)], ["猫"]) { Title = "T", Culture = CultureInfo.InvariantCulture };
        Assert.Equal(Make().ToPng(), Make().ToPng());
    }

    [Fact]
    public void Several_threads_may_draw_at_once()
    {
        var figure = new ImageGrid([Pixels.Plain(4, 4, 1, 2, 3)], ["猫 and a caption"]) { Title = "T" };
        byte[] expected = figure.ToPng();
        Parallel.For(0, 16, _ => Assert.Equal(expected, figure.ToPng()));
    }

    [Fact]
    public void Scale_multiplies_the_size()
    {
        var figure = new ImageGrid([Pixels.Plain(4, 4, 1, 2, 3)]);
        Pixels one = Pixels.Of(figure),
            three = Pixels.Of(figure, 3);
        Assert.Equal((3 * one.Width, 3 * one.Height), (three.Width, three.Height));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(-1)]
    [InlineData(double.NaN)]
    [InlineData(1000)]
    public void A_scale_that_cannot_be_drawn_is_refused(double scale) =>
        Assert.Throws<ArgumentOutOfRangeException>(() => new ImageGrid([Pixels.Plain(4, 4, 1, 2, 3)]).ToPng(scale));

    [Fact]
    public void No_picture_is_refused() => Assert.Throws<ArgumentException>(() => new ImageGrid([]));

    [Fact]
    public void Captions_that_do_not_match_are_refused()
    {
        ArgumentException error = Assert.Throws<ArgumentException>(() =>
            new ImageGrid([Pixels.Plain(4, 4, 1, 2, 3)], ["a", "b"])
        );
        Assert.Contains("1 pictures need as many captions; there are 2", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void It_is_saved_with_the_folders_that_are_missing()
    {
        string folder = Path.Combine(Path.GetTempPath(), $"attentionlab-{Guid.NewGuid():N}");
        try
        {
            var figure = new ImageGrid([Pixels.Plain(4, 4, 1, 2, 3)]);
            string path = Path.Combine(folder, "a", "b.png");
            figure.Save(path);
            Assert.Equal(figure.ToPng(), File.ReadAllBytes(path));
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }
}
