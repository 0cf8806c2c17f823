using System.Globalization;
using System.Text;

namespace AttentionLab.Core;

/// <summary>Somebody else's text in a message: short, on one line, and without what a terminal would obey.</summary>
internal static class Excerpt
{
    private const int Longest = 100,
        MostNames = 20;

    /// <summary>
    /// The text's first characters, 100 unless told. Control characters, line separators and marks that change the direction of
    /// writing become <c>?</c>, halves of surrogate pairs U+FFFD.
    /// </summary>
    public static string Of(string? text, int longest = Longest)
    {
        if (text is null)
        {
            return "null";
        }

        var shown = new StringBuilder();
        foreach (Rune rune in text.EnumerateRunes())
        {
            if (shown.Length >= longest)
            {
                return $"{shown}…";
            }

            shown.Append(IsHarmless(rune) ? rune.ToString() : "?");
        }

        return shown.ToString();
    }

    /// <summary>The first 20 names, and how many more there are.</summary>
    public static string Of(IReadOnlyCollection<string> names, string separator = ", ") =>
        string.Join(separator, names.Take(MostNames).Select(name => Of(name)))
        + (
            names.Count > MostNames
                ? string.Create(CultureInfo.InvariantCulture, $"{separator}and {names.Count - MostNames} more")
                : ""
        );

    private static bool IsHarmless(Rune rune) =>
        Rune.GetUnicodeCategory(rune)
            is not (
                UnicodeCategory.Control
                or UnicodeCategory.LineSeparator
                or UnicodeCategory.ParagraphSeparator
                or UnicodeCategory.Surrogate
            )
        && rune.Value is not (0x061C or 0x200E or 0x200F or (>= 0x202A and <= 0x202E) or (>= 0x2066 and <= 0x2069));
}
