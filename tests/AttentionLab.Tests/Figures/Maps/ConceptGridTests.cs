using System.Drawing;
using System.Globalization;
using AttentionLab.Core;
using AttentionLab.Figures;
using Image = AttentionLab.Imaging.Image;

namespace AttentionLab.Tests.Figures.Maps;

[Trait("Kind", "Numeric")]
public sealed class ConceptGridTests
{
    private static readonly CultureInfo English = new("en-US");
    private static readonly Image Black = Pixels.Plain(2, 2, 0, 0, 0);

    [Fact]
    public void The_strongest_concept_at_each_place_has_its_colour()
    {
        // Of 2×2 pixels, 48 wide in the figure: above, the first concept; left below the second; right below none.
        Heatmap first =
                new float[,]
                {
                    { 4, 4 },
                    { 1, 0 },
                },
            second =
                new float[,]
                {
                    { 0, 0 },
                    { 2, 0 },
                };
        Pixels pixels = Pixels.Of(
            new ConceptGrid(
                [Black],
                [
                    [first],
                    [second],
                ]
            )
            {
                Opacity = 1,
                Culture = English,
            }
        );
        var blue = pixels.Find(ChartColors.Palette[0], 0);
        var orange = pixels.Find(ChartColors.Palette[1], 0);
        int cell = 48 * 48;
        Assert.InRange(blue.Count, 4 * cell, (4 * cell) + 100); // two places in all, two by itself
        Assert.InRange(orange.Count, 2 * cell, (2 * cell) + 100); // one and one
        Assert.Equal(blue.Left, orange.Left); // the column of both
        Color quarter = Color.FromArgb((int)Math.Round(0x1f / 4.0), (int)Math.Round(0x77 / 4.0), (int)Math.Round(0xb4 / 4.0));
        Assert.InRange(pixels.Find(quarter, 0).Count, cell, cell + 100); // the first by itself, 1 of 4
        pixels.AssertWhiteEdges();
    }

    [Fact]
    public void A_picture_is_grey_where_no_concept_is()
    {
        Pixels pixels = Pixels.Of(
            new ConceptGrid(
                [Pixels.Plain(1, 1, 255, 0, 0)],
                [
                    [new float[1, 1]],
                ]
            )
            {
                Culture = English,
            }
        );
        Assert.InRange(pixels.Find(Color.FromArgb(76, 76, 76), 0).Count, 2 * 96 * 96, (2 * 96 * 96) + 100); // 0.299·255
    }

    [Fact]
    public void Its_sentence_names_the_concepts_in_both_languages()
    {
        Heatmap map = new float[2, 2];
        Assert.Equal(
            "Concepts (2: Concept 1, Concept 2) in pictures (1).",
            new ConceptGrid(
                [Black],
                [
                    [map],
                    [map],
                ]
            )
            {
                Culture = English,
            }.AltText
        );
        Assert.Equal(
            "1 幅图片中的 2 个概念：甲、乙。",
            new ConceptGrid(
                [Black],
                [
                    [map],
                    [map],
                ],
                ["甲", "乙"]
            )
            {
                Culture = new("zh-CN"),
            }.AltText
        );
    }

    [Fact]
    public void What_does_not_fit_is_refused()
    {
        Heatmap map = new float[2, 2];
        Assert.Contains(
            "these are 0 and 1",
            Refusal(
                [],
                [
                    [],
                ]
            ),
            StringComparison.Ordinal
        );
        Assert.Contains(
            "these are 1 and 11",
            Refusal([Black], [.. Enumerable.Repeat(new[] { map }, 11)]),
            StringComparison.Ordinal
        );
        Assert.Contains(
            "Concept 1 has 0 maps for 1 pictures",
            Refusal(
                [Black],
                [
                    [],
                ]
            ),
            StringComparison.Ordinal
        );
        Assert.Contains(
            "2 concepts need as many captions",
            Refusal(
                [Black],
                [
                    [map],
                    [map],
                ],
                ["a"]
            ),
            StringComparison.Ordinal
        );
        Assert.NotEmpty(
            Refusal(
                [Black],
                [
                    [new float[3, 2]],
                ]
            )
        );
    }

    private static string Refusal(Image[] pictures, Heatmap[][] maps, string[]? captions = null) =>
        Assert.Throws<ArgumentException>(() => new ConceptGrid(pictures, maps, captions)).Message;
}
