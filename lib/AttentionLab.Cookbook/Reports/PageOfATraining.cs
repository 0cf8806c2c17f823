using AttentionLab.Models;
using AttentionLab.Reports;
using AttentionLab.Training;

namespace AttentionLab.Cookbook.Reports;

internal sealed class PageOfATraining : Recipe
{
    public override string Name => "A page of a training";

    public override string Sentence => "Writes a training run as one HTML page: curves, every epoch's numbers, how it was made.";

    protected override void Execute()
    {
        var cnn = new Cnn(data.ClassNames.Count, seed: 0);
        TrainingHistory history = new Trainer(new TrainingOptions { Epochs = 2 }).Fit(cnn, data);

        var page = new TrainingPage(history) { Facts = ["Shapes, 600 pictures", "seed 0"] };
        page.Save($"{folder}/training.html");
        display($"{history.Epochs.Count} epochs on a page: {string.Join("; ", page.Facts)}");
    }
}
