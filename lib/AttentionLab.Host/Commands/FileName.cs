using System.Globalization;
using System.Text;

namespace AttentionLab.Host.Commands;

/// <summary>
/// Names of files and folders that every file system takes: classes may be called <c>CON</c>, <c>a/b</c>, <c>why?</c> or
/// <c>..</c>.
/// </summary>
internal static class FileName
{
    private const int MostBytes = 100; // Linux takes 255, of which what is put before and behind needs some

    private static readonly string[] Devices =
    [
        "CON",
        "PRN",
        "AUX",
        "NUL",
        "CONIN$",
        "CONOUT$",
        .. "0123456789¹²³".SelectMany(digit => (string[])[$"COM{digit}", $"LPT{digit}"]),
    ];

    /// <summary>A name of at most 100 bytes of UTF-8 in which what Windows, macOS or Linux do not take is an
    /// underscore.</summary>
    public static string For(string text)
    {
        var name = new StringBuilder();
        int bytes = 0;
        foreach (Rune rune in text.EnumerateRunes())
        {
            bytes += rune.Utf8SequenceLength;
            if (bytes > MostBytes)
            {
                break;
            }

            name.Append(IsTaken(rune) ? rune.ToString() : "_");
        }

        // Windows drops dots and spaces at the end, and takes a device's name with any ending for the device; a dot at the start
        // hides.
        string taken = name.ToString().Normalize().TrimEnd(' ', '.').TrimStart(' ');
        string stem = taken.Split('.')[0].TrimEnd(' ');
        return taken.Length == 0 || taken[0] == '.' || Devices.Contains(stem, StringComparer.OrdinalIgnoreCase)
            ? $"_{taken}"
            : taken;
    }

    /// <summary>
    /// A name for each of some texts, all of them different, also where capital and small letters are the same.
    /// </summary>
    public static IReadOnlyList<string> ForAll(IReadOnlyList<string> texts)
    {
        var names = new List<string>();
        var used = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
        foreach (string text in texts)
        {
            string name = For(text),
                unique = name;
            for (int number = 2; !used.Add(unique); number++)
            {
                unique = string.Create(CultureInfo.InvariantCulture, $"{name}_{number}");
            }

            names.Add(unique);
        }

        return names;
    }

    private static bool IsTaken(Rune rune) =>
        !Rune.IsControl(rune)
        && rune.Value is not ('<' or '>' or ':' or '"' or '/' or '\\' or '|' or '?' or '*' or 0xFFFD)
        && Rune.GetUnicodeCategory(rune)
            is not (UnicodeCategory.Format or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator);
}
