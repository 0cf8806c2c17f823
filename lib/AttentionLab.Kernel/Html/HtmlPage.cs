using System.Globalization;
using System.Net;
using System.Reflection;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using AttentionLab.Kernel.Display;
using AttentionLab.Kernel.Notebooks;

namespace AttentionLab.Kernel.Html;

/// <summary>One file of HTML that shows an executed notebook and loads nothing: pictures, styles and plotly.js are inside.</summary>
internal sealed partial class HtmlPage
{
    private const string Plotly = "application/vnd.plotly.v1+json";
    private const string Png = "image/png";

    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true };

    private readonly StringBuilder _body = new();
    private readonly MarkdownPart _markdown;
    private bool _hasChart;

    private HtmlPage(NotebookRun run)
    {
        _markdown = new MarkdownPart(run.Notebook.Folder);
        foreach (NotebookCell cell in run.Notebook.Cells)
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
                AppendCode(cell);
            }
        }
    }

    /// <summary>Where the page of an executed notebook lies: beside it.</summary>
    public static string PathFor(string notebook) => Path.ChangeExtension(notebook, ".html");

    /// <summary>The page of a run.</summary>
    public static string Of(NotebookRun run)
    {
        var page = new HtmlPage(run);
        string status =
            run.Error is { } error ? $"<span class=\"failed\">failed in {Encode(error.Location)}</span>"
            : run.Cancelled ? "<span class=\"failed\">stopped</span>"
            : "ran";
        string toc =
            page._markdown.Headings.Count(heading => heading.Level is 2 or 3) < 2
                ? ""
                : "<nav><details open><summary>Contents</summary>"
                    + string.Concat(
                        page._markdown.Headings.Where(heading => heading.Level <= 3)
                            .Select(heading =>
                                $"<a class=\"level{heading.Level}\" href=\"#{heading.Id}\">{Encode(heading.Text)}</a>"
                            )
                    )
                    + "</details></nav>";
        string footer =
            $"<footer>{Encode(run.Notebook.Name)} {status} {(run.Succeeded ? "in" : "after")} {Seconds(run.Elapsed)} on .NET {Environment.Version}</footer>";
        return Frame(run.Notebook.Title, $"{toc}<main>{page._body}{footer}</main>{(page._hasChart ? ChartScripts() : "")}");
    }

    /// <summary>A whole page around a body.</summary>
    public static string Frame(string title, string body) =>
        $"""
            <!DOCTYPE html>
            <html>
            <head>
            <meta charset="utf-8">
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

    private void AppendCode(NotebookCell cell)
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
            _body.Append(
                CultureInfo.InvariantCulture,
                $"<div class=\"code\"><span class=\"number\">{label}{took}</span><pre><code>{CodeColors.ToHtml(cell.Source)}</code></pre></div>"
            );
        }

        foreach (JsonNode? output in cell.Outputs)
        {
            _body.Append("<div class=\"output\">").Append(Output(output!.AsObject())).Append("</div>");
        }

        _body.AppendLine("</section>");
    }

    private string Output(JsonObject output) =>
        (string?)output["output_type"] switch
        {
            "stream" => Pre(NotebookCell.Text(output["text"]) ?? "", (string?)output["name"] == "stderr" ? "stderr" : "stdout"),
            "error" => Pre(string.Join('\n', output["traceback"]!.AsArray().Select(line => (string?)line)), "error"),
            _ => Bundle(output["data"]?.AsObject() ?? []),
        };

    private string Bundle(JsonObject data)
    {
        string? picture = NotebookCell.Text(data[Png]) is { } png
            ? $"<img src=\"data:{Png};base64,{Encode(png.Replace("\n", "", StringComparison.Ordinal))}\" alt=\"{Encode(NotebookCell.Text(data[MimeBundle.Text]) ?? "")}\">"
            : null;
        if (data[Plotly] is { } chart)
        {
            _hasChart = true;
            return $"<div class=\"chart\"><div class=\"still\">{picture ?? "<p>A chart, drawn by a script.</p>"}</div><div class=\"plot\"></div><script type=\"application/json\">{chart.ToJsonString()}</script></div>";
        }

        if (NotebookCell.Text(data[MimeBundle.Html]) is { } html)
        {
            return $"<div class=\"rich\">{html}</div>";
        }

        if (NotebookCell.Text(data["image/svg+xml"]) is { } svg)
        {
            return $"<img src=\"data:image/svg+xml;base64,{Convert.ToBase64String(Encoding.UTF8.GetBytes(svg))}\" alt=\"\">";
        }

        if (picture is not null)
        {
            return picture;
        }

        if (NotebookCell.Text(data["image/jpeg"]) is { } jpeg)
        {
            return $"<img src=\"data:image/jpeg;base64,{Encode(jpeg)}\" alt=\"\">";
        }

        if (NotebookCell.Text(data["text/markdown"]) is { } markdown)
        {
            return $"<div class=\"text\">{_markdown.ToHtml(markdown, null)}</div>";
        }

        return data.FirstOrDefault(item => MimeBundle.IsJson(item.Key)).Value is { } tree
            ? Pre(tree.ToJsonString(Indented), "result")
            : Pre(NotebookCell.Text(data[MimeBundle.Text]) ?? "", "result");
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

    private static string ChartScripts() =>
        $$"""
            <script>{{Resource(typeof(Plotly.NET.GenericChart).Assembly, "Plotly.NET.plotly-2.28.0.min.js")}}</script>
            <script>
            for (const chart of document.querySelectorAll('.chart')) {
                const { data, layout, config } = JSON.parse(chart.querySelector('script').textContent);
                chart.classList.add('live');
                Plotly.newPlot(chart.querySelector('.plot'), data, layout, { ...config, responsive: true, displaylogo: false });
            }
            </script>
            """;

    private static string Resource(Assembly assembly, string name)
    {
        using var reader = new StreamReader(
            assembly.GetManifestResourceStream(name)
                ?? throw new InvalidOperationException($"{assembly.GetName().Name} has no resource {name}.")
        );
        return reader.ReadToEnd();
    }
}
