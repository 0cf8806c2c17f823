using AttentionLab.Data;
using AttentionLab.Figures;

namespace AttentionLab.Cookbook.Data;

internal sealed class AugmentationStepByStep : Recipe
{
    public override string Name => "Augmentation step by step";

    public override string Sentence => "Shows what each random change of the tutorial's augmentation does to a picture.";

    protected override void Execute()
    {
        var steps = Augmentation.Tutorial.Steps(picture, seed: 1);

        display(
            new ImageGrid(
                [picture, .. steps.Select(step => step.Picture)],
                ["as it is", .. steps.Select(step => step.Description)]
            )
            {
                Title = "One picture, one step after the other",
                TileSize = 120,
            }
        );
    }
}
