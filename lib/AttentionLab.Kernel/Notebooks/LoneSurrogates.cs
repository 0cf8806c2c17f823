using System.Text.RegularExpressions;

namespace AttentionLab.Kernel.Notebooks;

/// <summary>
/// JSON may escape half a character ("\ud800" alone), which is not text: .NET's reader takes the file and throws when the string
/// is asked for.
/// </summary>
internal static partial class LoneSurrogates
{
    /// <summary>The JSON with the replacement character, U+FFFD, for each half.</summary>
    public static string Replace(string json) =>
        json.Contains("\\ud", StringComparison.OrdinalIgnoreCase)
            ? Escape().Replace(json, escape => escape.Groups["lone"].Success ? "\\ufffd" : escape.Value)
            : json;

    // From escape to escape, so that the u of "\\ud800", a backslash and five letters, is not taken for one.
    [GeneratedRegex(
        """\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}|(?<lone>\\u[dD][89a-fA-F][0-9a-fA-F]{2})|\\."""
    )]
    private static partial Regex Escape();
}
