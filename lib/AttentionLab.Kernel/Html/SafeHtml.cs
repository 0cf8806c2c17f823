using AngleSharp.Dom;
using AngleSharp.Html.Dom;
using Ganss.Xss;

namespace AttentionLab.Kernel.Html;

/// <summary>
/// HTML from a notebook's author, of which only what GitHub shows in a README is kept: text, tables, pictures and links, but no
/// scripts, styles, forms or frames.
/// </summary>
internal static class SafeHtml
{
    private const string NotText =
        "script, style, template, noscript, iframe, frame, frameset, noframes, object, embed, noembed, applet, svg, math, "
        + "title, textarea, "
        + "select, datalist, audio, video, canvas, xmp, plaintext, link, meta, base";

    private static readonly HtmlSanitizer Sanitizer = Create();

    /// <summary>Takes everything out that is more than text.</summary>
    /// <param name="html">A fragment.</param>
    /// <param name="picture">Gives a picture as a data URI, or null for one that is elsewhere and becomes a link.</param>
    public static string Of(string html, Func<string, string?> picture)
    {
        if (!HtmlDepth.IsReasonable(html))
        {
            return $"<pre>{HtmlPage.Encode(html)}</pre>";
        }

        IHtmlDocument document = Sanitizer.HtmlParserFactory().ParseDocument("");
        document.Body!.InnerHtml = html;
        foreach (IElement other in document.QuerySelectorAll(NotText).ToList())
        {
            other.Remove(); // with what is in it; of other elements the sanitizer keeps the text
        }

        Sanitizer.SanitizeDom(document, document.Body);
        foreach (IElement image in document.QuerySelectorAll("img").ToList())
        {
            string source = image.GetAttribute("src") ?? "";
            if (IsPicture(source))
            {
                continue;
            }

            if (source.Length > 0 && picture(source) is { } data && IsPicture(data))
            {
                image.SetAttribute("src", data);
            }
            else
            {
                image.Replace([.. LinkTo(image, source, document)]);
            }
        }

        return document.Body.InnerHtml;
    }

    private static IEnumerable<INode> LinkTo(IElement image, string source, IHtmlDocument document)
    {
        string text = image.GetAttribute("alt") is { Length: > 0 } alternative ? alternative : source;
        if (source.Length == 0 || source.StartsWith("data:", StringComparison.OrdinalIgnoreCase))
        {
            return [document.CreateTextNode(text.Length < 200 ? text : "")];
        }

        IElement link = document.CreateElement("a");
        link.SetAttribute("href", source);
        link.TextContent = text;
        return [link];
    }

    private static bool IsPicture(string url) => url.StartsWith("data:image/", StringComparison.OrdinalIgnoreCase);

    private static HtmlSanitizer Create()
    {
        var sanitizer = new HtmlSanitizer(
            new HtmlSanitizerOptions
            {
                AllowedTags = Words(
                    """
                    h1 h2 h3 h4 h5 h6 br b i strong em a pre code img tt div ins del sup sub p ol ul table thead tbody tfoot blockquote dl dt
                    dd kbd q samp var hr ruby rt rp li tr td th s strike u summary details caption figure figcaption abbr bdo cite dfn mark small
                    span time wbr col colgroup center input
                    """
                ),
                AllowedAttributes = Words(
                    """
                    abbr align alt aria-describedby aria-hidden aria-label aria-labelledby border cellpadding cellspacing checked cite clear
                    colspan datetime dir disabled headers height href hspace id lang nowrap open role rowspan scope span src start style summary
                    title type valign value vspace width
                    """
                ),
                AllowedCssProperties = Words("text-align"),
                AllowedSchemes = Words("http https mailto data"),
                UriAttributes = Words("href src cite"),
            }
        )
        {
            KeepChildNodes = true,
        };

        // A picture may hold its own bytes; a link may not.
        sanitizer.FilterUrl += (_, url) =>
        {
            if (
                url.SanitizedUrl?.TrimStart().StartsWith("data:", StringComparison.OrdinalIgnoreCase) == true
                && !(url.Tag is IHtmlImageElement && IsPicture(url.SanitizedUrl.TrimStart()))
            )
            {
                url.SanitizedUrl = null;
            }
        };

        // Of forms, a task list's boxes are left.
        sanitizer.PostProcessNode += (_, node) =>
        {
            if (node.Node is IHtmlInputElement input)
            {
                if (string.Equals(input.Type, "checkbox", StringComparison.OrdinalIgnoreCase))
                {
                    input.IsDisabled = true;
                }
                else
                {
                    input.Remove();
                }
            }
        };
        return sanitizer;
    }

    private static HashSet<string> Words(string text) =>
        [.. text.Split((char[])[' ', '\n', '\r'], StringSplitOptions.RemoveEmptyEntries)];
}
