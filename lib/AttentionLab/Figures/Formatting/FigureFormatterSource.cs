using System.Diagnostics.CodeAnalysis;

namespace AttentionLab.Figures;

/// <summary>Makes the formatters that a notebook uses for every <see cref="Figure"/>.</summary>
public sealed class FigureFormatterSource
{
    internal const string Png = "image/png";
    internal const string Plotly = "application/vnd.plotly.v1+json";
    internal const string Html = "text/html";
    internal const string Text = "text/plain";

    private static readonly Lazy<bool> PlotlyLoads = new(() =>
    {
        try
        {
            return new LineChart([new LineSeries("", [0], [0])]).ToPlotlyJson() is not null;
        }
        catch (Exception e)
            when ((e is TypeInitializationException { InnerException: { } inner } ? inner : e)
                    is FileNotFoundException
                        or FileLoadException
                        or TypeLoadException
                        or MissingMemberException
            )
        {
            return false;
        }
    });

    internal static bool CanUsePlotly => PlotlyLoads.Value;

    /// <summary>One formatter for each mime type: PNG as base64, Plotly's JSON, HTML with both, and the sentence in <see cref="Figure.AltText"/>.</summary>
    [SuppressMessage("Performance", "CA1822", Justification = "Notebooks make a source and call the method on it.")]
    public IEnumerable<object> CreateTypeFormatters() =>
        [
            new FigureFormatter(Text, figure => figure.AltText),
            new FigureFormatter(Png, figure => Convert.ToBase64String(figure.ToPng())),
            new FigureFormatter(Plotly, figure => figure.ToPlotlyJson()),
            new FigureFormatter(Html, ChartHtml.Of),
        ];
}
