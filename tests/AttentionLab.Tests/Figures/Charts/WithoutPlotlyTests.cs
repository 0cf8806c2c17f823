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
    }

    /// <summary>Loads its own copy of the library, and of ScottPlot for its list of fonts, but nothing that Plotly needs.</summary>
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
