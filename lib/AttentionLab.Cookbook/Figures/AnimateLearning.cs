using AttentionLab.Explain;
using AttentionLab.Figures;
using AttentionLab.Models;
using AttentionLab.Training;

namespace AttentionLab.Cookbook.Figures;

internal sealed class AnimateLearning : Recipe
{
    public override string Name => "Animate learning";

    public override string Sentence => "Shows how a map changes while the network learns.";

    protected override void Execute()
    {
        var cnn = new Cnn(data.ClassNames.Count, seed: 0);
        var frames = new List<MapFrame>();
        MapFrame Look(int epoch)
        {
            Explanation now = new GradCam().Explain(cnn, input[..2]).Single();
            return new MapFrame(epoch, now.ToHeatMap(0), now.ToHeatMap(1));
        }

        var trainer = new Trainer(new TrainingOptions { Epochs = 4, Augmentation = null });
        trainer.Fit(cnn, data, report => frames.AddRange(report.Finished is null ? [] : [Look(report.Epoch)]));
        display(new MapAnimation([data.Test.PictureOf(0), data.Test.PictureOf(1)], frames) { TileSize = 96 });
    }
}
