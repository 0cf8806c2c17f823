using AttentionLab.Core;

namespace AttentionLab.Figures;

/// <summary>One moment of a <see cref="MapAnimation"/>.</summary>
/// <param name="Epoch">How many epochs the network had learned for.</param>
/// <param name="Maps">One for each picture, of its size.</param>
public sealed record MapFrame(int Epoch, params IReadOnlyList<Heatmap> Maps)
{
    /// <summary>Under each picture, such as the class predicted then; empty: nothing.</summary>
    public IReadOnlyList<string> Captions { get; init; } = [];
}
