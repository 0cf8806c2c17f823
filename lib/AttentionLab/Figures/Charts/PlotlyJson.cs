using System.Reflection;
using Plotly.NET;

namespace AttentionLab.Figures;

/// <summary>
/// Writes Plotly figure objects by Plotly.NET. The only type whose method bodies name its types: what never calls it never loads
/// that assembly.
/// </summary>
internal static class PlotlyJson
{
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

    /// <summary>One figure, without Plotly's default template.</summary>
    /// <param name="traces">Each by attribute name, <c>type</c> among them.</param>
    /// <param name="layout">By attribute name.</param>
    public static string Write(IEnumerable<Dictionary<string, object>> traces, Dictionary<string, object> layout)
    {
        var appearance = new Layout();
        foreach ((string attribute, object value) in layout)
        {
            appearance.SetProperty(attribute, value);
        }

        return GenericChart.toFigureJson(
            GenericChart.setLayout(appearance, GenericChart.ofTraceObjects(false, traces.Select(ToTrace).ToList()))
        );
    }

    private static Trace ToTrace(Dictionary<string, object> attributes)
    {
        var trace = new Trace((string)attributes["type"]);
        foreach ((string attribute, object value) in attributes.Where(a => a.Key != "type"))
        {
            trace.SetProperty(attribute, value);
        }

        return trace;
    }
}
