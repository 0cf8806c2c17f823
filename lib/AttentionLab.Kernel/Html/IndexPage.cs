using System.Security.Cryptography;
using System.Text;
using AttentionLab.Kernel.Notebooks;

namespace AttentionLab.Kernel.Html;

/// <summary>The page that lists the notebooks of a command, by language, with a search over their headings.</summary>
internal static class IndexPage
{
    public const string FileName = "index.html";

    private const string SearchScript = """
        const box = document.querySelector('input[type=search]'), found = document.querySelector('output');
        box.parentElement.hidden = false;
        box.addEventListener('input', () => {
            const words = box.value.toLowerCase().split(/\s+/).filter(Boolean);
            const has = element => words.every(word => element.textContent.toLowerCase().includes(word));
            let hits = 0;
            for (const row of document.querySelectorAll('tbody tr')) {
                const parts = [...row.querySelectorAll('.headings a')];
                parts.forEach(part => part.hidden = !has(part));
                const shown = parts.filter(part => !part.hidden).length, title = has(row.querySelector('.title'));
                row.hidden = !shown && !title;
                hits += words.length ? shown + title : 0;
                for (const details of row.querySelectorAll('details')) details.open = words.length > 0 && shown > 0;
            }
            for (const table of document.querySelectorAll('table')) table.hidden = !table.querySelector('tbody tr:not([hidden])');
            found.textContent = words.length ? String(hits) : '';
        });
        """;

    /// <summary>The list, as it lies in a folder.</summary>
    public static string Of(string folder, IEnumerable<PlannedRun> plan)
    {
        IGrouping<PageText, PlannedRun>[] editions = [.. plan.GroupBy(PageSet.TextOf)];
        string tables = string.Concat(editions.Select(edition => Table(folder, edition)));
        bool searchable = tables.Contains("class=\"headings\"", StringComparison.Ordinal);
        string nonce = RandomNumberGenerator.GetHexString(32);
        string heading = string.Join(" · ", editions.Select(edition => edition.Key.Notebooks).DefaultIfEmpty("Notebooks"));
        string search = string.Join(" · ", editions.Select(edition => edition.Key.Search)),
            box = searchable
                ? $"<p hidden><input type=\"search\" placeholder=\"{search}\" aria-label=\"{search}\"> <output></output></p>"
                : "";
        return HtmlPage.Frame(
            heading,
            $"""
            <main class="index"><section class="text"><h1>{heading}</h1></section>{box}
            {tables}</main>{(searchable ? $"<script nonce=\"{nonce}\">\n{SearchScript}\n</script>" : "")}
            """,
            searchable ? $"; script-src 'nonce-{nonce}'" : "",
            editions is [{ Key.Language: var only }] ? only : "en"
        );
    }

    private static string Table(string folder, IGrouping<PageText, PlannedRun> edition)
    {
        var rows = new StringBuilder();
        foreach (PlannedRun planned in edition)
        {
            rows.AppendLine(Row(folder, planned, edition.Key));
        }

        return $"""
            <table lang="{edition.Key.Language}">
            <thead><tr><th>{edition.Key.Title}</th><th>{edition.Key.Notebook}</th><th class="time">{edition.Key.Time}</th><th></th></tr></thead><tbody>
            {rows}</tbody></table>

            """;
    }

    private static string Row(string folder, PlannedRun planned, PageText text)
    {
        string name = HtmlPage.Encode(Path.GetRelativePath(folder, planned.Target));
        string title = HtmlPage.Encode(planned.Notebook?.Title ?? Path.GetFileNameWithoutExtension(planned.Target));
        string problem = planned.Problem is { } said ? $"<p class=\"failed\">{HtmlPage.Encode(said)}</p>" : "";
        return planned.Run is { } run
            ? $"""
                <tr><td><span class="title"><a href="{PageSet.Link(folder, planned.Page)}">{title}</a></span>{problem}{Headings(
                    folder,
                    planned,
                    text
                )}</td><td><a href="{PageSet.Link(folder, planned.Target)}">{name}</a></td>
                <td class="time">{HtmlPage.Seconds(run.Elapsed)}</td><td class="{(
                    run.Succeeded ? "ok" : "failed"
                )}">{(run is { Succeeded: true, FailedCells: 0 } ? text.Ran : run.Status)}</td></tr>
                """
            : $"<tr><td><span class=\"title\">{title}</span>{problem}</td><td>{name}</td><td></td><td>{(
                planned.Unreadable is null ? text.NotRun : "unreadable"
            )}</td></tr>";
    }

    private static string Headings(string folder, PlannedRun planned, PageText text)
    {
        string page = PageSet.Link(folder, planned.Page);
        string links = string.Concat(
            MarkdownPart
                .HeadingsOf(planned.Notebook!)
                .Where(heading => heading.Level is 2 or 3)
                .Select(heading =>
                    $"<a class=\"level{heading.Level}\" href=\"{page}#{Uri.EscapeDataString(heading.Id)}\">"
                    + $"{HtmlPage.Encode(heading.Text)}</a>"
                )
        );
        return links.Length == 0 ? "" : $"<details class=\"headings\"><summary>{text.Headings}</summary>{links}</details>";
    }
}
