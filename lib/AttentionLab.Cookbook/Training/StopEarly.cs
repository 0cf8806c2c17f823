using AttentionLab.Figures;
using AttentionLab.Models;
using AttentionLab.Training;

namespace AttentionLab.Cookbook.Training;

internal sealed class StopEarly : Recipe
{
    public override string Name => "Stop early";

    public override string Sentence =>
        "Ends when the validation part has not improved for some epochs, and goes back to the best weights.";

    protected override void Execute()
    {
        var options = new TrainingOptions
        {
            Augmentation = null,
            ValidationFraction = 0.2,
            StopAfter = 2,
            RestoreBest = true,
        };
        TrainingHistory history = new Trainer(options).Fit(new Cnn(data.ClassNames.Count, seed: 0), data);
        var training = new LineSeries("training", [.. history.Epochs.Select(epoch => epoch.TrainLoss)]);
        var validation = new LineSeries("validation", [.. history.Epochs.Select(epoch => epoch.ValidationLoss!.Value)]);

        display(new LineChart(training, validation) { Title = $"Best epoch: {history.Best.Epoch}", YTitle = "Loss" });
    }
}
