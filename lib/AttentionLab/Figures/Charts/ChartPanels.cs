namespace AttentionLab.Figures;

/// <summary>Charts side by side, as one figure.</summary>
[TypeFormatterSource(
    typeof(FigureFormatterSource),
    PreferredMimeTypes = [
        FigureFormatterSource.Plotly,
        FigureFormatterSource.Html,
        FigureFormatterSource.Png,
        FigureFormatterSource.Text,
    ]
)]
public sealed class ChartPanels : Figure
{
    private const float Gap = 12;

    /// <summary>Puts charts side by side, in the order given.</summary>
    /// <exception cref="ArgumentException">There is none.</exception>
    public ChartPanels(params IReadOnlyList<Chart> panels)
    {
        ArgumentNullException.ThrowIfNull(panels);
        if (panels.Count == 0)
        {
            throw new ArgumentException("Panels need a chart.", nameof(panels));
        }

        Panels = [.. panels];
    }

    /// <summary>The charts, from the left.</summary>
    public IReadOnlyList<Chart> Panels { get; }

    /// <inheritdoc/>
    public override string AltText => string.Join(' ', Panels.Select(p => p.AltText));

    /// <inheritdoc/>
    public override IReadOnlyList<string> FileExtensions =>
        Panels.All(panel => panel.FileExtensions.Contains(Svg)) ? [Png, Svg, Html] : [Png, Html];

    /// <inheritdoc/>
    public override string? ToPlotlyJson() => PlotlyPanels.ToJson(Panels);

    private protected override Drawing Compose() =>
        new(
            Panels.Sum(p => p.Size.Width) + (Gap * (Panels.Count - 1)),
            Panels.Max(p => p.Size.Height),
            canvas =>
            {
                float x = 0;
                foreach (Chart panel in Panels)
                {
                    canvas.Save();
                    canvas.Translate(x, 0);
                    panel.DrawOn(canvas);
                    canvas.Restore();
                    x += panel.Size.Width + Gap;
                }
            }
        );
}
