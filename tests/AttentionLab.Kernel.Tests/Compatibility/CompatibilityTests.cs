using System.Net;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using AttentionLab.Kernel.Notebooks;
using AttentionLab.Kernel.Tests.Jupyter;

namespace AttentionLab.Kernel.Tests.Compatibility;

/// <summary>lib/docs/compatibility.md holds: each of its rows, in this kernel and in .NET Interactive.</summary>
public sealed partial class CompatibilityTests
{
    public static TheoryData<string> Names => [.. CompatibilityRows.All.Select(row => row.Name)];

    [Theory]
    [MemberData(nameof(Names))]
    public async Task A_row_holds_here(string name)
    {
        CompatibilityRow row = CompatibilityRows.All.Single(row => row.Name == name);
        (NotebookRun run, List<JsonArray> outputs) = await Workspace.Cells([CompatibilityRows.Usings, .. row.Cells]);
        string shown = run.Error?.Message ?? Shown(outputs[^1].Select(output => output!));
        Assert.Contains(row.Shown, shown, StringComparison.Ordinal);
    }

    [Fact]
    public void The_rows_hold_in_DotNet_Interactive()
    {
        Assert.SkipUnless(DotNetInteractive.IsInstalled, DotNetInteractive.WhyNot);
        using KernelClient kernel = KernelClient.OfDotNetInteractive();
        kernel.Run(CompatibilityRows.Usings);
        var wrong = new List<string>();
        foreach (CompatibilityRow row in CompatibilityRows.All.Where(row => row.There is not null))
        {
            string shown = Shown(row.Cells.Select(kernel.Run).ToList()[^1]); // all of them run
            if (!shown.Contains(row.There!, StringComparison.Ordinal))
            {
                wrong.Add($"{row.Name}: {row.There} is not in {shown[..Math.Min(300, shown.Length)]}");
            }
        }

        Assert.True(wrong.Count == 0, string.Join('\n', wrong));
    }

    [Fact]
    public void The_page_has_the_rows_that_are_tested()
    {
        string page = File.ReadAllText(Path.Combine(Workspace.Repository, "lib", "docs", "compatibility.md"));
        string[] rows =
        [
            .. TableRow()
                .Matches(page)
                .Select(row =>
                    $"{row.Groups["name"].Value.Replace("`", "", StringComparison.Ordinal)}: {row.Groups["standing"].Value}"
                ),
        ];
        IEnumerable<string> tested = CompatibilityRows.All.Select(row =>
            $"{row.Name}: {row.Standing.ToString().ToLowerInvariant()}"
        );
        Assert.Equal(
            tested.Order(),
            rows.Where(row => !CompatibilityRows.TestedElsewhere.ContainsKey(row[..row.LastIndexOf(':')])).Order()
        );
        Assert.Equal(
            CompatibilityRows.TestedElsewhere.Keys.Order(),
            rows.Select(row => row[..row.LastIndexOf(':')]).Where(CompatibilityRows.TestedElsewhere.ContainsKey).Order()
        );
    }

    // What a reader reads, from a notebook's outputs or from messages: without markup and styles, blanks as one.
    private static string Shown(IEnumerable<JsonNode> outputs) =>
        string.Join(
            " | ",
            outputs
                .Select(output =>
                    (string?)output["text"]
                    ?? (string?)output["evalue"]
                    ?? (
                        output["data"] is not JsonObject data ? ""
                        : (string?)data["text/html"] is { } html ? Stripped(html)
                        : ((string?)data["text/markdown"])?.Replace("*", "", StringComparison.Ordinal)
                            ?? data.FirstOrDefault().Value?.ToString()
                    )
                )
                .Select(text => Blanks().Replace(text ?? "", " ").Trim())
        );

    private static string Stripped(string html) =>
        html.StartsWith("<s", StringComparison.Ordinal) && !html.StartsWith("<span", StringComparison.Ordinal)
            ? html // a script, a style or a word in bold: the last is not tested
            : WebUtility.HtmlDecode(Tag().Replace(Style().Replace(html, ""), " "));

    [GeneratedRegex(@"^\| (?<name>.+?) +\| (?<standing>same|different|refused) +\|", RegexOptions.Multiline)]
    private static partial Regex TableRow();

    [GeneratedRegex("<style>.*?</style>", RegexOptions.Singleline)]
    private static partial Regex Style();

    [GeneratedRegex("<[^>]*>")]
    private static partial Regex Tag();

    [GeneratedRegex(@"\s+")]
    private static partial Regex Blanks();
}
