using System.Reflection;
using System.Runtime.Loader;
using AttentionLab.Figures;
using SkiaSharp;

namespace AttentionLab.Tests.Figures;

/// <summary>The last .NET Interactive carries an FSharp.Core too old for Plotly.NET: a chart is shown as PNG there.</summary>
[Trait("Kind", "Numeric")]
public sealed class WithoutPlotlyTests
{
    [Fact]
    public void A_chart_is_drawn_and_offers_no_plotly_where_plotly_cannot_be_loaded()
    {
        Assembly library = new NoPlotly().LoadFromAssemblyPath(typeof(Figure).Assembly.Location);
        Type charts = library.GetType(typeof(TrainingCharts).FullName!, throwOnError: true)!;
        object chart = charts
            .GetMethods()
            .First(m => m.Name == "Iterations" && m.GetParameters()[0].ParameterType == typeof(IReadOnlyList<double>))
            .Invoke(null, [new double[] { 2, 1 }, null])!;
        Assert.NotEqual(typeof(LineChart), chart.GetType());

        using SKBitmap bitmap = SKBitmap.Decode((byte[])chart.GetType().GetMethod("ToPng")!.Invoke(chart, [1.0])!);
        Assert.Equal(720, bitmap.Width);
        Assert.IsType<FileNotFoundException>(
            Assert
                .Throws<TargetInvocationException>(() => chart.GetType().GetMethod("ToPlotlyJson")!.Invoke(chart, null))
                .InnerException
        );

        object attribute = chart
            .GetType()
            .GetCustomAttributes(true)
            .Single(a => a.GetType().Name == "TypeFormatterSourceAttribute");
        Assert.Equal(
            ["image/png", "text/plain"],
            (string[])attribute.GetType().GetProperty("PreferredMimeTypes")!.GetValue(attribute)!
        );

        string html = Formatted(library, chart, "text/html")!;
        Assert.Contains("<img ", html, StringComparison.Ordinal);
        Assert.Contains("data-not-interactive=\"System.IO.FileNotFoundException: ", html, StringComparison.Ordinal);
        Assert.DoesNotContain("<script", html, StringComparison.Ordinal);
        Assert.Null(Formatted(library, chart, "application/vnd.plotly.v1+json"));
    }

    /// <summary>What the library's formatter of a MIME type writes; null when it declines.</summary>
    private static string? Formatted(Assembly library, object chart, string mimeType)
    {
        object source = Activator.CreateInstance(library.GetType(typeof(FigureFormatterSource).FullName!, throwOnError: true)!)!;
        var formatters =
            (IEnumerable<object>)
                source.GetType().GetMethod(nameof(FigureFormatterSource.CreateTypeFormatters))!.Invoke(source, null)!;
        object formatter = formatters.Single(f => (string)f.GetType().GetProperty("MimeType")!.GetValue(f)! == mimeType);
        using var writer = new StringWriter();
        return (bool)formatter.GetType().GetMethod("Format")!.Invoke(formatter, [chart, writer])! ? writer.ToString() : null;
    }

    /// <summary>
    /// Loads its own copy of the library, and of ScottPlot for its list of fonts, but nothing that Plotly needs.
    /// </summary>
    private sealed class NoPlotly : AssemblyLoadContext
    {
        protected override Assembly? Load(AssemblyName name) =>
            name.Name switch
            {
                "Plotly.NET" or "DynamicObj" or "FSharp.Core" => throw new FileNotFoundException($"{name.Name} is not here."),
                "ScottPlot" => LoadFromAssemblyPath(typeof(ScottPlot.Plot).Assembly.Location),
                _ => null,
            };
    }
}
