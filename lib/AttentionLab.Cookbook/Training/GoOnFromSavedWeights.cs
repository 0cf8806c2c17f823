using AttentionLab.Training;

namespace AttentionLab.Cookbook.Training;

internal sealed class GoOnFromSavedWeights : Recipe
{
    public override string Name => "Go on from saved weights";

    public override string Sentence => "Trains a loaded network further; the history notes that it was trained before.";

    protected override void Execute()
    {
        var options = new TrainingOptions { Epochs = 1, LearningRate = 0.0001 };
        TrainingHistory history = new Trainer(options).Fit(network, data);

        display(history.Notes);
    }
}
