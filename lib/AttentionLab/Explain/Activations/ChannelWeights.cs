using AttentionLab.Core;
using AttentionLab.Models;
using TorchSharp;
using static TorchSharp.torch;

namespace AttentionLab.Explain;

/// <summary>
/// What one channel-attention module computed (squeeze-and-excitation, ECA, CBAM's): for each picture the factor in (0, 1) by
/// which it multiplies each channel. Not the tutorial's "channel weight", which is the mean of a convolution's output
/// (<see cref="FeatureMaps.Means"/>).
/// </summary>
/// <param name="Block">The module's path: <c>ca1</c>, <c>layer3.2.se</c>, <c>layer3.2.se.channel</c>.</param>
/// <param name="Values">Pictures × channels.</param>
public sealed record ChannelWeights(string Block, float[,] Values)
{
    /// <summary>The weights in each <see cref="IChannelAttention"/> of a model, in the model's order.</summary>
    /// <param name="model">Any model that holds such modules.</param>
    /// <param name="input">Pictures, N×C×H×W.</param>
    /// <param name="batchSize">Pictures at once.</param>
    /// <exception cref="ArgumentException">The model has no such module, or the input holds NaN or infinity.</exception>
    public static IReadOnlyList<ChannelWeights> Of(nn.Module<Tensor, Tensor> model, Tensor input, int batchSize = 64)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(input);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(batchSize);
        (string Path, string Weights)[] blocks =
        [
            .. ModulePaths
                .Of(model)
                .Where(part => part.Module is IChannelAttention)
                .Select(part => (part.Path, $"{part.Path}.{((IChannelAttention)part.Module).WeightsLayer}")),
        ];
        if (blocks.Length == 0)
        {
            throw new ArgumentException(
                $"{model.GetType().Name} has no channel attention, so there are no weights to show; {nameof(SeCnn)} has.",
                nameof(model)
            );
        }

        using var extractor = new ActivationExtractor(model, blocks.Select(block => block.Weights));
        using DisposeScope scope = NewDisposeScope();
        List<Tensor>[] weights = [.. blocks.Select(_ => new List<Tensor>())];
        foreach (Tensor pictures in input.split(batchSize))
        {
            using LayerActivations activations = extractor.Run(pictures);
            for (int b = 0; b < blocks.Length; b++)
            {
                weights[b].Add(activations[blocks[b].Weights].detach());
            }
        }

        return [.. blocks.Select((block, b) => new ChannelWeights(block.Path, cat(weights[b]).ToMatrix()))];
    }

    /// <summary>Each channel's weight averaged over the pictures.</summary>
    public float[] Means() =>
        [
            .. Enumerable
                .Range(0, Values.GetLength(1))
                .Select(c => Enumerable.Range(0, Values.GetLength(0)).Average(n => Values[n, c])),
        ];
}
