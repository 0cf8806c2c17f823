namespace AttentionLab.Kernel.Session;

/// <summary>The lines of a cell that are the host's: those it follows, and those of .NET Interactive that it refuses.</summary>
internal static class Directives
{
    /// <summary>The first words of the host's own lines, what follows them, and what they do.</summary>
    public static readonly IReadOnlyList<(string Name, string Arguments, string Does)> Known =
    [
        ("#r", "\"path.dll\" or \"nuget: Id, Version\"", "references a library or a package"),
        ("#i", "\"nuget: folder-or-address\"", "takes packages from one more place"),
        ("#!import", "file", "runs a notebook (.ipynb, .dib) or C# (.cs, .csx) as if it stood here"),
        ("#!time", "", "tells how long the cell took, and how much of that was compilation"),
        ("#!who", "", "names the variables"),
        ("#!whos", "", "shows the variables with their types and values"),
        ("#!set", "--name variable --value text|@value:name|@csharp:name|@input:prompt|@password:prompt", "sets a variable"),
        ("#!share", "--from value|csharp name [--as variable]", "sets a variable to a stored text or another variable"),
        ("#!about", "", "tells the versions"),
        ("#!lsmagic", "", "shows this list"),
        ("#!csharp", "", "C# follows, which is so without this line too"),
        ("#!c#", "", "as #!csharp"),
        ("#!markdown", "", "Markdown follows"),
        ("#!html", "", "HTML follows"),
        ("#!mermaid", "", "a Mermaid diagram follows; it is shown as its text where no script can draw it"),
        ("#!javascript", "", "a script for the page follows"),
        ("#!js", "", "as #!javascript"),
        (
            "#!value",
            "--name name [--from-file path|--from-url address|--from-value text] [--mime-type type]",
            "stores the text that follows"
        ),
    ];

    private static readonly HashSet<string> Languages =
    [
        "#!csharp",
        "#!c#",
        "#!C#",
        "#!markdown",
        "#!html",
        "#!mermaid",
        "#!javascript",
        "#!js",
        "#!value",
    ];

    private const string OtherEngine =
        "or run the notebook with .NET Interactive (dotnet tool install --global Microsoft.dotnet-interactive)";

    private static readonly Dictionary<string, string> Refused = new()
    {
        ["#!fsharp"] = $"F# does not run here: write the cell in C#, {OtherEngine}.",
        ["#!f#"] = $"F# does not run here: write the cell in C#, {OtherEngine}.",
        ["#!pwsh"] =
            "PowerShell does not run here: start it from C# with System.Diagnostics.Process.Start(\"pwsh\", \"script.ps1\"), "
            + $"{OtherEngine}.",
        ["#!powershell"] =
            "PowerShell does not run here: start it from C# with System.Diagnostics.Process.Start(\"pwsh\", "
            + $"\"script.ps1\"), {OtherEngine}.",
        ["#!sql"] = $"SQL does not run here: send the query from C# with a package such as Microsoft.Data.Sqlite, {OtherEngine}.",
        ["#!kql"] = $"KQL does not run here: send the query from C# with the package Microsoft.Azure.Kusto.Data, {OtherEngine}.",
        ["#!http"] = $"HTTP requests do not run here: send them from C# with System.Net.Http.HttpClient, {OtherEngine}.",
        ["#!connect"] = $"C# is the only kernel here, and none can be connected to it: leave the cell out, {OtherEngine}.",
        ["#!quit"] = "A cell does not end the kernel here: shut it down in the editor.",
    };

    /// <summary>Whether a line says in what language the lines after it are written.</summary>
    public static bool IsLanguage(string line) => Languages.Contains(FirstWord(line));

    /// <summary>Whether a line's first word names the language of what follows, known or refused.</summary>
    public static bool NamesLanguage(string word) => Languages.Contains(word) || Refused.ContainsKey(word);

    /// <summary>A line's first word.</summary>
    public static string FirstWord(string line) => line.Trim().Split((char[])[' ', '\t'], 2)[0];

    /// <summary>Why a line is not followed.</summary>
    public static string Refusal(string name) =>
        Refused.TryGetValue(name, out string? why)
            ? $"{name}: {why}"
            : $"{name} is not known here. Known are {string.Join(", ", Known.Select(known => known.Name))}.";
}
