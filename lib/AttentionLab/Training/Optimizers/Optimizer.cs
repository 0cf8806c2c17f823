namespace AttentionLab.Training;

/// <summary>
/// The rule by which gradients move the weights. Its learning rate is <see cref="TrainingOptions.LearningRate"/> as
/// <see cref="TrainingOptions.Schedule"/> changes it.
/// </summary>
public abstract record Optimizer
{
    /// <summary>Only the optimizers here derive from it.</summary>
    private protected Optimizer() { }

    /// <summary>Puts the rule to work on a network's weights, which stay the caller's.</summary>
    /// <param name="weights">What it moves.</param>
    /// <param name="learningRate">The highest of the schedule.</param>
    /// <param name="batchSize">Over how many pictures a gradient is the mean.</param>
    internal abstract RunningOptimizer Start(IReadOnlyList<Weight> weights, double learningRate, int batchSize = 1);

    /// <summary>Throws where a property is out of its range.</summary>
    internal abstract void Check();

    /// <summary>
    /// Whether weight decay applies: to the weights of convolutions and linear layers, not to biases and the scales of
    /// normalisation layers, which have one dimension.
    /// </summary>
    private protected static bool Decays(Weight weight) => weight.Master.dim() > 1;

    private protected static void CheckShare(double value, string name) =>
        OptionRange.Check(value is >= 0 and < 1, value, name, "lies between 0 and 1, without 1");

    private protected static void CheckNotNegative(double value, string name) =>
        OptionRange.Check(value >= 0 && double.IsFinite(value), value, name, "is a number of at least 0");
}
