using AttentionLab.Models;
using AttentionLab.Training;

namespace AttentionLab.Cookbook.Training;

internal sealed class WatchATraining : Recipe
{
    public override string Name => "Watch a training";

    public override string Sentence => "Gets a report after every batch and every epoch, to print a line or to redraw a chart.";

    protected override void Execute()
    {
        void Print(TrainingProgress report)
        {
            if (report.IsMilestone)
            {
                display($"{report}");
            }
        }

        var trainer = new Trainer(new TrainingOptions { Epochs = 2 });
        trainer.Fit(new Cnn(data.ClassNames.Count, seed: 0), data, Print);
    }
}
