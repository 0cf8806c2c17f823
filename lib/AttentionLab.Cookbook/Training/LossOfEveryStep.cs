using AttentionLab.Figures;
using AttentionLab.Models;
using AttentionLab.Training;

namespace AttentionLab.Cookbook.Training;

internal sealed class LossOfEveryStep : Recipe
{
    public override string Name => "Loss of every step";

    public override string Sentence => "Plots the loss of every batch, epoch after epoch.";

    protected override void Execute()
    {
        var cnn = new Cnn(data.ClassNames.Count, seed: 0);
        TrainingHistory history = new Trainer(new TrainingOptions { Epochs = 4, Augmentation = null }).Fit(cnn, data);

        display(TrainingCharts.Iterations(history.IterationLosses));
    }
}
