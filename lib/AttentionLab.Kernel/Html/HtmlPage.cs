using System.Buffers.Binary;
using System.Globalization;
using System.Net;
using System.Reflection;
using System.Runtime.Loader;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using AttentionLab.Kernel.Display;
using AttentionLab.Kernel.Notebooks;
using Microsoft.DotNet.Interactive.Formatting;

namespace AttentionLab.Kernel.Html;

/// <summary>
/// A page that shows an executed notebook and needs no network: pictures and styles are inside, plotly.js lies beside the pages.
/// Where that is missing, charts are pictures.
/// </summary>
internal sealed partial class HtmlPage
{
    private const string Plotly = "application/vnd.plotly.v1+json";
    private const string Png = "image/png";

    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true };

    private readonly StringBuilder _body = new();
    private readonly CodeColors _colors;
    private readonly MarkdownPart _markdown;
    private readonly string _nonce = Convert.ToHexString(RandomNumberGenerator.GetBytes(16));
    private readonly OutputHtml _outputs;
    private readonly PageText _text;
    private bool _hasChart;

    private HtmlPage(NotebookRun run, Func<string, string> follow)
    {
        _text = PageText.Of(run.Notebook.Language);
        _colors = new CodeColors(run.Notebook.Folder);
        _markdown = new MarkdownPart(run.Notebook.Folder, follow);
        _outputs = new OutputHtml(_nonce);
    }

    /// <summary>Where the page of an executed notebook lies: beside it.</summary>
    public static string PathFor(string notebook) => Path.ChangeExtension(notebook, ".html");

    /// <summary>The page of a run, and whether it shows a chart, which wants <see cref="PageSet.PlotlyFile"/>.</summary>
    /// <param name="planned">The notebook, executed.</param>
    /// <param name="pages">The pages that it is one of.</param>
    public static async Task<(string Html, bool HasChart)> OfAsync(PlannedRun planned, PageSet pages)
    {
        NotebookRun run = planned.Run!;
        var page = new HtmlPage(run, url => pages.Follow(planned, url));
        await page.AppendAsync(run.Notebook.Cells).ConfigureAwait(false);
        string status =
            run.Error is { } error ? $"<span class=\"failed\">failed in {Encode(error.Location)}</span> after"
            : run.Cancelled ? "<span class=\"failed\">stopped</span> after"
            : page._text.RanIn;
        string footer =
            $"<footer>{Encode(run.Notebook.Name)} {status} {Seconds(run.Elapsed)} · .NET {Environment.Version}</footer>";
        string html = Frame(
            run.Notebook.Title,
            $"{pages.Header(planned)}{page.TableOfContents()}<main id=\"text\">{page._body}{pages.Turn(planned)}{footer}</main>"
                + (page._hasChart ? page.ChartScripts(pages.PlotlyLink(planned)) : ""),
            page.ScriptPolicy(),
            page._text.Language
        );
        return (html, page._hasChart);
    }

    private string TableOfContents() =>
        _markdown.Headings.Count(heading => heading.Level is 2 or 3) < 2
            ? ""
            : $"<nav class=\"toc\" aria-label=\"{_text.OnThisPage}\"><details open><summary>{_text.Contents}</summary>"
                + string.Concat(
                    _markdown
                        .Headings.Where(heading => heading.Level <= 3)
                        .Select(heading => $"<a class=\"level{heading.Level}\" href=\"#{heading.Id}\">{Encode(heading.Text)}</a>")
                )
                + "</details></nav>";

    /// <summary>A whole page around a body; without a policy for scripts, none runs.</summary>
    public static string Frame(string title, string body, string scriptPolicy = "", string language = "en") =>
        $"""
            <!DOCTYPE html>
            <html lang="{language}">
            <head>
            <meta charset="utf-8">
            <meta http-equiv="Content-Security-Policy" content="default-src 'none'; img-src data: blob:; font-src data:; media-src data:; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'{scriptPolicy}">
            <meta name="viewport" content="width=device-width, initial-scale=1">
            <title>{Encode(title)}</title>
            <style>
            {Resource(Assembly.GetExecutingAssembly(), "page.css")}
            </style>
            </head>
            <body>
            {body}
            </body>
            </html>

            """;

    /// <summary>A time for a reader.</summary>
    public static string Seconds(TimeSpan time) =>
        time.TotalMinutes >= 2
            ? string.Create(CultureInfo.InvariantCulture, $"{(int)time.TotalMinutes} min {time.Seconds} s")
            : string.Create(CultureInfo.InvariantCulture, $"{time.TotalSeconds:0.0} s");

    /// <summary>Text as HTML.</summary>
    public static string Encode(string text) => WebUtility.HtmlEncode(text);

    // Scripts of this page's own and of cells that ran here carry the nonce; what those load themselves may run too.
    private string ScriptPolicy() =>
        !_hasChart && !_outputs.HasScripts ? ""
        : _outputs.Handlers.Count == 0 ? $"; script-src 'nonce-{_nonce}' 'strict-dynamic'"
        : $"; script-src 'nonce-{_nonce}' 'strict-dynamic' 'unsafe-hashes' {string.Join(' ', _outputs.Handlers)}";

    private async Task AppendAsync(IEnumerable<NotebookCell> cells)
    {
        foreach (NotebookCell cell in cells)
        {
            if (cell.Kind == "markdown")
            {
                _body
                    .Append("<section class=\"text\">")
                    .Append(_markdown.ToHtml(cell.Source, cell.Json["attachments"] as JsonObject))
                    .AppendLine("</section>");
            }
            else if (cell.IsCode && (cell.Source.Trim().Length > 0 || cell.Outputs.Count > 0))
            {
                await AppendCodeAsync(cell).ConfigureAwait(false);
            }
        }
    }

    private async Task AppendCodeAsync(NotebookCell cell)
    {
        _body.Append("<section class=\"cell\">");
        if (cell.Source.Trim().Length > 0)
        {
            string took = cell.Elapsed is { TotalSeconds: >= 0.5 } elapsed
                ? $"<span class=\"took\">{Seconds(elapsed)}</span>"
                : "";
            string label = cell.HasTag(Parameters.InjectedTag)
                ? "set"
                : cell.ExecutionCount?.ToString(CultureInfo.InvariantCulture) ?? "";
            string code = await _colors.ToHtmlAsync(cell.Source).ConfigureAwait(false);
            _body.Append(
                CultureInfo.InvariantCulture,
                $"<div class=\"code\"><span " + $"class=\"number\">{label}{took}</span><pre><code>{code}</code></pre></div>"
            );
        }

        foreach (JsonNode? output in cell.Outputs)
        {
            _body.Append("<div class=\"output\">").Append(Output(output as JsonObject ?? [], cell.RanHere)).Append("</div>");
        }

        _body.AppendLine("</section>");
    }

    private string Output(JsonObject output, bool ranHere) =>
        NotebookCell.Text(output["output_type"]) switch
        {
            "stream" => Pre(
                NotebookCell.Text(output["text"]) ?? "",
                NotebookCell.Text(output["name"]) == "stderr" ? "stderr" : "stdout"
            ),
            "error" => Pre(
                string.Join('\n', (output["traceback"] as JsonArray ?? []).Select(line => NotebookCell.Text(line))),
                "error"
            ),
            _ => Bundle(output["data"] as JsonObject ?? [], ranHere),
        };

    private string Bundle(JsonObject data, bool ranHere)
    {
        string alternative = Encode(NotebookCell.Text(data[MimeBundle.Text]) ?? "");
        string? picture = NotebookCell.Text(data[Png]) is { } png ? Picture(Png, png) : null;
        if (data[Plotly] is { } chart)
        {
            _hasChart = true;
            return $"<div class=\"chart\"><div class=\"still\">{picture ?? $"<p>{_text.Chart}</p>"}</div><div "
                + $"class=\"plot\" role=\"img\" aria-label=\"{alternative}\"></div>"
                + $"<script type=\"application/json\">{chart.ToJsonString()}</script></div>";
        }

        // Outputs that came with the file are its author's, not this run's.
        if (
            NotebookCell.Text(data[MimeBundle.Html]) is { } written
            && (ranHere ? _outputs.Mark(written) : SafeHtml.Of(written, _ => null)) is { } html
        )
        {
            return $"<div class=\"rich\">{html}</div>";
        }

        if (NotebookCell.Text(data["image/svg+xml"]) is { } svg)
        {
            return Picture("image/svg+xml", Convert.ToBase64String(Encoding.UTF8.GetBytes(svg)));
        }

        if (picture is not null)
        {
            return picture;
        }

        if (NotebookCell.Text(data["image/jpeg"]) is { } jpeg)
        {
            return Picture("image/jpeg", jpeg);
        }

        if (NotebookCell.Text(data["text/markdown"]) is { } markdown)
        {
            return $"<div class=\"text\">{_markdown.ToHtml(markdown, null)}</div>";
        }

        if (NotebookCell.Text(data[LaTeXString.MimeType]) is { } latex)
        {
            return $"<div class=\"text\">{Formula.ToHtml(latex.Trim().Trim('$').Trim(), display: true)}</div>";
        }

        return data.FirstOrDefault(item => MimeBundle.IsJson(item.Key)).Value is { } tree
            ? Pre(tree.ToJsonString(Indented), "result")
            : Pre(NotebookCell.Text(data[MimeBundle.Text]) ?? "", "result");

        string Picture(string type, string base64) =>
            $"<img src=\"data:{type};base64,{Encode(base64.Replace("\n", "", StringComparison.Ordinal))}\" "
            + $"alt=\"{alternative}\"{(type == Png ? WidthOf(base64) : "")}>";
    }

    /// <summary>A picture's width for the page's style, which on a telephone keeps a figure's words readable.</summary>
    private static string WidthOf(string png)
    {
        const int width = 16;
        byte[] header = new byte[24];
        return Convert.TryFromBase64Chars(png.AsSpan(0, Math.Min(32, png.Length)), header, out int read) && read == header.Length
            ? string.Create(
                CultureInfo.InvariantCulture,
                $" style=\"--wide: {BinaryPrimitives.ReadInt32BigEndian(header.AsSpan(width))}px\""
            )
            : "";
    }

    private static string Pre(string text, string style) => $"<pre class=\"{style}\">{AnsiToHtml(text)}</pre>";

    // The colours that terminals' red, green … stand for become classes; other escape sequences vanish.
    private static string AnsiToHtml(string text)
    {
        var html = new StringBuilder();
        int from = 0;
        bool open = false;
        foreach (Match code in Ansi().Matches(text))
        {
            html.Append(Encode(text[from..code.Index]));
            from = code.Index + code.Length;
            if (!code.Value.EndsWith('m'))
            {
                continue;
            }

            html.Append(open ? "</span>" : "");
            string? colour = code.Groups["codes"].Value.Split(';').LastOrDefault(part => part is ['3' or '9', >= '1' and <= '6']);
            open = colour is not null;
            html.Append(open ? $"<span class=\"ansi{colour![1]}\">" : "");
        }

        return html.Append(Encode(text[from..])).Append(open ? "</span>" : "").ToString();
    }

    [GeneratedRegex(@"\e\[(?<codes>[0-9;?]*)[A-Za-z]")]
    private static partial Regex Ansi();

    private string ChartScripts(string plotly) =>
        $$"""
            <script nonce="{{_nonce}}" src="{{plotly}}"></script>
            <script nonce="{{_nonce}}">
            for (const chart of window.Plotly ? document.querySelectorAll('.chart:has(> script)') : []) {
                const { data, layout, config } = JSON.parse(chart.querySelector(':scope > script').textContent);
                chart.classList.add('live');
                // As wide as the page, within reason: narrower panels would lie on each other, and the page scrolls them.
                const { width } = layout, plot = chart.querySelector('.plot');
                if (width) {
                    layout.width = Math.max(Math.min(width, chart.clientWidth), 0.55 * width);
                    plot.style.width = `${layout.width}px`; // its white paper ends where the chart does
                }
                // Plotly cuts off a title that is too long.
                const title = layout.title?.text, pen = document.createElement('canvas').getContext('2d');
                pen.font = '17px "Open Sans", verdana, arial, sans-serif';
                if (title) {
                    const room = 0.95 * (layout.width ?? chart.clientWidth);
                    layout.title.font = { size: 17 * Math.min(1, room / pen.measureText(title).width) };
                }
                // Where nothing can hover, the buttons would always lie on the title.
                const displayModeBar = matchMedia('(hover: hover)').matches ? 'hover' : false;
                Plotly.newPlot(plot, data, layout, { displayModeBar, ...config, responsive: !width, displaylogo: false });
            }
            </script>
            """;

    /// <summary>Plotly's script.</summary>
    public static string PlotlyScript()
    {
        var apart = new AssemblyLoadContext(nameof(PlotlyScript), isCollectible: true);
        try
        {
            Assembly plotly = apart.LoadFromAssemblyPath(Path.Combine(AppContext.BaseDirectory, "extensions", "Plotly.NET.dll"));
            return Resource(plotly, $"Plotly.NET.{PageSet.PlotlyFile}");
        }
        finally
        {
            apart.Unload();
        }
    }

    /// <summary>A file inside an assembly, as text.</summary>
    public static string Resource(Assembly assembly, string name)
    {
        using var reader = new StreamReader(
            assembly.GetManifestResourceStream(name)
                ?? throw new InvalidOperationException($"{assembly.GetName().Name} has no resource {name}.")
        );
        return reader.ReadToEnd();
    }
}
