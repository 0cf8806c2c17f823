using System.Text;

namespace AttentionLab.Host.Pages;

/// <summary>The page that lists the notebooks of a run.</summary>
internal static class IndexPage
{
    public const string FileName = "index.html";

    /// <summary>A notebook of the list.</summary>
    /// <param name="Target">The executed notebook's path; its page lies beside it.</param>
    /// <param name="Title">The notebook's title.</param>
    /// <param name="Elapsed">How long it ran; null when it could not be read.</param>
    /// <param name="Status">"ran", "failed" or "stopped".</param>
    /// <param name="Problem">What went wrong, if anything did.</param>
    public sealed record Entry(string Target, string Title, TimeSpan? Elapsed, string Status, string? Problem);

    /// <summary>Writes the list into a folder.</summary>
    public static void Write(string folder, IReadOnlyList<Entry> entries)
    {
        var rows = new StringBuilder();
        foreach (Entry entry in entries)
        {
            string notebook = Link(folder, entry.Target);
            string title = HtmlPage.Encode(entry.Title);
            rows.Append("<tr><td>").Append(entry.Elapsed is null ? title : $"<a href=\"{Link(folder, Path.ChangeExtension(entry.Target, ".html"))}\">{title}</a>")
                .Append(entry.Problem is null ? "" : $"<p class=\"failed\">{HtmlPage.Encode(entry.Problem)}</p>")
                .Append("</td><td>").Append(entry.Elapsed is null ? HtmlPage.Encode(notebook) : $"<a href=\"{notebook}\">{notebook}</a>")
                .Append("</td><td class=\"time\">").Append(entry.Elapsed is { } time ? HtmlPage.Seconds(time) : "")
                .Append("</td><td class=\"").Append(entry.Problem is null ? "ok" : "failed").Append("\">").Append(entry.Status).AppendLine("</td></tr>");
        }

        Directory.CreateDirectory(folder);
        File.WriteAllText(Path.Combine(folder, FileName), HtmlPage.Frame("Notebooks", $"""
            <main class="index"><section class="text"><h1>Notebooks</h1></section>
            <table><thead><tr><th>Title</th><th>Notebook</th><th class="time">Time</th><th></th></tr></thead><tbody>
            {rows}</tbody></table></main>
            """));
    }

    private static string Link(string folder, string path) =>
        string.Join('/', Path.GetRelativePath(folder, path).Split(Path.DirectorySeparatorChar).Select(Uri.EscapeDataString));
}
