using AttentionLab.Data;

namespace AttentionLab.Figures;

/// <summary>A picture with words above it.</summary>
internal sealed record Tile(Picture Picture, string Caption);
