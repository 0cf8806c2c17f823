using AttentionLab.Core;
using AttentionLab.Data;
using AttentionLab.Evaluate;
using AttentionLab.Explain;
using AttentionLab.Models;
using AttentionLab.Training;
using static TorchSharp.torch;

namespace AttentionLab.Tests.Evaluate.Comparison;

/// <summary>What the numbers are for: a network that has learned a shortcut is found out by where it looks.</summary>
[Trait("Kind", "Numeric")]
public sealed class ShortcutTests
{
    [Fact]
    [Trait("Takes", "long")]
    public void A_network_that_learned_the_shortcut_looks_beside_the_object_and_the_report_says_so()
    {
        DataSet honest = ShapeSet.Create(train: 1_000, test: 100),
            planted = ShapeSet.Create(train: 1_000, test: 100, shortcut: true);
        TrainingOptions options = new()
        {
            Epochs = 4,
            Augmentation = null,
            Device = CPU,
        };
        using Cnn misled = new(seed: 0),
            sound = new(seed: 0);
        EpochRecord learned = new Trainer(options).Fit(misled, planted).Epochs[^1];
        new Trainer(options).Fit(sound, honest);
        Assert.True(learned.TrainAccuracy > 0.8 && learned.TestAccuracy < 0.1, $"{learned}"); // right in training, wrong where the mark lies

        // Both look at the same pictures, with marks of wrong colours in them.
        MethodComparison comparison = new() { Methods = [new GradCam()], Measures = [new EnergyPointingGame()] };
        EvaluationReport ofMisled = comparison.Run(misled, planted.Test, planted.Normalization),
            ofSound = comparison.Run(sound, planted.Test, planted.Normalization);
        MeasureScore misledScore = ofMisled.ScoreOf("grad-cam", "energy-pointing-game"),
            soundScore = ofSound.ScoreOf("grad-cam", "energy-pointing-game");

        ConfidenceInterval lost = ConfidenceInterval.OfDifference(soundScore.Scores, misledScore.Scores);
        Assert.True(lost.Low > 0.05, $"sound {soundScore.Interval}, misled {misledScore.Interval}, difference {lost}");
        Assert.Contains(ofMisled.Warnings, warning => warning.Contains("Look for a shortcut", StringComparison.Ordinal));
        Assert.DoesNotContain(ofSound.Warnings, warning => warning.Contains("beside the object", StringComparison.Ordinal));
    }
}
