using System.Net;

namespace AttentionLab.Figures;

/// <summary>
/// A figure as HTML: its picture, which every viewer shows, and a script that puts a chart's interactive form in its place where
/// plotly.js can be had without the internet: on the page already, or from the kernelspec's folder, which a Jupyter server
/// offers.
/// </summary>
internal static class ChartHtml
{
    private const string Script = """
        (() => {
          const charts = [...document.querySelectorAll('.attentionlab-chart:not([data-seen])')];
          charts.forEach(chart => chart.dataset.seen = '');
          const draw = plotly => charts.forEach(chart => {
            const picture = chart.firstElementChild, plot = chart.appendChild(document.createElement('div'));
            const { data, layout } = JSON.parse(chart.dataset.figure);
            layout.width = Math.min(layout.width, chart.clientWidth || layout.width);
            picture.style.display = 'none'; // a page's own style can undo "hidden"
            const displayModeBar = matchMedia('(hover: hover)').matches ? 'hover' : false; // else it would always lie on the title
            Promise.resolve().then(() => plotly.newPlot(plot, data, layout, { displayModeBar, displaylogo: false }))
              .catch(() => { picture.style.display = ''; plot.remove(); });
          });
          const config = document.getElementById('jupyter-config-data');
          const server = document.body.dataset.baseUrl ?? (config ? JSON.parse(config.textContent).baseUrl : undefined);
          if (window.Plotly?.newPlot) draw(window.Plotly);
          else if (server !== undefined) {
            const url = new URL(server.replace(/\/?$/, '/') + 'kernelspecs/.net-csharp/plotly.min.js', location.href).href;
            window.attentionlabPlotly ??= new Promise((found, missing) => {
              if (window.define?.amd && window.require) window.require([url], found, missing);
              else {
                const script = document.createElement('script');
                script.onload = () => found(window.Plotly);
                script.onerror = missing;
                script.src = url;
                document.head.append(script);
              }
            });
            window.attentionlabPlotly.then(draw, () => { });
          }
        })();
        """;

    /// <summary>The HTML of any figure: its picture, and the interactive chart where there is one.</summary>
    public static string Of(Figure figure)
    {
        if (figure.ToOwnHtml() is { } own)
        {
            return own;
        }

        string picture = Picture(figure);
        if (FigureFormatterSource.TryWritePlotly(figure, out Exception? failure) is { } json)
        {
            return $"""
                <div class="attentionlab-chart" data-figure='{Attribute(json)}'>{picture}</div>
                <script>
                {Script}
                </script>
                """;
        }

        string? reason = failure?.GetBaseException() is { } cause ? $"{cause.GetType()}: {cause.Message}" : null;
        return reason is null ? picture : $"""<div data-not-interactive="{WebUtility.HtmlEncode(reason)}">{picture}</div>""";
    }

    /// <summary>A page of its own with the figure and plotly.js.</summary>
    public static string Page(Figure figure) =>
        $"""
            <!DOCTYPE html>
            <html lang="{figure.Culture.TwoLetterISOLanguageName}">
            <head>
            <meta charset="utf-8">
            <title>{WebUtility.HtmlEncode(figure.AltText)}</title>
            <script>{PlotlyJson.Script()}</script>
            </head>
            <body>
            {Of(figure)}
            </body>
            </html>

            """;

    private static string Picture(Figure figure)
    {
        byte[] png = figure.ToPng();
        // Of its header; drawn at scale 2.
        int width = System.Buffers.Binary.BinaryPrimitives.ReadInt32BigEndian(png.AsSpan(16)) / 2;
        return $"<img width=\"{width}\" style=\"max-width:100%\" alt=\"{WebUtility.HtmlEncode(figure.AltText)}\" "
            + $"src=\"data:image/png;base64,{Convert.ToBase64String(png)}\">";
    }

    // JSON is full of double quotes: between single ones they can stay.
    private static string Attribute(string json) =>
        json.Replace("&", "&amp;", StringComparison.Ordinal)
            .Replace("'", "&#39;", StringComparison.Ordinal)
            .Replace("<", "&lt;", StringComparison.Ordinal);
}
