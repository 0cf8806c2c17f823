using AttentionLab.Models;
using AttentionLab.Training;

namespace AttentionLab.Cookbook.Training;

internal sealed class RegulariseATraining : Recipe
{
    public override string Name => "Regularise a training";

    public override string Sentence => "Switches on label smoothing, CutMix, decoupled weight decay and a limit for gradients.";

    protected override void Execute()
    {
        var options = new TrainingOptions
        {
            Epochs = 1,
            LabelSmoothing = 0.1,
            Mixing = new CutMix(),
            Optimizer = new AdamW { WeightDecay = 0.05 },
            MaxGradientNorm = 1,
        };
        TrainingHistory history = new Trainer(options).Fit(new Cnn(data.ClassNames.Count, seed: 0), data);
        display($"{history.IterationLosses.Count} steps, the last at a learning rate of {history.Last.LearningRate}");
    }
}
