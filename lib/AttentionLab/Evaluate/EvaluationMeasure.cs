using static TorchSharp.torch;

namespace AttentionLab.Evaluate;

/// <summary>
/// A number that says how far a map can be trusted, for each picture. Measures differ in what they ask: does the map lie on the
/// object, does the model need what the map shows, does the map follow the model and keep still when the picture does.
/// </summary>
public abstract class EvaluationMeasure
{
    /// <summary>The measure's name, in kebab case.</summary>
    public abstract string Name { get; }

    /// <summary>Whether a higher number speaks for the map; otherwise a lower one does.</summary>
    public abstract bool HigherIsBetter { get; }

    /// <summary>Whether it needs to know where the object is.</summary>
    public virtual bool NeedsMasks => false;

    /// <summary>
    /// Whether it judges a map by itself, so that a map which knows nothing of the model (<see cref="CentredBlob"/>,
    /// <see cref="RandomMap"/>) gives the chance level. Measures of how a method reacts to a change are not: a map that
    /// never changes is as steady as can be.
    /// </summary>
    public virtual bool JudgesMaps => true;

    /// <summary>Measures the maps of all pictures.</summary>
    /// <returns>A number for each picture; NaN where the measure says nothing of it, as its description has it.</returns>
    /// <exception cref="ArgumentException">Masks are needed and not there; a confidence is needed and what is explained is no
    /// class.</exception>
    /// <exception cref="InvalidOperationException">The model outputs NaN or infinity for a changed picture.</exception>
    /// <exception cref="OperationCanceledException">The caller has cancelled.</exception>
    public double[] Score(EvaluationTrial trial)
    {
        ArgumentNullException.ThrowIfNull(trial);
        if (NeedsMasks && trial.Masks is null)
        {
            throw new ArgumentException(
                $"{Name} needs the objects' masks. Give some (the built-in picture set has them), or take a measure that needs "
                    + "none.",
                nameof(trial)
            );
        }

        using var scope = NewDisposeScope();
        double[] scores = ScoresOf(trial);
        trial.Progress.Report(1);
        return scores;
    }

    /// <summary>A number for each picture of a trial, which has masks if the measure needs them.</summary>
    protected abstract double[] ScoresOf(EvaluationTrial trial);
}
