using AttentionLab.Figures;
using AttentionLab.Models;
using AttentionLab.Training;

namespace AttentionLab.Cookbook.Training;

internal sealed class TrainANetwork : Recipe
{
    public override string Name => "Train a network";

    public override string Sentence => "Trains the tutorial's network and plots loss and accuracy of every epoch.";

    protected override void Execute()
    {
        var cnn = new Cnn(data.ClassNames.Count, seed: 0);
        var trainer = new Trainer(new TrainingOptions { Epochs = 8, Augmentation = null });
        TrainingHistory history = trainer.Fit(cnn, data);

        display(TrainingCharts.Epochs(history.Epochs));
        display($"{history.Last}");
    }
}
