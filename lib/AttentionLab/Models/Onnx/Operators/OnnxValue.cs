using static TorchSharp.torch;

namespace AttentionLab.Models;

/// <summary>What flows along an edge of a graph: a tensor, or a sequence of tensors.</summary>
/// <param name="Items">One tensor, or the sequence's.</param>
/// <param name="IsSequence">Which of the two it is.</param>
internal sealed record OnnxValue(IReadOnlyList<Tensor> Items, bool IsSequence)
{
    /// <summary>A tensor.</summary>
    public static OnnxValue Of(Tensor tensor) => new([tensor], false);

    /// <summary>A sequence of tensors.</summary>
    public static OnnxValue Of(IReadOnlyList<Tensor> sequence) => new(sequence, true);
}
