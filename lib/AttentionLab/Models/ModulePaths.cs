using System.Text;
using System.Text.RegularExpressions;
using AttentionLab.Core;
using static TorchSharp.torch;

namespace AttentionLab.Models;

/// <summary>A model's parts by path (<c>conv3</c>, <c>ca1.fc.0</c>), as its state dict names them.</summary>
internal static class ModulePaths
{
    private const int MostNamesInAMessage = 40;

    /// <summary>All parts below the model, each before its own parts, in the order they were registered.</summary>
    public static IEnumerable<(string Path, nn.Module Module)> Of(nn.Module model, string prefix = "")
    {
        foreach ((string name, nn.Module child) in model.named_children())
        {
            yield return (prefix + name, child);
            foreach ((string, nn.Module) part in Of(child, $"{prefix}{name}."))
            {
                yield return part;
            }
        }
    }

    public static bool IsPattern(string name) => name.AsSpan().ContainsAny('*', '?');

    /// <summary>
    /// The paths a name or a pattern means: <c>*</c> and <c>?</c> stand for anything but a dot, <c>**</c> for anything.
    /// </summary>
    /// <exception cref="ArgumentException">None: the message lists the names there are, nearest first.</exception>
    public static IReadOnlyList<string> Match(string pattern, IReadOnlyCollection<string> paths)
    {
        ArgumentNullException.ThrowIfNull(pattern);
        Regex regex = new(ToRegex(pattern), RegexOptions.NonBacktracking | RegexOptions.CultureInvariant);
        string[] found = [.. paths.Where(path => regex.IsMatch(path))];
        if (found.Length > 0)
        {
            return found;
        }

        string[] nearest = [.. NearestFirst(pattern, paths)];
        string more = nearest.Length > MostNamesInAMessage ? $" and {nearest.Length - MostNamesInAMessage} more" : "";
        string names =
            nearest.Length == 0
                ? "it has no parts"
                : $"its parts are, nearest first: {string.Join(", ", nearest.Take(MostNamesInAMessage))}{more}";
        throw new ArgumentException($"The model has no layer '{Excerpt.Of(pattern)}'; {names}.", nameof(pattern));
    }

    /// <summary>Names by how little they differ from one that was asked for.</summary>
    public static IEnumerable<string> NearestFirst(string name, IEnumerable<string> names) =>
        names.OrderBy(other => Distance(name, other)).ThenBy(other => other, StringComparer.Ordinal);

    private static string ToRegex(string pattern)
    {
        var regex = new StringBuilder("^");
        for (int i = 0; i < pattern.Length; i++)
        {
            bool any = pattern[i] == '*' && i + 1 < pattern.Length && pattern[i + 1] == '*';
            i += any ? 1 : 0;
            regex.Append(
                pattern[i] switch
                {
                    '*' => any ? ".*" : "[^.]*",
                    '?' => "[^.]",
                    char c => Regex.Escape(c.ToString()),
                }
            );
        }

        return regex.Append('$').ToString();
    }

    /// <summary>Levenshtein's distance: how many characters to insert, delete or replace.</summary>
    private static int Distance(string a, string b)
    {
        int[] row = [.. Enumerable.Range(0, b.Length + 1)];
        for (int i = 1; i <= a.Length; i++)
        {
            int diagonal = row[0];
            row[0] = i;
            for (int j = 1; j <= b.Length; j++)
            {
                int replaced = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
                diagonal = row[j];
                row[j] = Math.Min(replaced, 1 + Math.Min(row[j], row[j - 1]));
            }
        }

        return row[b.Length];
    }
}
