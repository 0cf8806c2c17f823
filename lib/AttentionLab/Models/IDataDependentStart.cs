using AttentionLab.Data;

namespace AttentionLab.Models;

/// <summary>A network some of whose weights are computed from training pictures before the first step.</summary>
/// <remarks><c>Trainer.Fit</c> calls <see cref="StartFrom"/> unless <see cref="HasStarted"/> says that it was done.</remarks>
public interface IDataDependentStart
{
    /// <summary>Whether the weights come from pictures already: it was done, or they were read from a file.</summary>
    bool HasStarted { get; }

    /// <summary>Computes the weights.</summary>
    /// <param name="images">The training pictures.</param>
    /// <param name="normalization">How their pixels become the network's input.</param>
    void StartFrom(LabeledImages images, Normalization normalization);
}
