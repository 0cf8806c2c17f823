using AttentionLab.Core;
using AttentionLab.Evaluate;
using AttentionLab.Explain;

namespace AttentionLab.Cookbook.Evaluate;

internal sealed class DoesTheMapLieOnTheObject : Recipe
{
    public override string Name => "Does the map lie on the object";

    public override string Sentence =>
        "Compares maps with the masks of the objects: whether the peak lies on the object, and how much of the energy.";

    protected override void Execute()
    {
        Explanation explanation = new GradCam().Explain(model, input).Single();

        for (int i = 0; i < 3; i++)
        {
            Heatmap map = explanation.ToHeatMap(i);
            double peak = new PointingGame().Of(map, data.Test.MaskOf(i)),
                energy = new EnergyPointingGame().Of(map, data.Test.MaskOf(i));
            display($"{data.Test[i].ClassName}: peak on the object {peak:f0}, energy on it {energy:f2}");
        }
    }
}
