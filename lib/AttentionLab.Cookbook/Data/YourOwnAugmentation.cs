using AttentionLab.Data;
using AttentionLab.Figures;
using AttentionLab.Imaging;

namespace AttentionLab.Cookbook.Data;

internal sealed class YourOwnAugmentation : Recipe
{
    public override string Name => "Your own augmentation";

    public override string Sentence => "Puts random changes together; seed, epoch and index decide what is drawn.";

    protected override void Execute()
    {
        var mine = new Augmentation(new RandomCrop(padding: 4), new RandomRotation(degrees: 30), new Cutout(side: 10));
        Image Changed(int epoch) => mine.Steps(picture, seed: 0, epoch)[^1].Picture;

        display(
            new ImageGrid(
                [picture, .. Enumerable.Range(1, 7).Select(Changed)],
                ["as it is", .. Enumerable.Range(1, 7).Select(e => $"epoch {e}")]
            )
        );
    }
}
