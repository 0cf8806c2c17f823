using System.Globalization;
using System.Net;
using AttentionLab.Core;
using AttentionLab.Figures;

namespace AttentionLab.Reports;

/// <summary>
/// What every page has: one file of HTML that loads nothing and runs no script, readable by day, by night and on paper.
/// </summary>
internal static class PageShell
{
    private const string Style = """
        :root { color-scheme: light dark; --ink: #1f2328; --quiet: #626c76; --paper: #fff; --card: #f6f7f9; --line: #e0e4e8; --accent: #2563c9; --good: #1a7f37; --bad: #c0342b; }
        @media (prefers-color-scheme: dark) { :root { --ink: #dfe3e8; --quiet: #98a1ab; --paper: #16191d; --card: #1e2227; --line: #31363d; --accent: #79adff; --good: #6fca82; --bad: #ff8a80; } }
        * { box-sizing: border-box; }
        body { margin: 0; background: var(--paper); color: var(--ink); font: 17px/1.55 system-ui, -apple-system, "Segoe UI", "Noto Sans", "Noto Sans CJK SC", "PingFang SC", "Microsoft YaHei", "Helvetica Neue", Arial, sans-serif; }
        main { max-width: 60rem; margin: 0 auto; padding: 2rem 1.25rem 3rem; }
        h1 { font-size: 2rem; line-height: 1.2; margin: 0 0 0.6rem; }
        h2 { font-size: 1.15rem; margin: 0 0 0.7rem; overflow-wrap: anywhere; }
        p { margin: 0.35rem 0; }
        .lead { font-size: 1.1rem; margin-bottom: 1.4rem; }
        footer { margin-top: 2.2rem; padding-top: 0.8rem; border-top: 1px solid var(--line); color: var(--quiet); font-size: 0.82rem; overflow-wrap: anywhere; }
        """;

    /// <summary>A page.</summary>
    /// <param name="culture">Chinese or English.</param>
    /// <param name="title">Text.</param>
    /// <param name="style">What the page has beyond the others.</param>
    /// <param name="body">HTML, below the title.</param>
    /// <param name="facts">Small print: text, line by line.</param>
    public static string Html(CultureInfo culture, string title, string style, string body, IEnumerable<string> facts) =>
        $"""
            <!DOCTYPE html>
            <html lang="{(culture.TwoLetterISOLanguageName == "zh" ? "zh" : "en")}">
            <head>
            <meta charset="utf-8">
            <meta http-equiv="Content-Security-Policy" content="default-src 'none'; img-src data:; style-src 'unsafe-inline'">
            <meta name="viewport" content="width=device-width, initial-scale=1">
            <title>{Encode(title)}</title>
            <style>
            {Style}
            {style}
            </style>
            </head>
            <body>
            <main>
            <h1>{Encode(title)}</h1>
            {body}
            <footer>{string.Join("<br>", facts.Select(Encode))}</footer>
            </main>
            </body>
            </html>

            """;

    /// <summary>A figure inside a page.</summary>
    public static string Image(Figure figure) =>
        $"<img src=\"data:image/png;base64,{Convert.ToBase64String(figure.ToPng())}\" "
        + $"alt=\"{WebUtility.HtmlEncode(figure.AltText)}\">";

    /// <summary>
    /// Text as HTML. What a file's name could mislead by, such as a mark that reverses the direction of writing, becomes
    /// <c>?</c>.
    /// </summary>
    public static string Encode(string text) => WebUtility.HtmlEncode(Excerpt.Of(text, int.MaxValue));

    /// <summary>Writes a page; missing folders are made, an existing file is replaced.</summary>
    public static void Save(string html, string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(path))!);
        AtomicFile.Write(path, html);
    }
}
