using System.Drawing;

namespace AttentionLab.Figures;

/// <summary>Colours of lines and bars: the ten of matplotlib's default cycle, which tell apart on screen and in print.</summary>
public static class ChartColors
{
    /// <summary>For training.</summary>
    public static Color Blue { get; } = Color.FromArgb(0x1f, 0x77, 0xb4);

    /// <summary>For testing.</summary>
    public static Color Red { get; } = Color.FromArgb(0xd6, 0x27, 0x28);

    /// <summary>For validation.</summary>
    public static Color Green { get; } = Color.FromArgb(0x2c, 0xa0, 0x2c);

    /// <summary>All ten, in the order in which they are given out.</summary>
    public static IReadOnlyList<Color> Palette { get; } =
    [
        Blue,
        Color.FromArgb(0xff, 0x7f, 0x0e),
        Green,
        Red,
        Color.FromArgb(0x94, 0x67, 0xbd),
        Color.FromArgb(0x8c, 0x56, 0x4b),
        Color.FromArgb(0xe3, 0x77, 0xc2),
        Color.FromArgb(0x7f, 0x7f, 0x7f),
        Color.FromArgb(0xbc, 0xbd, 0x22),
        Color.FromArgb(0x17, 0xbe, 0xcf),
    ];

    internal static string Hex(Color color) => $"#{color.R:x2}{color.G:x2}{color.B:x2}";
}
