namespace AttentionLab.Figures;

/// <summary>Charts side by side as one interactive Plotly figure.</summary>
internal static class PlotlyPanels
{
    private const double Gap = 0.1;
    private const int TitleSize = 15,
        LongestTitle = 28;

    public static string ToJson(IReadOnlyList<Chart> panels)
    {
        List<Dictionary<string, object>>[] traces = [.. panels.Select(panel => panel.PlotlyTraces().ToList())];
        // Leaning names need the place below the axis: the legend goes above.
        bool leaning = traces.Any(own => own.Any(HasNames));
        Dictionary<string, object> layout = Layout(panels, leaning);
        layout["showlegend"] = traces.Any(own => own.Any(trace => NameOf(trace) is not null));
        double width = (1 - (Gap * (panels.Count - 1))) / panels.Count;
        for (int p = 0; p < panels.Count; p++)
        {
            AddAxes(layout, panels[p], traces[p], Number(p), p * (width + Gap), width);
        }

        if (panels.Count > 1)
        {
            ShareOneLegend(traces);
        }

        return PlotlyJson.Write(traces.SelectMany(own => own), layout);
    }

    // Plotly's axes are called x, x2, x3 …
    private static string Number(int panel) => panel == 0 ? "" : $"{panel + 1}";

    private static string? NameOf(Dictionary<string, object> trace) =>
        trace.TryGetValue("name", out object? name) && (string)name != "" ? (string)name : null;

    private static bool HasNames(Dictionary<string, object> trace) => trace["x"] is string[];

    /// <summary>A name is listed once, and a click on it hides its lines in all panels.</summary>
    private static void ShareOneLegend(List<Dictionary<string, object>>[] panels)
    {
        var listed = new HashSet<(string, object)>();
        for (int p = 0; p < panels.Length; p++)
        {
            foreach (Dictionary<string, object> trace in panels[p])
            {
                if (p > 0)
                {
                    trace["xaxis"] = "x" + Number(p);
                    trace["yaxis"] = "y" + Number(p);
                }

                if (NameOf(trace) is { } name)
                {
                    trace["legendgroup"] = name;
                    if (!listed.Add((name, trace["type"])))
                    {
                        trace["showlegend"] = false;
                    }
                }
            }
        }
    }

    private static Dictionary<string, object> Layout(IReadOnlyList<Chart> panels, bool leaning)
    {
        // Above several panels the legend also leaves their titles room.
        int top = leaning ? (panels.Count > 1 ? 130 : 90) : 60;
        double legend = leaning ? (panels.Count > 1 ? 1.2 : 1.02) : -0.28;
        var layout = new Dictionary<string, object>
        {
            ["width"] = panels.Sum(p => p.Size.Width),
            ["height"] = panels.Max(p => p.Size.Height) + top,
            ["margin"] = new Dictionary<string, object>
            {
                ["l"] = 60,
                ["r"] = 20,
                ["t"] = top,
                ["b"] = 90,
            },
            ["legend"] = new Dictionary<string, object>
            {
                ["orientation"] = "h",
                ["x"] = 0.5,
                ["xanchor"] = "center",
                ["y"] = legend,
                ["yanchor"] = leaning ? "bottom" : "top",
            },
            ["plot_bgcolor"] = "white",
        };
        if (panels.Count == 1)
        {
            layout["title"] = new Dictionary<string, object> { ["text"] = Chart.PlotlyEscape(panels[0].Title), ["x"] = 0.5 };
        }
        else
        {
            layout["annotations"] = Titles(panels);
        }

        return layout;
    }

    /// <summary>Each panel's title above it, for a Plotly layout has one title of its own.</summary>
    private static Dictionary<string, object>[] Titles(IReadOnlyList<Chart> panels)
    {
        double width = (1 - (Gap * (panels.Count - 1))) / panels.Count;
        return
        [
            .. panels
                .Index()
                .Where(panel => panel.Item.Title.Length > 0)
                .Select(panel => new Dictionary<string, object>
                {
                    ["text"] = InTwoLines(Chart.PlotlyEscape(panel.Item.Title)),
                    ["x"] = Math.Round((panel.Index * (width + Gap)) + (width / 2), 4),
                    ["y"] = 1.04,
                    ["xref"] = "paper",
                    ["yref"] = "paper",
                    ["xanchor"] = "center",
                    ["yanchor"] = "bottom",
                    ["showarrow"] = false,
                    ["font"] = new Dictionary<string, object> { ["size"] = TitleSize },
                }),
        ];
    }

    /// <summary>Where panels are narrow, a long title would lie on its neighbour: it breaks where it can, nearest its middle.</summary>
    private static string InTwoLines(string title)
    {
        int[] breaks = [.. title.Index().Where(letter => letter.Item is ' ' or '，' or '：').Select(letter => letter.Index)];
        if (title.Length <= LongestTitle || breaks.Length == 0)
        {
            return title;
        }

        int at = breaks.MinBy(place => Math.Abs(place - (title.Length / 2))) + 1;
        return title[..at].TrimEnd() + "<br>" + title[at..];
    }

    private static void AddAxes(
        Dictionary<string, object> layout,
        Chart panel,
        List<Dictionary<string, object>> traces,
        string number,
        double left,
        double width
    )
    {
        Dictionary<string, object> x = Axis(panel.XTitle, "y" + number),
            y = Axis(panel.YTitle, "x" + number);
        x["domain"] = new[] { Math.Round(left, 4), Math.Round(left + width, 4) };
        if (traces.Any(HasNames))
        {
            // Names lean as in the PNG, away from the right edge, and get the room they need.
            x["tickangle"] = -45;
            x["automargin"] = true;
        }

        if (panel.IntegerX)
        {
            // Whole numbers only; left alone, Plotly puts ticks at halves where there are few.
            x["tickformat"] = ",d";
            if (traces.All(t => t["x"] is long[] values && values.Max() - values.Min() < 12))
            {
                x["dtick"] = 1;
            }
        }

        if (panel.YRange is { } range)
        {
            y["range"] = new[] { range.Low, range.High };
        }

        layout["xaxis" + number] = x;
        layout["yaxis" + number] = y;
    }

    private static Dictionary<string, object> Axis(string title, string anchor) =>
        new()
        {
            ["title"] = new Dictionary<string, object> { ["text"] = Chart.PlotlyEscape(title) },
            ["gridcolor"] = "#e4e4e4",
            ["zeroline"] = false,
            ["linecolor"] = "#888888",
            ["anchor"] = anchor,
        };
}
