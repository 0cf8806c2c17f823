using System.Globalization;
using AttentionLab.Explain;
using AttentionLab.Figures;

namespace AttentionLab.Cookbook.Figures;

internal sealed class TextsInChinese : Recipe
{
    public override string Name => "Texts in Chinese";

    public override string Sentence => "Gives a figure's own words in Chinese.";

    protected override void Execute()
    {
        Explanation explanation = new GradCam().Explain(model, input).Single();

        display(
            new HeatMapPanels(ImageWithMaps.Of(data.Test, [0, 1, 2], explanation)) { Culture = CultureInfo.GetCultureInfo("zh") }
        );
    }
}
