using AttentionLab.Models;
using AttentionLab.Training;

namespace AttentionLab.Cookbook.Training;

internal sealed class ResumeATraining : Recipe
{
    public override string Name => "Resume a training";

    public override string Sentence => "Writes a checkpoint after every epoch, and goes on after the last one of them.";

    protected override void Execute()
    {
        var options = new TrainingOptions { Epochs = 1, CheckpointFile = $"{folder}/run.safetensors" };
        TrainingHistory first = new Trainer(options).Fit(new Cnn(data.ClassNames.Count, seed: 0), data);
        TrainingHistory whole = new Trainer(options with { Epochs = 3 }).Fit(new Cnn(data.ClassNames.Count, seed: 0), data);

        display($"{first.Epochs.Count} epoch, then {whole.Epochs.Count} in the history");
        display($"the first is the one of the checkpoint: {whole.Epochs[0].TrainLoss == first.Epochs[0].TrainLoss}");
    }
}
