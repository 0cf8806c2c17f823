using SkiaSharp;

namespace AttentionLab.Figures;

/// <summary>What a figure looks like: its size in logical pixels, and how to draw it from the top left corner on white.</summary>
internal sealed record Drawing(float Width, float Height, Action<SKCanvas> Draw);
