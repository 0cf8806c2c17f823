using AttentionLab.Kernel.Notebooks;

namespace AttentionLab.Kernel.Html;

/// <summary>
/// The pages of one run as a course: the previous and the next page, and the translations of a page.
/// </summary>
/// <param name="folder">The output folder, which holds the list of all.</param>
/// <param name="plan">The notebooks in reading order.</param>
internal sealed class PageSet(string folder, IReadOnlyList<PlannedRun> plan)
{
    /// <summary>Plotly's script, which all pages with a chart share.</summary>
    public const string PlotlyFile = "plotly-2.28.0.min.js";

    /// <summary>The language of a notebook's figures, and so of its text.</summary>
    public static PageText TextOf(PlannedRun planned) => PageText.Of(planned.Notebook?.Language ?? "en");

    /// <summary>Where Plotly's script lies.</summary>
    public string PlotlyPath => Path.Combine(folder, PlotlyFile);

    /// <summary>Where Plotly's script lies, as a page names it.</summary>
    public string PlotlyLink(PlannedRun from) => Link(from, PlotlyPath);

    /// <summary>A page's header: links to the list of all pages and to translations.</summary>
    public string Header(PlannedRun page)
    {
        PageText text = TextOf(page);
        string all =
            plan.Count > 1
                ? $"<nav aria-label=\"{text.Contents}\"><a href=\"{Link(page, Path.Combine(folder, IndexPage.FileName))}\">"
                    + $"{text.AllNotebooks}</a></nav>"
                : "";
        string others = string.Concat(Translations(page).Select(other => Way(page, other, TextOf(other))));
        return $"<a class=\"skip\" href=\"#text\">{text.SkipLink}</a><header class=\"site\">{all}"
            + (others.Length > 0 ? $"<nav aria-label=\"{text.Languages}\">{others}</nav>" : "")
            + "</header>";
    }

    /// <summary>A page's footer: links to the previous and the next page in the same language.</summary>
    public string Turn(PlannedRun page)
    {
        List<PlannedRun> edition = [.. plan.Where(other => other.Notebook is not null && TextOf(other) == TextOf(page))];
        int place = edition.IndexOf(page);
        string before = place > 0 ? To("prev", edition[place - 1], "← ", "") : "",
            after = place >= 0 && place < edition.Count - 1 ? To("next", edition[place + 1], "", " →") : "";
        return before.Length + after.Length == 0
            ? ""
            : $"<nav class=\"turn\" aria-label=\"{TextOf(page).Pages}\">{before}{after}</nav>";

        string To(string relation, PlannedRun other, string left, string right) =>
            $"<a rel=\"{relation}\" href=\"{Link(page, other.Page)}\">{left}{HtmlPage.Encode(other.Notebook!.Title)}{right}</a>";
    }

    /// <summary>
    /// Where a notebook's relative link leads from its page: to another notebook's page, else to the file that it names.
    /// </summary>
    public string Follow(PlannedRun page, string url)
    {
        int end = url.IndexOfAny(['#', '?']) is >= 0 and var at ? at : url.Length;
        string file = Path.Combine(page.Notebook!.Folder, Uri.UnescapeDataString(url[..end]));
        if (!Path.Exists(file))
        {
            return url;
        }

        file = Path.GetFullPath(file);
        PlannedRun? other = plan.FirstOrDefault(other => other.Notebook?.Path == file);
        return Link(page, other?.Page ?? file) + url[end..];
    }

    // zh/02-network.ipynb is the translation of 02-network.ipynb: an edition lies in a folder named as its language.
    private IEnumerable<PlannedRun> Translations(PlannedRun page) =>
        plan.Where(other => other.Notebook is not null && TextOf(other) != TextOf(page) && Original(other) == Original(page));

    private static string Original(PlannedRun planned)
    {
        Notebook notebook = planned.Notebook!;
        string[] parts = notebook.Path.Split(Path.DirectorySeparatorChar);
        return string.Join('/', parts.Where(part => part != notebook.Language));
    }

    private static string Way(PlannedRun from, PlannedRun to, PageText text) =>
        $"<a lang=\"{text.Language}\" hreflang=\"{text.Language}\" href=\"{Link(from, to.Page)}\">{text.Name}</a>";

    private static string Link(PlannedRun from, string path) => Link(Path.GetDirectoryName(from.Page)!, path);

    /// <summary>A file's address as seen from a folder.</summary>
    public static string Link(string folder, string path) =>
        string.Join('/', Path.GetRelativePath(folder, path).Split(Path.DirectorySeparatorChar).Select(Uri.EscapeDataString));
}
