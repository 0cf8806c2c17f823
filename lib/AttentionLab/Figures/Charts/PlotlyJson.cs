using System.Reflection;
using Plotly.NET;

namespace AttentionLab.Figures;

/// <summary>
/// Writes charts as one Plotly figure object. The only type whose method bodies name Plotly.NET's types: what never calls it
/// never loads that assembly.
/// </summary>
internal static class PlotlyJson
{
    private const double Gap = 0.1;

    /// <summary>All of plotly.js, which Plotly.NET carries.</summary>
    public static string Script()
    {
        Assembly assembly = typeof(GenericChart).Assembly;
        string name = assembly
            .GetManifestResourceNames()
            .Single(resource => resource.EndsWith(".min.js", StringComparison.Ordinal));
        using var reader = new StreamReader(assembly.GetManifestResourceStream(name)!);
        return reader.ReadToEnd();
    }

    public static string Of(IReadOnlyList<Chart> panels)
    {
        var traces = new List<Trace>();
        var layout = new Layout();
        var annotations = new List<Dictionary<string, object>>();
        bool named = false;
        var listed = new HashSet<(object, object)>();
        double width = (1 - (Gap * (panels.Count - 1))) / panels.Count;
        for (int p = 0; p < panels.Count; p++)
        {
            Chart panel = panels[p];
            string number = p == 0 ? "" : $"{p + 1}";
            double left = p * (width + Gap);
            List<Dictionary<string, object>> own = [.. panel.PlotlyTraces()];
            foreach (Dictionary<string, object> attributes in own)
            {
                var trace = new Trace((string)attributes["type"]);
                foreach ((string attribute, object value) in attributes.Where(a => a.Key != "type"))
                {
                    trace.SetProperty(attribute, value);
                }

                if (p > 0)
                {
                    trace.SetProperty("xaxis", "x" + number);
                    trace.SetProperty("yaxis", "y" + number);
                }

                bool hasName = attributes.TryGetValue("name", out object? name) && (string)name != "";
                named |= hasName;
                if (panels.Count > 1 && hasName)
                {
                    // One legend for all panels: a name is listed once, and a click on it hides its lines everywhere.
                    trace.SetProperty("legendgroup", name!);
                    if (!listed.Add((name!, attributes["type"])))
                    {
                        trace.SetProperty("showlegend", false);
                    }
                }

                traces.Add(trace);
            }

            layout.SetProperty(
                "xaxis" + number,
                Axis(
                    panel.XTitle,
                    own,
                    panel.IntegerX,
                    ("domain", new[] { Math.Round(left, 4), Math.Round(left + width, 4) }),
                    ("anchor", "y" + number)
                )
            );
            layout.SetProperty(
                "yaxis" + number,
                panel.YRange is { } range
                    ? Axis(panel.YTitle, [], false, ("anchor", "x" + number), ("range", new[] { range.Low, range.High }))
                    : Axis(panel.YTitle, [], false, ("anchor", "x" + number))
            );
            if (panels.Count > 1 && panel.Title.Length > 0)
            {
                annotations.Add(
                    new()
                    {
                        ["text"] = Chart.PlotlyEscape(panel.Title),
                        ["x"] = Math.Round(left + (width / 2), 4),
                        ["y"] = 1.04,
                        ["xref"] = "paper",
                        ["yref"] = "paper",
                        ["xanchor"] = "center",
                        ["yanchor"] = "bottom",
                        ["showarrow"] = false,
                        ["font"] = new Dictionary<string, object> { ["size"] = 16 },
                    }
                );
            }
        }

        if (annotations.Count > 0)
        {
            layout.SetProperty("annotations", annotations);
        }
        else
        {
            layout.SetProperty(
                "title",
                new Dictionary<string, object> { ["text"] = Chart.PlotlyEscape(panels[0].Title), ["x"] = 0.5 }
            );
        }

        layout.SetProperty("width", panels.Sum(p => p.Size.Width));
        layout.SetProperty("height", panels.Max(p => p.Size.Height) + 60);
        // Leaning names need the place below the axis: the legend goes above.
        bool leaning = panels.Any(p => p.PlotlyTraces().Any(t => t["x"] is string[]));
        layout.SetProperty(
            "margin",
            new Dictionary<string, object>
            {
                ["l"] = 60,
                ["r"] = 20,
                ["t"] = leaning ? 90 : 60,
                ["b"] = 90,
            }
        );
        layout.SetProperty("showlegend", named);
        layout.SetProperty(
            "legend",
            new Dictionary<string, object>
            {
                ["orientation"] = "h",
                ["x"] = 0.5,
                ["xanchor"] = "center",
                ["y"] = leaning ? 1.02 : -0.28,
                ["yanchor"] = leaning ? "bottom" : "top",
            }
        );
        layout.SetProperty("plot_bgcolor", "white");
        GenericChart chart = GenericChart.setLayout(layout, GenericChart.ofTraceObjects(false, traces));
        return GenericChart.toFigureJson(chart);
    }

    /// <param name="title">Beside the axis.</param>
    /// <param name="own">The traces along the axis, when it is horizontal.</param>
    /// <param name="integer">Whether only whole numbers are shown.</param>
    /// <param name="more">Further attributes.</param>
    private static Dictionary<string, object> Axis(
        string title,
        List<Dictionary<string, object>> own,
        bool integer,
        params ReadOnlySpan<(string Name, object Value)> more
    )
    {
        var axis = new Dictionary<string, object>
        {
            ["title"] = new Dictionary<string, object> { ["text"] = Chart.PlotlyEscape(title) },
            ["gridcolor"] = "#e4e4e4",
            ["zeroline"] = false,
            ["linecolor"] = "#888888",
        };
        if (own.Any(t => t["x"] is string[]))
        {
            // Names lean as in the PNG, away from the right edge, and get the room they need.
            axis["tickangle"] = -45;
            axis["automargin"] = true;
        }

        if (integer)
        {
            // Whole numbers only; left alone, Plotly puts ticks at halves where there are few.
            axis["tickformat"] = ",d";
            if (own.All(t => t["x"] is long[] x && x.Max() - x.Min() < 12))
            {
                axis["dtick"] = 1;
            }
        }

        foreach ((string name, object value) in more)
        {
            axis[name] = value;
        }

        return axis;
    }
}
