using AttentionLab.Imaging;

namespace AttentionLab.Figures;

/// <summary>A legend of colours: the map, and the values of its first, middle and last colour.</summary>
internal sealed record ColorBar(ColorMap Map, string Low, string Middle, string High);
