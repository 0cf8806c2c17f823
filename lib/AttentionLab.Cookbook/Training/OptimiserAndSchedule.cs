using AttentionLab.Figures;
using AttentionLab.Models;
using AttentionLab.Training;

namespace AttentionLab.Cookbook.Training;

internal sealed class OptimiserAndSchedule : Recipe
{
    public override string Name => "Optimiser and schedule";

    public override string Sentence =>
        "Takes SGD with momentum and a learning rate that rises and falls once, and plots the rate.";

    protected override void Execute()
    {
        var options = new TrainingOptions
        {
            Epochs = 4,
            Optimizer = new Sgd(),
            LearningRate = 0.05,
            Schedule = new OneCycle(),
        };
        var rates = new SortedDictionary<int, double>();
        var trainer = new Trainer(options);
        trainer.Fit(new Cnn(data.ClassNames.Count, seed: 0), data, report => rates[report.Iteration] = report.LearningRate);

        display(new LineChart(new LineSeries("OneCycle", [.. rates.Values])) { XTitle = "Step", YTitle = "Learning rate" });
    }
}
