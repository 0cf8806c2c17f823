using System.Globalization;
using AttentionLab.Data;
using AttentionLab.Explain;
using AttentionLab.Imaging;

namespace AttentionLab.Figures;

/// <summary>A row of <see cref="HeatMapPanels"/> or <see cref="MethodGrid"/>: a picture, and the maps to lay over it.</summary>
/// <param name="Picture">H×W pixels.</param>
/// <param name="TrueClass">What it shows; null where nobody said.</param>
/// <param name="PredictedClass">What the network takes it for.</param>
/// <param name="Maps">In the order of the panels, at least one.</param>
public sealed record ImageWithMaps(Image Picture, string? TrueClass, string PredictedClass, params IReadOnlyList<MapPanel> Maps)
{
    /// <summary>
    /// A row for each explained picture of a set, with a map by each explanation under its method and layer, enlarged to the
    /// picture.
    /// </summary>
    /// <param name="images">Where the pictures are from.</param>
    /// <param name="indices">Which pictures of the set were explained, in the order of the explanations' N maps.</param>
    /// <param name="explanations">At least one, each with N maps; methods or layers, side by side.</param>
    /// <exception cref="ArgumentException">The list of explanations is empty, or one has another number of maps than there are
    /// indices.</exception>
    /// <exception cref="ArgumentOutOfRangeException">There is no such picture.</exception>
    public static IReadOnlyList<ImageWithMaps> Of(
        LabeledImages images,
        IReadOnlyList<int> indices,
        params IReadOnlyList<Explanation> explanations
    )
    {
        ArgumentNullException.ThrowIfNull(images);
        ArgumentNullException.ThrowIfNull(indices);
        ArgumentNullException.ThrowIfNull(explanations);
        if (explanations.Count == 0)
        {
            throw new ArgumentException("The list of explanations is empty: give at least one.", nameof(explanations));
        }

        if (explanations.FirstOrDefault(one => one.Maps.Count != indices.Count) is { } other)
        {
            throw new ArgumentException(
                $"{other.Method} at {other.Layer} has maps of {other.Maps.Count} pictures, and {indices.Count} are "
                    + "named: name those that were explained, in the same order.",
                nameof(indices)
            );
        }

        return
        [
            .. indices.Select(
                (index, i) =>
                {
                    LabeledImage image = images[index];
                    int predicted = explanations[0].Predictions[i];
                    return new ImageWithMaps(
                        image.Picture,
                        image.ClassName,
                        predicted < images.ClassNames.Count ? images.ClassNames[predicted] : $"output {predicted}",
                        [
                            .. explanations.Select(one => new MapPanel(one.ToHeatMap(i, images.Height, images.Width))
                            {
                                Title = $"{one.Method}\n{one.Layer}",
                            }),
                        ]
                    );
                }
            ),
        ];
    }

    /// <summary>The classes in words, one below the other.</summary>
    internal string Caption(CultureInfo culture) =>
        string.Join(
            '\n',
            new[]
            {
                TrueClass is null ? null : FigureText.True.In(culture, TrueClass),
                FigureText.Predicted.In(culture, PredictedClass),
            }.OfType<string>()
        );

    /// <summary>The classes in half a sentence.</summary>
    internal string Alt(CultureInfo culture, string maps) =>
        TrueClass is null
            ? FigureText.UnlabelledRowAlt.In(culture, PredictedClass, maps)
            : FigureText.HeatMapsRowAlt.In(culture, TrueClass, PredictedClass, maps);
}
