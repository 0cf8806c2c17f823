using System.Drawing;
using AttentionLab.Core;
using AttentionLab.Imaging;
using Image = AttentionLab.Imaging.Image;

namespace AttentionLab.Figures;

/// <summary>
/// Concepts in pictures: a row for each picture, with the strongest concept at each place in its colour, and then each concept by
/// itself. All of a concept's maps share one scale from 0, so that its maps compare.
/// </summary>
public sealed class ConceptGrid : MapFigure
{
    private readonly double[] _largest;
    private readonly string[]? _captions;

    /// <summary>Makes the grid.</summary>
    /// <param name="pictures">The rows from the top.</param>
    /// <param name="concepts">Of each concept a map for each picture, in the same order, of its picture's size and not
    /// negative.</param>
    /// <param name="captions">What the concepts are called; null for their numbers from 1.</param>
    /// <exception cref="ArgumentException">There is no picture or no concept, more than ten concepts, a concept has another
    /// number of maps than there are pictures, or a map is not of its picture's size.</exception>
    public ConceptGrid(
        IReadOnlyList<Image> pictures,
        IReadOnlyList<IReadOnlyList<Heatmap>> concepts,
        IReadOnlyList<string>? captions = null
    )
        : base(tileSize: 96)
    {
        ArgumentNullException.ThrowIfNull(pictures);
        ArgumentNullException.ThrowIfNull(concepts);
        if (pictures.Count == 0 || concepts.Count == 0 || concepts.Count > ChartColors.Palette.Count)
        {
            throw new ArgumentException(
                $"A grid shows one picture or more and one to {ChartColors.Palette.Count} concepts; these are {pictures.Count} "
                    + $"and {concepts.Count}.",
                pictures.Count == 0 ? nameof(pictures) : nameof(concepts)
            );
        }

        if (captions is not null && captions.Count != concepts.Count)
        {
            throw new ArgumentException(
                $"{concepts.Count} concepts need as many captions; there are {captions.Count}.",
                nameof(captions)
            );
        }

        for (int k = 0; k < concepts.Count; k++)
        {
            if (concepts[k].Count != pictures.Count)
            {
                throw new ArgumentException(
                    $"Concept {k + 1} has {concepts[k].Count} maps for {pictures.Count} pictures: it needs one for each.",
                    nameof(concepts)
                );
            }

            for (int r = 0; r < pictures.Count; r++)
            {
                HeatmapImage.ThrowUnlessFits(concepts[k][r], pictures[r], nameof(concepts));
            }
        }

        (Pictures, Concepts, _captions) = ([.. pictures], [.. concepts], captions?.ToArray());
        _largest = [.. concepts.Select(maps => maps.Max(map => (double)map.Max))];
        Opacity = 0.8;
    }

    /// <summary>The pictures.</summary>
    public IReadOnlyList<Image> Pictures { get; }

    /// <summary>Of each concept a map for each picture.</summary>
    public IReadOnlyList<IReadOnlyList<Heatmap>> Concepts { get; }

    /// <summary>What the concepts are called.</summary>
    public IReadOnlyList<string> Captions =>
        _captions ?? [.. Enumerable.Range(1, Concepts.Count).Select(k => FigureText.Concept.In(Culture, k))];

    /// <inheritdoc/>
    public override string AltText =>
        FigureText.ConceptsAlt.In(Culture, Concepts.Count, Pictures.Count, FigureText.And.Join(Culture, Captions));

    private protected override Drawing Compose()
    {
        int[] all = [.. Enumerable.Range(0, Concepts.Count)];
        var tiles = new List<Tile?>();
        for (int r = 0; r < Pictures.Count; r++)
        {
            tiles.Add(new Tile(Pictures[r], ""));
            tiles.Add(new Tile(Coloured(r, all), r == 0 ? FigureText.StrongestConcept.In(Culture) : ""));
            tiles.AddRange(all.Select(k => new Tile(Coloured(r, [k]), r == 0 ? Captions[k] : "")));
        }

        return new TileGrid(tiles, 2 + Concepts.Count, TileSize, 12, Title, FigureText.ConceptsNote.In(Culture)).Compose();
    }

    /// <summary>A picture in grey under the colour of the strongest of some concepts at each pixel, as opaque as it is
    /// strong.</summary>
    private Image Coloured(int picture, int[] concepts)
    {
        Image below = Pictures[picture];
        var rgb = new byte[below.Rgb.Length];
        for (int i = 0; i < rgb.Length; i += 3)
        {
            (int row, int column) = Math.DivRem(i / 3, below.Width);
            (int strongest, double strength) = (0, 0);
            foreach (int k in concepts)
            {
                if (StrengthOf(k, picture, row, column) is var here && here > strength)
                {
                    (strongest, strength) = (k, here);
                }
            }

            Color colour = ChartColors.Palette[strongest];
            double grey = below.LumaAt(i),
                opacity = Opacity * strength;
            rgb[i] = Mixed(grey, colour.R, opacity);
            rgb[i + 1] = Mixed(grey, colour.G, opacity);
            rgb[i + 2] = Mixed(grey, colour.B, opacity);
        }

        return new Image(below.Height, below.Width, rgb);
    }

    /// <summary>In [0, 1], 1 at the concept's largest value in all pictures; 0 where the network did not look.</summary>
    private double StrengthOf(int concept, int picture, int row, int column) =>
        _largest[concept] > 0 && HeatmapImage.ValueAt(Concepts[concept][picture], row, column) is { } value
            ? Math.Clamp(value / _largest[concept], 0, 1)
            : 0;

    private static byte Mixed(double below, byte above, double opacity) =>
        (byte)Math.Round(((1 - opacity) * below) + (opacity * above));
}
