using System.Globalization;
using AttentionLab.Imaging;

namespace AttentionLab.Figures;

/// <summary>A row of <see cref="HeatMapPanels"/> or <see cref="MethodGrid"/>: a picture, and the maps to lay over it.</summary>
/// <param name="Picture">H×W pixels.</param>
/// <param name="TrueClass">What it shows; null where nobody said.</param>
/// <param name="PredictedClass">What the network takes it for.</param>
/// <param name="Maps">In the order of the panels, at least one.</param>
public sealed record ImageWithMaps(Image Picture, string? TrueClass, string PredictedClass, params IReadOnlyList<MapPanel> Maps)
{
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
