using AttentionLab.Explain;
using AttentionLab.Figures;

namespace AttentionLab.Cookbook.Methods;

internal sealed class MethodsSideBySide : Recipe
{
    public override string Name => "Methods side by side";

    public override string Sentence => "Explains the same pictures by several methods and lays them out as a grid.";

    protected override void Execute()
    {
        string[] names = ["grad-cam", "hires-cam", "eigen-cam", "gradients", "occlusion"];
        Explanation[] explanations = [.. names.Select(name => ExplanationMethods.Get(name).Explain(model, input).Single())];

        display(new MethodGrid(names, ImageWithMaps.Of(data.Test, [0, 1, 2], explanations)));
    }
}
