using System.Globalization;
using System.Security.Cryptography;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using AttentionLab.Kernel.Notebooks;
using Markdig;
using Markdig.Extensions.Mathematics;
using Markdig.Renderers.Html;
using Markdig.Syntax;
using Markdig.Syntax.Inlines;

namespace AttentionLab.Kernel.Html;

/// <summary>A notebook's text as HTML that is safe to open, its pictures inside, its headings collected.</summary>
/// <param name="folder">Where the notebook lies.</param>
/// <param name="follow">Where a relative link of the notebook leads from its page; null: it stays as it is.</param>
internal sealed class MarkdownPart(string folder, Func<string, string>? follow = null)
{
    /// <summary>Marks the places of formulas; nobody who writes a notebook knows it.</summary>
    private readonly string _mark = $"formula-{RandomNumberGenerator.GetHexString(32)}-";

    private static readonly MarkdownPipeline Pipeline = new MarkdownPipelineBuilder().UseAdvancedExtensions().Build();

    /// <summary>The headings so far.</summary>
    public List<(int Level, string Text, string Id)> Headings { get; } = [];

    /// <summary>The headings of a notebook's text, with the identifiers that they have on its page.</summary>
    public static IReadOnlyList<(int Level, string Text, string Id)> HeadingsOf(Notebook notebook)
    {
        var part = new MarkdownPart(notebook.Folder);
        foreach (NotebookCell cell in notebook.Cells.Where(cell => cell.Kind == "markdown"))
        {
            try
            {
                part.CollectHeadings(Markdown.Parse(cell.Source, Pipeline));
            }
            catch (ArgumentException)
            {
                // Nested deeper than Markdig follows: its page shows it as it is written.
            }
        }

        return part.Headings;
    }

    /// <summary>Renders a cell's text.</summary>
    /// <param name="source">Markdown.</param>
    /// <param name="attachments">The cell's own pictures, by name and MIME type.</param>
    public string ToHtml(string source, JsonObject? attachments)
    {
        int headings = Headings.Count;
        try
        {
            return ToHtml(Markdown.Parse(source, Pipeline), attachments);
        }
        catch (ArgumentException e) when (e.Source == nameof(Markdig))
        {
            // Nested deeper than Markdig reads or writes: shown as it is written.
            Headings.RemoveRange(headings, Headings.Count - headings);
            return $"<pre>{HtmlPage.Encode(source)}</pre>";
        }
    }

    private string ToHtml(MarkdownDocument document, JsonObject? attachments)
    {
        CollectHeadings(document);
        foreach (LinkInline link in document.Descendants<LinkInline>())
        {
            if (link.IsImage)
            {
                string? uri = DataUri(link.Url ?? "", attachments);
                link.IsImage = uri is not null; // a picture elsewhere stays a link: the page loads nothing
                link.Url = uri ?? link.Url;
            }
            else if (follow is not null && IsRelative(link.Url) && link.Url is not ['#', ..])
            {
                link.Url = follow(link.Url!);
            }
        }

        List<string> formulas = TakeFormulas(document);
        string html = SafeHtml.Of(document.ToHtml(Pipeline), url => DataUri(url, attachments));
        return formulas.Count == 0
            ? html
            : Regex.Replace(
                html,
                $@"{_mark}(\d+);(?: (?=[{WideClosing}]))?([,.;:!?){WideClosing}]*)",
                match =>
                {
                    string formula = formulas[int.Parse(match.Groups[1].ValueSpan, CultureInfo.InvariantCulture)],
                        closing = match.Groups[2].Value;
                    return closing.Length == 0 ? formula : $"<span class=\"together\">{formula}{closing}</span>";
                }
            );
    }

    // No line begins with what closes a formula; browsers would let one. Chinese marks bring their own space; the one before them
    // in the source is for GitHub, which shows no formula without it.
    private const string WideClosing = "，。；：、！？）";

    private void CollectHeadings(MarkdownDocument document)
    {
        foreach (HeadingBlock heading in document.Descendants<HeadingBlock>())
        {
            string text = string.Concat(heading.Inline?.Descendants<LeafInline>().Select(Text) ?? []);
            string id = Id(text);
            heading.GetAttributes().Id = id;
            Headings.Add((heading.Level, text, id));
        }
    }

    // Formulas go around what makes HTML safe, which lets no MathML of an author through.
    private List<string> TakeFormulas(MarkdownDocument document)
    {
        var formulas = new List<string>();
        foreach (MathInline inline in document.Descendants<MathInline>().ToList())
        {
            inline.ReplaceBy(Placeholder(inline.Content.ToString(), inline.DelimiterCount > 1));
        }

        foreach (MathBlock block in document.Descendants<MathBlock>().ToList())
        {
            ContainerBlock parent = block.Parent!;
            parent[parent.IndexOf(block)] = new ParagraphBlock
            {
                Inline = new ContainerInline().AppendChild(Placeholder(block.Lines.ToString(), display: true)),
            };
        }

        return formulas;

        LiteralInline Placeholder(string tex, bool display)
        {
            formulas.Add(Formula.ToHtml(tex.Trim(), display));
            return new LiteralInline(string.Create(CultureInfo.InvariantCulture, $"{_mark}{formulas.Count - 1};"));
        }
    }

    // As GitHub names headings, so that a notebook's links to its own parts lead there.
    private string Id(string heading)
    {
        string id = string.Concat(
            heading
                .Trim()
                .ToLowerInvariant()
                .Select(c =>
                    c == ' ' ? "-"
                    : char.IsLetterOrDigit(c) || c is '-' or '_' ? c.ToString()
                    : ""
                )
        );
        int same = Headings.Count(other => other.Id == id || other.Id.StartsWith(id + "-again-", StringComparison.Ordinal));
        return same == 0 ? id : string.Create(CultureInfo.InvariantCulture, $"{id}-again-{same}");
    }

    private static bool IsRelative(string? url) =>
        url is not null && url is not ['/' or '\\', ..] && !url.Contains(':', StringComparison.Ordinal);

    private static string Text(LeafInline inline) =>
        inline switch
        {
            LiteralInline literal => literal.Content.ToString(),
            CodeInline code => code.Content,
            MathInline math => math.Content.ToString(),
            _ => "",
        };

    private string? DataUri(string url, JsonObject? attachments)
    {
        if (url.StartsWith("data:", StringComparison.OrdinalIgnoreCase))
        {
            return url;
        }

        if (url.StartsWith("attachment:", StringComparison.Ordinal))
        {
            return
                attachments?[Uri.UnescapeDataString(url["attachment:".Length..])] is JsonObject file
                && file.FirstOrDefault() is { Key: { } type, Value: { } value }
                && NotebookCell.Text(value) is { } data
                ? $"data:{type};base64,{data.Replace("\n", "", StringComparison.Ordinal)}"
                : null;
        }

        if (!IsRelative(url))
        {
            return null;
        }

        string path = Path.Combine(folder, Uri.UnescapeDataString(url));
        string? mime = Path.GetExtension(path).ToLowerInvariant() switch
        {
            ".png" => "image/png",
            ".jpg" or ".jpeg" => "image/jpeg",
            ".gif" => "image/gif",
            ".svg" => "image/svg+xml",
            ".webp" => "image/webp",
            _ => null,
        };
        return mime is not null && Bytes(path) is { } bytes ? $"data:{mime};base64,{Convert.ToBase64String(bytes)}" : null;
    }

    // A picture that cannot be read stays a link. A pipe, for whose bytes a reader would wait, has no length.
    private static byte[]? Bytes(string path)
    {
        try
        {
            return File.Exists(path) && new FileInfo(path).Length > 0 ? File.ReadAllBytes(path) : null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}
