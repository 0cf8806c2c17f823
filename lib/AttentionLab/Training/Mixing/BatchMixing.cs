using AttentionLab.Data;
using static TorchSharp.torch;

namespace AttentionLab.Training;

/// <summary>
/// Mixes each picture of a batch with the one before it, the first with the last, and its label likewise, as torchvision's
/// RandomMixup and RandomCutMix do. The share of each is drawn once a batch, from torch's global generator.
/// </summary>
public abstract record BatchMixing
{
    /// <summary>Only the ways of mixing here derive from it.</summary>
    private protected BatchMixing() { }

    /// <summary>α: a picture keeps a share of Beta(α, α), positive. With 1 all shares are alike probable.</summary>
    public double Alpha { get; init; } = 1;

    /// <summary>Mixes a batch with a drawn share; the tensors belong to the current dispose scope.</summary>
    internal MixedBatch Mix(Batch batch)
    {
        double share = distributions.Beta(tensor((float)Alpha), tensor((float)Alpha)).sample().item<float>();
        return Mix(batch.Images, batch.Labels, share);
    }

    /// <summary>Mixes with a given share.</summary>
    /// <param name="images">N×C×H×W.</param>
    /// <param name="labels">N.</param>
    /// <param name="share">How much each picture keeps, in [0, 1].</param>
    internal abstract MixedBatch Mix(Tensor images, Tensor labels, double share);

    internal void Check() => OptionRange.Check(Alpha > 0 && double.IsFinite(Alpha), Alpha, nameof(Alpha), "is a positive number");
}
