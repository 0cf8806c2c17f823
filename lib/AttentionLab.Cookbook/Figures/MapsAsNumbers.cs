using AttentionLab.Core;
using AttentionLab.Explain;

namespace AttentionLab.Cookbook.Figures;

internal sealed class MapsAsNumbers : Recipe
{
    public override string Name => "A map as numbers";

    public override string Sentence => "Reads a map's values, its peak and its mean, and writes it as CSV.";

    protected override void Execute()
    {
        Heatmap map = new GradCam().Explain(network, picture)[0];

        display($"{map.Height}×{map.Width} values from {map.Min:f2} to {map.Max:f2}, mean {map.Mean:f2}");
        display($"the peak is in row {map.Peak.Row}, column {map.Peak.Column}");
        display(map.MinMax().Resize(3, 3).ToCsv());
    }
}
