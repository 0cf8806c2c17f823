using AttentionLab.Explain;
using AttentionLab.Figures;

namespace AttentionLab.Cookbook.Methods;

internal sealed class GradCamOfPictures : Recipe
{
    public override string Name => "Grad-CAM";

    public override string Sentence => "Shows where the network looks for the class that it predicts.";

    protected override void Execute()
    {
        var method = new GradCam();
        Explanation explanation = method.Explain(model, input).Single();

        display(HeatMapPanels.Of(data.Test, [0, 1, 2], explanation));
    }
}
