using System.Text.RegularExpressions;

namespace AttentionLab.Kernel.Session;

/// <summary>Files and folders in lines such as <c>#r "../</c>, <c>#load</c> and <c>#!import</c>.</summary>
internal static partial class PathCompletion
{
    private const int Shown = 200;

    /// <summary>What can follow; null when the line names no path, or a package.</summary>
    /// <param name="line">The line up to the cursor.</param>
    /// <param name="cursor">The cursor's place in the cell.</param>
    /// <param name="folder">Where relative paths start.</param>
    public static Completions? TryComplete(string line, int cursor, string folder)
    {
        Match match = Line().Match(line);
        if (!match.Success || Packages.IsPackage(match.Groups["path"].Value))
        {
            return null;
        }

        string typed = match.Groups["path"].Value;
        int cut = typed.LastIndexOfAny(['/', '\\']) + 1;
        string name = typed[cut..];
        string[] endings = match.Groups["word"].Value switch
        {
            "r" => [".dll"],
            "load" => [".csx", ".cs"],
            _ => [".ipynb", ".dib", ".cs", ".csx"],
        };
        var start = new DirectoryInfo(Path.GetFullPath(typed[..cut], folder));
        IEnumerable<CompletionEntry> found = [];
        try
        {
            found = !start.Exists
                ? []
                :
                [
                    .. start
                        .EnumerateFileSystemInfos()
                        .Where(entry =>
                            entry.Name.StartsWith(name, StringComparison.OrdinalIgnoreCase)
                            && !entry.Name.StartsWith('.')
                            && (entry is DirectoryInfo || endings.Contains(entry.Extension, StringComparer.OrdinalIgnoreCase))
                        )
                        .OrderBy(entry => entry is DirectoryInfo)
                        .ThenBy(entry => entry.Name, StringComparer.OrdinalIgnoreCase)
                        .Take(Shown)
                        .Select(entry =>
                            entry is DirectoryInfo
                                ? new CompletionEntry(entry.Name + "/", "folder")
                                : new CompletionEntry(entry.Name, "file")
                        ),
                ];
        }
        catch (Exception e) when (e is UnauthorizedAccessException or IOException)
        {
            // A folder that may not be read offers nothing.
        }

        CompletionEntry[] package =
            endings is [".dll"] && cut == 0 && "nuget:".StartsWith(typed, StringComparison.Ordinal)
                ? [new("nuget:", "keyword")]
                : [];
        return new Completions(cursor - name.Length, cursor, [.. package, .. found]);
    }

    [GeneratedRegex("""^[ \t]*#(?<word>r|load|!import)[ \t]+"?(?<path>[^"\r\n]*)$""")]
    private static partial Regex Line();
}
