using System.Security.Cryptography;
using System.Text;
using AngleSharp.Dom;
using AngleSharp.Html.Parser;

namespace AttentionLab.Kernel.Html;

/// <summary>
/// The HTML that cells of this run showed. It is the reader's own code's, and may carry scripts; they are marked as such, so that
/// the page's policy lets them run, and no others.
/// </summary>
/// <param name="nonce">The mark: a random word that no author can know.</param>
internal sealed class OutputHtml(string nonce)
{
    private readonly SortedSet<string> _handlers = new(StringComparer.Ordinal);

    /// <summary>Whether a script was seen.</summary>
    public bool HasScripts { get; private set; }

    /// <summary>The hashes of event handlers that were seen, as a policy lists them.</summary>
    public IReadOnlyCollection<string> Handlers => _handlers;

    /// <summary>The fragment with its scripts marked and its tags balanced; null when it is nested too deep to be read.</summary>
    public string? Mark(string html)
    {
        if (!HtmlDepth.IsReasonable(html))
        {
            return null;
        }

        var parser = new HtmlParser();
        IElement body = parser.ParseDocument("").Body!;
        body.InnerHtml = html;
        foreach (IElement element in body.QuerySelectorAll("*"))
        {
            if (element.LocalName == "script")
            {
                element.SetAttribute("nonce", nonce);
                HasScripts = true;
            }

            foreach (
                IAttr handler in element.Attributes.Where(each =>
                    each.LocalName.StartsWith("on", StringComparison.OrdinalIgnoreCase)
                )
            )
            {
                string hash = Convert.ToBase64String(SHA256.HashData(Encoding.UTF8.GetBytes(handler.Value)));
                _handlers.Add($"'sha256-{hash}'");
                HasScripts = true;
            }
        }

        return body.InnerHtml;
    }
}
