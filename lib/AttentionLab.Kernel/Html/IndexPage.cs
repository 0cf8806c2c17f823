using System.Text;
using AttentionLab.Kernel.Notebooks;

namespace AttentionLab.Kernel.Html;

/// <summary>The page that lists the notebooks of a command.</summary>
internal static class IndexPage
{
    public const string FileName = "index.html";

    /// <summary>The list, as it lies in a folder.</summary>
    public static string Of(string folder, IEnumerable<PlannedRun> plan)
    {
        var rows = new StringBuilder();
        foreach (PlannedRun planned in plan)
        {
            string name = HtmlPage.Encode(Path.GetRelativePath(folder, planned.Target));
            string title = HtmlPage.Encode(planned.Notebook?.Title ?? Path.GetFileNameWithoutExtension(planned.Target));
            string problem = planned.Problem is { } text ? $"<p class=\"failed\">{HtmlPage.Encode(text)}</p>" : "";
            rows.AppendLine(
                planned.Run is { } run
                    ? $"""
                    <tr><td><a href="{Link(folder, planned.Page)}">{title}</a>{problem}</td><td><a href="{Link(
                        folder,
                        planned.Target
                    )}">{name}</a></td>
                    <td class="time">{HtmlPage.Seconds(run.Elapsed)}</td><td class="{(
                        run.Succeeded ? "ok" : "failed"
                    )}">{run.Status}</td></tr>
                    """
                    : $"<tr><td>{title}{problem}</td><td>{name}</td><td></td><td>{(planned.Unreadable is null ? "not run" : "unreadable")}</td></tr>"
            );
        }

        return HtmlPage.Frame(
            "Notebooks",
            $"""
            <main class="index"><section class="text"><h1>Notebooks</h1></section>
            <table><thead><tr><th>Title</th><th>Notebook</th><th class="time">Time</th><th></th></tr></thead><tbody>
            {rows}</tbody></table></main>
            """
        );
    }

    private static string Link(string folder, string path) =>
        string.Join('/', Path.GetRelativePath(folder, path).Split(Path.DirectorySeparatorChar).Select(Uri.EscapeDataString));
}
