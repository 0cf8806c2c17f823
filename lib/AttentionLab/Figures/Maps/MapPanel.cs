using AttentionLab.Core;

namespace AttentionLab.Figures;

/// <summary>A map to lay over a picture.</summary>
/// <param name="Map">H×W values, of the picture's size.</param>
public sealed record MapPanel(Heatmap Map)
{
    /// <summary>The number of the channel that it shows.</summary>
    public int? Channel { get; init; }

    /// <summary>The channel's mean before any scaling.</summary>
    public double? Mean { get; init; }

    /// <summary>Above the panel, instead of the channel's number, such as the name of a method.</summary>
    public string? Title { get; init; }
}
