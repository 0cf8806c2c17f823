namespace AttentionLab.Training;

/// <summary>How a <see cref="LinearHead"/> learns.</summary>
public sealed record LinearHeadOptions
{
    /// <summary>
    /// The penalty: λ times the number of photographs, on standardised features. 1 is scikit-learn's C = 1; more for very few
    /// photographs.
    /// </summary>
    public double Regularization { get; init; } = 1;

    /// <summary>Parts of the cross-validation, at most as many as the smallest class has photographs.</summary>
    public int Folds { get; init; } = 5;

    /// <summary>Decides which photograph is in which part.</summary>
    public long Seed { get; init; }

    /// <summary>
    /// Trains the network's last stage together with the layer; null leaves the network frozen. The cross-validation trains once
    /// for each part, so that this takes as many times longer.
    /// </summary>
    public FineTuning? FineTuning { get; init; }

    internal void Check()
    {
        FineTuning?.Check();
        if (!(Regularization > 0) || !double.IsFinite(Regularization))
        {
            throw new ArgumentOutOfRangeException(nameof(Regularization), Regularization, "The penalty is a positive number.");
        }

        ArgumentOutOfRangeException.ThrowIfLessThan(Folds, 2);
    }
}
