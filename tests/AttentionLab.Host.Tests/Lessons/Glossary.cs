using System.Text.RegularExpressions;

namespace AttentionLab.Host.Tests.Lessons;

/// <summary>
/// The table of terms in <c>notebooks/zh/glossary.md</c>: each English form with the Chinese terms that may stand for it.
/// </summary>
internal sealed class Glossary
{
    private readonly List<(string English, Regex Word, string[] Chinese)> _terms;

    private Glossary(IEnumerable<(string English, string[] Chinese)> terms)
    {
        // Longer terms first: "batch normalisation" is not a "batch".
        _terms =
        [
            .. terms
                .OrderByDescending(term => term.English.Length)
                .Select(term => (term.English, WholeWord(term.English), term.Chinese)),
        ];
    }

    /// <summary>All English forms.</summary>
    public IEnumerable<string> English => _terms.Select(term => term.English);

    /// <summary>Reads the rows of three columns; forms of one term are separated by " / ".</summary>
    public static Glossary Read(string path) =>
        new(
            File.ReadLines(path)
                .Select(line => line.Split('|', StringSplitOptions.TrimEntries))
                .Where(columns => columns.Length == 5 && columns[1] != "English" && !columns[1].StartsWith('-'))
                .SelectMany(columns => Forms(columns[1]).Select(english => (english, Forms(columns[2]))))
        );

    /// <summary>The terms of an English text that its Chinese counterpart lacks.</summary>
    public IEnumerable<string> Missing(string english, string chinese)
    {
        foreach ((string term, Regex word, string[] allowed) in _terms)
        {
            if (word.IsMatch(english) && !allowed.Any(each => chinese.Contains(each, StringComparison.OrdinalIgnoreCase)))
            {
                yield return $"{term} → {string.Join(" / ", allowed)}";
            }

            english = word.Replace(english, " ");
        }
    }

    private static string[] Forms(string column) => [.. column.Split(" / ").Select(form => form.Trim('`'))];

    private static Regex WholeWord(string term) =>
        new($@"(?<![\w-]){Regex.Escape(term)}(?![\w-])", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant);
}
