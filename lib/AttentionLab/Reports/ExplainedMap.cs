using AttentionLab.Core;

namespace AttentionLab.Reports;

/// <summary>A map of an <see cref="ExplainedImage"/>.</summary>
/// <param name="Method">What made it: <c>grad-cam</c>. Names that AttentionLab knows are explained on the page in plain
/// words.</param>
/// <param name="Map">H×W values of the picture's size: the higher, the more a place counts.</param>
public sealed record ExplainedMap(string Method, Heatmap Map)
{
    /// <summary>Which layer was looked at; null: not said.</summary>
    public string? Layer { get; init; }

    /// <summary>The number of the channel that it shows; null where the map is not of a single channel.</summary>
    public int? Channel { get; init; }
}
