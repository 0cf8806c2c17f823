using AttentionLab.Models;
using AttentionLab.Training;

namespace AttentionLab.Cookbook.Training;

internal sealed class LogForTensorBoard : Recipe
{
    public override string Name => "Log for TensorBoard";

    public override string Sentence =>
        "Writes losses, accuracies and the learning rate for TensorBoard while the network learns.";

    protected override void Execute()
    {
        var log = new TensorBoardLog($"{folder}/runs/first");
        new Trainer(new TrainingOptions { Epochs = 1 }).Fit(new Cnn(data.ClassNames.Count, seed: 0), data, log.Record);

        display($"{Directory.GetFiles($"{folder}/runs/first").Length} event file");
    }
}
