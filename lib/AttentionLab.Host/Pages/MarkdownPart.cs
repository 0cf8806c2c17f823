using System.Globalization;
using System.Text.Json.Nodes;
using Markdig;
using Markdig.Renderers.Html;
using Markdig.Syntax;
using Markdig.Syntax.Inlines;

namespace AttentionLab.Host.Pages;

/// <summary>A notebook's text as HTML, its pictures inside, its headings collected.</summary>
internal sealed class MarkdownPart(string folder)
{
    private static readonly MarkdownPipeline Pipeline = new MarkdownPipelineBuilder().UseAdvancedExtensions().Build();

    /// <summary>The headings so far.</summary>
    public List<(int Level, string Text, string Id)> Headings { get; } = [];

    /// <summary>Renders a cell's text.</summary>
    /// <param name="source">Markdown.</param>
    /// <param name="attachments">The cell's own pictures, by name and MIME type.</param>
    public string ToHtml(string source, JsonObject? attachments)
    {
        MarkdownDocument document = Markdown.Parse(source, Pipeline);
        foreach (HeadingBlock heading in document.Descendants<HeadingBlock>())
        {
            string id = string.Create(CultureInfo.InvariantCulture, $"section-{Headings.Count + 1}");
            heading.GetAttributes().Id = id;
            Headings.Add((heading.Level, string.Concat(heading.Inline?.Descendants<LeafInline>().Select(Text) ?? []), id));
        }

        foreach (LinkInline image in document.Descendants<LinkInline>().Where(link => link.IsImage))
        {
            if (DataUri(image.Url ?? "", attachments) is { } uri)
            {
                image.Url = uri;
            }
            else
            {
                image.IsImage = false; // a picture elsewhere stays a link: the page loads nothing
            }
        }

        return document.ToHtml(Pipeline);
    }

    private static string Text(LeafInline inline) => inline switch
    {
        LiteralInline literal => literal.Content.ToString(),
        CodeInline code => code.Content,
        _ => "",
    };

    private string? DataUri(string url, JsonObject? attachments)
    {
        if (url.StartsWith("data:", StringComparison.Ordinal))
        {
            return url;
        }

        if (url.StartsWith("attachment:", StringComparison.Ordinal))
        {
            return attachments?[Uri.UnescapeDataString(url["attachment:".Length..])] is JsonObject file && file.FirstOrDefault() is { Key: { } type, Value: JsonValue data }
                ? $"data:{type};base64,{data}"
                : null;
        }

        if (url.Contains("://", StringComparison.Ordinal) || url.StartsWith("//", StringComparison.Ordinal))
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
        return mime is not null && File.Exists(path) ? $"data:{mime};base64,{Convert.ToBase64String(File.ReadAllBytes(path))}" : null;
    }
}
