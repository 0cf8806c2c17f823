using AttentionLab.Models;
using TorchSharp;
using static TorchSharp.torch;

namespace AttentionLab.Explain;

/// <summary>
/// A <see cref="Target"/> settled for a batch: what is explained of each picture, also of changed versions of it.
/// </summary>
/// <param name="Classes">Each picture's class, where the target is one.</param>
/// <param name="Score">From outputs M×K and, for each row, the picture it belongs to, to M numbers.</param>
internal sealed record TargetScore(IReadOnlyList<long>? Classes, Func<Tensor, IReadOnlyList<int>, Tensor> Score)
{
    public static TargetScore OfClasses(OutputKind kind, long[] classes) =>
        new(
            classes,
            (output, pictures) =>
            {
                using DisposeScope scope = NewDisposeScope();
                Tensor index = tensor([.. pictures.Select(picture => classes[picture])], device: output.device);
                Tensor scores = ModelOutput.ScoresOf(kind, output);
                return scores.gather(1, index.unsqueeze(1)).squeeze(1).MoveToOuterDisposeScope();
            }
        );

    /// <summary>The scores of all pictures' own logits, N.</summary>
    public Tensor Of(Tensor logits) => Of(logits, [.. Enumerable.Range(0, (int)logits.shape[0])]);

    /// <summary>The scores of rows that belong to given pictures.</summary>
    /// <exception cref="InvalidOperationException">A caller's score has another shape.</exception>
    public Tensor Of(Tensor logits, IReadOnlyList<int> pictures)
    {
        Tensor score = Score(logits, pictures);
        return score is not null && score.dim() == 1 && score.shape[0] == logits.shape[0]
            ? score
            : throw new InvalidOperationException(
                $"A score gives one number for each picture, [{logits.shape[0]}]; this one gave "
                    + $"{(score is null ? "null" : $"[{string.Join(", ", score.shape)}]")}."
            );
    }
}
