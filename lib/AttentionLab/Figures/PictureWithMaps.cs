using AttentionLab.Data;

namespace AttentionLab.Figures;

/// <summary>A row of <see cref="HeatMapPanels"/>: a picture, and the maps to lay over it.</summary>
/// <param name="Picture">H×W pixels.</param>
/// <param name="TrueClass">What it shows.</param>
/// <param name="PredictedClass">What the network takes it for.</param>
/// <param name="Maps">In the order of the panels, at least one.</param>
public sealed record PictureWithMaps(Picture Picture, string TrueClass, string PredictedClass, params IReadOnlyList<MapPanel> Maps);
