namespace AttentionLab.Models;

/// <summary>What a network says about one picture.</summary>
/// <param name="Classes">Every class, the most probable one first.</param>
/// <param name="Output">The network's output, K numbers: see <see cref="OutputKind"/> for what they mean.</param>
public sealed record Prediction(IReadOnlyList<ClassProbability> Classes, IReadOnlyList<float> Output)
{
    /// <summary>The most probable class.</summary>
    public ClassProbability Best => Classes[0];

    /// <summary>The most probable classes, the first one first; all where there are fewer.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The number is not positive.</exception>
    public IReadOnlyList<ClassProbability> Top(int count)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(count);
        return [.. Classes.Take(count)];
    }

    /// <summary>The class of an index.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The network has no such class.</exception>
    public ClassProbability Of(int index) =>
        Classes.FirstOrDefault(each => each.Index == index)
        ?? throw new ArgumentOutOfRangeException(nameof(index), index, $"The classes are 0 to {Classes.Count - 1}.");

    /// <summary>The three most probable classes: "cat 87.1 %, dog 10.2 %, frog 1.4 %".</summary>
    public override string ToString() => string.Join(", ", Top(3));
}
