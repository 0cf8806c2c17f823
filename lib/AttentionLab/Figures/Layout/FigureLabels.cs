using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;

namespace AttentionLab.Figures;

/// <summary>
/// The words that the course's cells give to figures, in Chinese. The cells of both editions are the same, and so are their
/// words: a figure of a Chinese culture looks them up here, as in a catalogue of messages. Others stay as they are.
/// </summary>
/// <remarks>
/// <c>labels-zh.tsv</c> has a label a line, English and Chinese; <c>{0}</c> stands for what a cell fills in, <c>\n</c> for a new
/// line.
/// </remarks>
internal static class FigureLabels
{
    private static readonly Lazy<Dictionary<string, string>> Fixed = new(() =>
        All().Where(label => !HasPlaces(label.English)).ToDictionary(label => label.English, label => label.Chinese)
    );
    private static readonly Lazy<(Regex English, string Chinese)[]> WithPlaces = new(() =>
        [.. All().Where(label => HasPlaces(label.English)).Select(label => (Pattern(label.English), label.Chinese))]
    );

    /// <summary>A label in a culture's language, where it is known; else as it is.</summary>
    public static string In(CultureInfo culture, string label)
    {
        if (culture.TwoLetterISOLanguageName != "zh" || label.Length == 0)
        {
            return label;
        }

        if (Fixed.Value.TryGetValue(label, out string? known))
        {
            return known;
        }

        foreach ((Regex english, string chinese) in WithPlaces.Value)
        {
            if (english.Match(label) is { Success: true } match)
            {
                string[] parts = [.. match.Groups.Values.Skip(1).Select(group => group.Value)];
                return string.Format(CultureInfo.InvariantCulture, chinese, parts);
            }
        }

        return label;
    }

    /// <summary>Every label, in the order of the file.</summary>
    internal static IEnumerable<(string English, string Chinese)> All()
    {
        using Stream file = typeof(FigureLabels).Assembly.GetManifestResourceStream("AttentionLab.Figures.labels-zh.tsv")!;
        using var reader = new StreamReader(file, Encoding.UTF8);
        while (reader.ReadLine() is { } line)
        {
            string[] parts = line.Replace("\\n", "\n", StringComparison.Ordinal).Split('\t');
            yield return (parts[0], parts[1]);
        }
    }

    private static bool HasPlaces(string label) => label.Contains('{', StringComparison.Ordinal);

    // Regex.Escape leaves a closing brace as it is.
    private static Regex Pattern(string label) =>
        new(
            $"^{Regex.Replace(Regex.Escape(label), @"\\\{\d\}", "(.+?)")}$",
            RegexOptions.Singleline | RegexOptions.CultureInvariant
        );
}
