using System.Numerics;

namespace AttentionLab.Training;

/// <summary>One step's formula for one weight tensor, over its numbers in memory.</summary>
internal interface IUpdateRule
{
    /// <summary>Moves the weights from index <paramref name="i"/> on, as many as a vector holds.</summary>
    /// <returns>The new weights.</returns>
    Vector<float> Move(int i, Vector<float> weights, Vector<float> gradient);

    /// <summary>Moves the weight at index <paramref name="i"/>.</summary>
    /// <returns>The new weight.</returns>
    float Move(int i, float weight, float gradient);
}
