using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace AttentionLab.Models;

/// <summary>
/// ECA: as <see cref="ChannelAttention"/>, but each channel's weight is computed from its own mean and those of a few neighbours,
/// by one convolution along the channels: k parameters in all. Input and output N×C×H×W.
/// </summary>
/// <remarks>
/// <para>$w = σ(\operatorname{conv}ₖ(z))$, z the means of the channels.</para>
/// <para><see href="https://arxiv.org/abs/1910.03151">Wang et al., "ECA-Net: Efficient channel attention for deep
/// convolutional neural networks", CVPR 2020</see>, equations 9 and 12.</para>
/// </remarks>
public sealed class EfficientChannelAttention : Module<Tensor, Tensor>, IChannelAttention
{
    /// <summary>Squeezes H×W to 1×1 by the mean.</summary>
    public readonly ChannelMean avg_pool;

    /// <summary>
    /// Slides over the channels' means, N×C, as over a line of C points: <c>conv.weight</c> is 1×1×k, no bias, zeros beyond the
    /// ends.
    /// </summary>
    public readonly Module<Tensor, Tensor> conv;

    /// <summary>Puts the weights out, N×C.</summary>
    public readonly Sigmoid sigmoid;

    /// <summary>Builds the module, with PyTorch's initial weights.</summary>
    /// <param name="channels">C.</param>
    /// <param name="kernelSize">k, odd; null for the paper's choice: see <see cref="KernelSize"/>.</param>
    /// <exception cref="ArgumentOutOfRangeException">A number is not positive, or k is even.</exception>
    public EfficientChannelAttention(int channels, int? kernelSize = null)
        : base(nameof(EfficientChannelAttention))
    {
        int k = kernelSize ?? KernelSize(channels);
        if (k <= 0 || k % 2 == 0)
        {
            throw new ArgumentOutOfRangeException(
                nameof(kernelSize),
                k,
                "As many neighbours on either side and the channel itself make an odd kernel: 1, 3, 5, …"
            );
        }

        avg_pool = new ChannelMean();
        conv = new Convolution(k);
        sigmoid = Sigmoid();
        RegisterComponents();
    }

    /// <inheritdoc/>
    public string WeightsLayer => nameof(sigmoid);

    /// <summary>
    /// The paper's choice: (log₂ C + b) / γ with γ = 2 and b = 1, without its fraction, and 1 more when that is even. 3 for 16 to
    /// 64 channels, 5 for 128 to 512.
    /// </summary>
    /// <remarks>Equation 12 says "the nearest odd number"; this is how the authors' code finds it.</remarks>
    /// <exception cref="ArgumentOutOfRangeException">There is no channel.</exception>
    public static int KernelSize(int channels)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(channels);
        int size = (int)((Math.Log2(channels) + 1) / 2);
        return size % 2 == 1 ? size : size + 1;
    }

    /// <inheritdoc/>
    public override Tensor forward(Tensor input)
    {
        using var scope = NewDisposeScope();
        Tensor means = avg_pool.call(input).flatten(1);

        Tensor weights = sigmoid.call(conv.call(means));
        return (input * weights.unsqueeze(-1).unsqueeze(-1)).MoveToOuterDisposeScope();
    }

    /// <summary>
    /// Conv1d(1, 1, k) with its weights, written as sums: with a single channel oneDNN's convolution gives wrong gradients in a
    /// batch.
    /// </summary>
    private sealed class Convolution : Module<Tensor, Tensor>
    {
        public readonly Parameter weight;

        private readonly int _size;

        public Convolution(int size)
            : base("Conv1d")
        {
            _size = size;
            weight = Parameter(empty(1, 1, size));
            InitialWeights.Draw(weight);
            RegisterComponents();
        }

        public override Tensor forward(Tensor input)
        {
            using var scope = NewDisposeScope();
            Tensor neighbours = functional.pad(input, [_size / 2, _size / 2]).unfold(1, _size, 1);
            return (neighbours * weight.flatten()).sum(-1).MoveToOuterDisposeScope();
        }
    }
}
