using System.Globalization;
using AttentionLab.Figures;
using Microsoft.DotNet.Interactive.Formatting;
using SkiaSharp;

namespace AttentionLab.Tests.Figures.Formatting;

/// <summary>Through the notebook's own formatting package, which the library does not know.</summary>
public sealed class FigureFormatterTests
{
    private const string Png = "image/png",
        Plotly = "application/vnd.plotly.v1+json",
        Html = "text/html",
        Text = "text/plain";
    private static readonly ImageGrid Grid = new([Pixels.Plain(2, 2, 255, 0, 0)], ["red"])
    {
        Culture = CultureInfo.InvariantCulture,
    };

    [Fact]
    public void The_library_does_not_reference_the_notebooks_package() =>
        Assert.DoesNotContain(
            typeof(Figure).Assembly.GetReferencedAssemblies(),
            a => a.Name!.Contains("Interactive", StringComparison.Ordinal)
        );

    [Theory]
    [InlineData(typeof(ImageGrid), false)]
    [InlineData(typeof(HeatMapPanels), false)]
    [InlineData(typeof(FeatureMapGrid), false)]
    [InlineData(typeof(LineChart), true)]
    [InlineData(typeof(BarChart), true)]
    [InlineData(typeof(ChartPanels), true)]
    public void Every_figure_prefers_what_it_has(Type type, bool plotly)
    {
        string[] expected = plotly ? [Plotly, Html, Png, Text] : [Png, Text];
        Assert.Equal(expected, Formatter.GetPreferredMimeTypesFor(type));
    }

    [Fact]
    public void A_picture_is_shown_as_png_in_base64()
    {
        byte[] png = Convert.FromBase64String(Grid.ToDisplayString(Png));
        using SKBitmap bitmap = SKBitmap.Decode(png);
        Assert.Equal(Grid.ToPng(), png);
        Assert.True(bitmap.Width > 0);
    }

    [Fact]
    public void A_picture_is_told_in_a_sentence() => Assert.Equal("Pictures in a grid (1): red.", Grid.ToDisplayString(Text));

    [Fact]
    public void A_chart_is_shown_in_all_four_forms()
    {
        var chart = new LineChart(new LineSeries("a", [0, 1], [2, 3])) { Title = "T" };
        Assert.Equal(chart.ToPlotlyJson(), chart.ToDisplayString(Plotly));
        Assert.Equal(chart.ToPng(), Convert.FromBase64String(chart.ToDisplayString(Png)));
        Assert.Equal(chart.AltText, chart.ToDisplayString(Text));
        string html = chart.ToDisplayString(Html);
        Assert.Contains($"src=\"data:image/png;base64,{chart.ToDisplayString(Png)}\"", html, StringComparison.Ordinal);
        Assert.Equal(chart.ToPlotlyJson(), System.Net.WebUtility.HtmlDecode(html.Split('\'')[1]));
        Assert.DoesNotContain("http", html, StringComparison.Ordinal);
    }

    [Fact]
    public void A_name_in_a_chart_cannot_break_out_of_its_html()
    {
        var chart = new LineChart(new LineSeries("it's <b>\"&amp;</script>", [0], [1])) { Title = "'><script>" };
        string[] pieces = chart.ToDisplayString(Html).Split('\'');
        Assert.Equal(chart.ToPlotlyJson(), System.Net.WebUtility.HtmlDecode(pieces[1]));
        Assert.DoesNotContain('<', pieces[1]);
        Assert.Equal(2, chart.ToDisplayString(Html).Split("<script").Length);
    }

    [Fact]
    public void A_picture_in_html_is_its_png()
    {
        string html = Grid.ToDisplayString(Html);
        Assert.StartsWith("<img ", html, StringComparison.Ordinal);
        Assert.Contains($"src=\"data:image/png;base64,{Grid.ToDisplayString(Png)}\"", html, StringComparison.Ordinal);
        Assert.Contains($"alt=\"{Grid.AltText}\"", html, StringComparison.Ordinal);
    }

    [Fact]
    public void A_picture_has_no_plotly_form()
    {
        Assert.Null(Grid.ToPlotlyJson());
        using var writer = new StringWriter();
        Assert.False(new FigureFormatter(Plotly, figure => figure.ToPlotlyJson()).Format(Grid, writer));
        Assert.False(new FigureFormatter(Png, _ => "x").Format("no figure", writer));
        Assert.Empty(writer.ToString());
    }
}
