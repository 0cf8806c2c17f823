using System.Globalization;

namespace AttentionLab.Models;

/// <summary>How probable a class is for a picture.</summary>
/// <param name="Index">The class's number, from 0.</param>
/// <param name="Name">Its name.</param>
/// <param name="Probability">In [0, 1]; how the network's output becomes it, <see cref="OutputKind"/> says.</param>
public sealed record ClassProbability(int Index, string Name, double Probability)
{
    /// <summary>"cat 87.1 %".</summary>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Name} {100 * Probability:0.0} %");
}
