using static TorchSharp.torch;

namespace AttentionLab.Data;

/// <summary>
/// Some pictures as a network takes them. The caller disposes it, and its tensors with it: they belong to no dispose scope.
/// </summary>
public sealed class Batch : IDisposable
{
    internal Batch(Tensor images, Tensor labels, int[] indices)
    {
        Images = images.DetachFromDisposeScope();
        Labels = labels.DetachFromDisposeScope();
        Indices = indices;
    }

    /// <summary>The pictures, normalised: float32, N×C×H×W, in channels-last memory order (flatten it, do not view it).</summary>
    public Tensor Images { get; }

    /// <summary>The pictures' classes: int64, N.</summary>
    public Tensor Labels { get; }

    /// <summary>Which pictures of the split these are.</summary>
    public IReadOnlyList<int> Indices { get; }

    /// <summary>How many pictures: N.</summary>
    public int Count => Indices.Count;

    /// <inheritdoc/>
    public void Dispose()
    {
        Images.Dispose();
        Labels.Dispose();
    }
}
