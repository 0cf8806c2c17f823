using ScottPlot;
using SkiaSharp;

namespace AttentionLab.Figures;

/// <summary>Gives ScottPlot the embedded font under one name, and leaves all other names to others.</summary>
internal sealed class EmbeddedFontResolver : IFontResolver
{
    public const string Name = "AttentionLab figures";

    public SKTypeface? CreateTypeface(string fontName, FontWeight weight, FontSlant slant, FontSpacing spacing) =>
        fontName == Name ? FigureFont.Typeface : null;

    public SKTypeface? CreateTypeface(string fontName, bool bold, bool italic) => fontName == Name ? FigureFont.Typeface : null;
}
