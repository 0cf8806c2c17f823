using System.Collections.Concurrent;
using System.Text;
using SkiaSharp;

namespace AttentionLab.Figures;

/// <summary>
/// The one font of all figures, embedded, so that a figure looks the same on every machine. A character that it lacks is drawn
/// with a system font that has it, and as '?' where none has: never as a box.
/// </summary>
internal static class FigureFont
{
    private static readonly ConcurrentDictionary<int, SKTypeface?> Others = new();

    /// <summary>The embedded typeface.</summary>
    public static SKTypeface Typeface { get; } = Load();

    /// <summary>Typeset at a size in logical pixels, without hinting: the same shapes at every scale.</summary>
    public static SKFont Sized(float size, SKTypeface? typeface = null) =>
        new(typeface ?? Typeface, size)
        {
            Edging = SKFontEdging.Antialias,
            Hinting = SKFontHinting.None,
            Subpixel = true,
            LinearMetrics = true,
        };

    /// <summary>
    /// Cuts a text into pieces that one typeface can draw each; controls become spaces, what no font has a '?'.
    /// </summary>
    public static IReadOnlyList<(string Text, SKTypeface Typeface)> Runs(string text) => Runs(text, FromSystem);

    /// <summary>As above, with the search for other fonts given: a test cannot choose what a machine has installed.</summary>
    internal static IReadOnlyList<(string Text, SKTypeface Typeface)> Runs(string text, Func<int, SKTypeface?> findOther)
    {
        var runs = new List<(string, SKTypeface)>();
        var current = new StringBuilder();
        SKTypeface typeface = Typeface;
        foreach (Rune rune in text.EnumerateRunes())
        {
            (Rune drawn, SKTypeface needed) = Choose(rune, findOther);
            if (needed != typeface && current.Length > 0)
            {
                runs.Add((current.ToString(), typeface));
                current.Clear();
            }

            typeface = needed;
            current.Append(drawn);
        }

        if (current.Length > 0)
        {
            runs.Add((current.ToString(), typeface));
        }

        return runs;
    }

    private static (Rune Drawn, SKTypeface Typeface) Choose(Rune rune, Func<int, SKTypeface?> findOther) =>
        Rune.IsControl(rune) ? (new Rune(' '), Typeface)
        : Typeface.ContainsGlyph(rune.Value) ? (rune, Typeface)
        : findOther(rune.Value) is { } other ? (rune, other)
        : (new Rune('?'), Typeface);

    private static SKTypeface? FromSystem(int character) =>
        Others.GetOrAdd(
            character,
            static c => SKFontManager.Default.MatchCharacter(c) is { } found && found.ContainsGlyph(c) ? found : null
        );

    private static SKTypeface Load()
    {
        const string Resource = "AttentionLab.Figures.Fonts.NotoSansSC-Subset.otf";
        using Stream stream =
            typeof(FigureFont).Assembly.GetManifestResourceStream(Resource)
            ?? throw new InvalidOperationException($"The library was built without its font {Resource}.");
        using SKData data = SKData.Create(stream);
        return SKTypeface.FromData(data) ?? throw new InvalidOperationException("SkiaSharp cannot read the embedded font.");
    }
}
