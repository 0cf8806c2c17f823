using TorchSharp;
using static TorchSharp.torch;

namespace AttentionLab.Models;

/// <summary>
/// Makes a classifier of any network: a function computes one or more numbers per picture from the network's output, such as the
/// mean score of a region of a segmentation or the score of a detector's box. Explanations, measures and hooks use these numbers
/// as class logits. The network's own layers are below <c>network</c>, such as <c>network.layer4</c>.
/// </summary>
/// <example>
/// <code>
/// using var sky = Readout.OfRegion(segmentation, mask);
/// display(new GradCam().Explain(sky, input, new() { Target = Target.Class(2) }));
/// </code>
/// </example>
public sealed class Readout : nn.Module<Tensor, Tensor>
{
#pragma warning disable IDE1006 // the layers' paths begin with it
    private readonly nn.Module<Tensor, Tensor> network;
#pragma warning restore IDE1006
    private readonly Func<Tensor, Tensor> _read;

    /// <summary>Reads a network's output by a function.</summary>
    /// <param name="network">From pictures N×C×H×W to any one tensor. Disposed with this one.</param>
    /// <param name="read">From that tensor to N×K, by operations that have a gradient; K = 1 is read as a logit of yes.</param>
    public Readout(nn.Module<Tensor, Tensor> network, Func<Tensor, Tensor> read)
        : base(nameof(Readout))
    {
        ArgumentNullException.ThrowIfNull(network);
        ArgumentNullException.ThrowIfNull(read);
        (this.network, _read) = (network, read);
        RegisterComponents();
    }

    /// <summary>Reads a segmentation, N×K×h×w, as the mean score of each class over a region.</summary>
    /// <param name="network">The segmentation network. Disposed with what is returned.</param>
    /// <param name="region">h×w, true inside, of the output's size; row by row.</param>
    /// <exception cref="ArgumentException">The region is empty.</exception>
    public static Readout OfRegion(nn.Module<Tensor, Tensor> network, bool[,] region)
    {
        ArgumentNullException.ThrowIfNull(region);
        long[] inside = [.. region.Cast<bool>().Index().Where(pixel => pixel.Item).Select(pixel => (long)pixel.Index)];
        if (inside.Length == 0)
        {
            throw new ArgumentException("A region has at least one pixel; this one has none.", nameof(region));
        }

        return new Readout(
            network,
            output =>
                output.dim() == 4 && output.shape[2] == region.GetLength(0) && output.shape[3] == region.GetLength(1)
                    ? output.flatten(2).index_select(2, tensor(inside, device: output.device)).mean([2])
                    : throw new InvalidOperationException(
                        $"The region is of a segmentation N×K×{region.GetLength(0)}×{region.GetLength(1)}; the network returned "
                            + $"{string.Join('×', output.shape)}."
                    )
        );
    }

    /// <inheritdoc/>
    public override Tensor forward(Tensor input)
    {
        using DisposeScope scope = NewDisposeScope();
        return _read(network.call(input)).MoveToOuterDisposeScope();
    }
}
