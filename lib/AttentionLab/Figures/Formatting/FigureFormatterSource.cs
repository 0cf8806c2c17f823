using System.Diagnostics.CodeAnalysis;

namespace AttentionLab.Figures;

/// <summary>Makes the formatters that a notebook uses for every <see cref="Figure"/>.</summary>
public sealed class FigureFormatterSource
{
    internal const string Png = "image/png";
    internal const string Plotly = "application/vnd.plotly.v1+json";
    internal const string Html = "text/html";
    internal const string Text = "text/plain";

    private static readonly Lazy<bool> PlotlyWorks = new(() =>
        TryWritePlotly(new LineChart([new LineSeries("", [0], [0])]), out _) is not null
    );

    /// <summary>Whether Plotly.NET draws at all here: the last .NET Interactive carries an FSharp.Core too old for it.</summary>
    internal static bool CanUsePlotly => PlotlyWorks.Value;

    /// <summary>
    /// A figure's Plotly form; null where it has none, or where Plotly.NET fails for whatever reason: the PNG shows the same
    /// chart, so a cell does not have to end with an error.
    /// </summary>
    /// <param name="figure">Any figure.</param>
    /// <param name="reason">Why a figure that has such a form was not written.</param>
    internal static string? TryWritePlotly(Figure figure, out Exception? reason)
    {
        reason = null;
        try
        {
            return figure.ToPlotlyJson();
        }
#pragma warning disable CA1031 // which exceptions come out of another library's start is not ours to list
        catch (Exception e)
#pragma warning restore CA1031
        {
            reason = e;
            return null;
        }
    }

    /// <summary>
    /// One formatter for each mime type: PNG as base64, Plotly's JSON, HTML with both (with the PNG alone where there is no
    /// Plotly form), and the sentence in <see cref="Figure.AltText"/>.
    /// </summary>
    [SuppressMessage("Performance", "CA1822", Justification = "Notebooks make a source and call the method on it.")]
    public IEnumerable<object> CreateTypeFormatters() =>
        [
            new FigureFormatter(Text, figure => figure.AltText),
            new FigureFormatter(Png, figure => Convert.ToBase64String(figure.ToPng())),
            new FigureFormatter(Plotly, figure => TryWritePlotly(figure, out _)),
            new FigureFormatter(Html, ChartHtml.Of),
        ];
}
