using System.Globalization;
using AttentionLab.Core;
using TorchSharp;
using static TorchSharp.torch;

namespace AttentionLab.Explain;

/// <summary>A layer's channels as plain maps to look at, from an activation N×C×h×w.</summary>
public static class FeatureMaps
{
    /// <summary>Every channel of one picture: C maps of h×w, as they are.</summary>
    /// <param name="activation">N×C×h×w, of any device and floating-point type.</param>
    /// <param name="picture">Which of the N pictures.</param>
    /// <exception cref="ArgumentException">The activation has another shape, or holds NaN or infinity.</exception>
    /// <exception cref="ArgumentOutOfRangeException">There is no such picture.</exception>
    public static IReadOnlyList<Heatmap> Of(Tensor activation, int picture = 0)
    {
        float[] values = ValuesOf(activation, picture);
        return [.. Enumerable.Range(0, (int)activation.shape[1]).Select(channel => MapOf(values, channel, activation.shape))];
    }

    /// <summary>
    /// Every channel's spatial mean: C numbers. The tutorial calls them "channel weights"; they are means of what the layer puts
    /// out, not what a squeeze-and-excitation module computes (that is <see cref="ChannelWeights"/>).
    /// </summary>
    /// <inheritdoc cref="Of" path="/param"/>
    /// <inheritdoc cref="Of" path="/exception"/>
    public static float[] Means(Tensor activation, int picture = 0)
    {
        float[] values = ValuesOf(activation, picture);
        int area = (int)(activation.shape[2] * activation.shape[3]);
        return [.. values.Chunk(area).Select(channel => (float)channel.Average(value => (double)value))];
    }

    /// <summary>
    /// The channels with the highest <see cref="Means"/>, highest first; of equal ones the lower channel comes first.
    /// </summary>
    /// <param name="activation">N×C×h×w, of any device and floating-point type.</param>
    /// <param name="top">How many, at most C.</param>
    /// <param name="picture">Which of the N pictures.</param>
    /// <exception cref="ArgumentException">The activation has another shape, or holds NaN or infinity.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The activation has no picture of this index, or fewer channels than
    /// <paramref name="top"/>.</exception>
    public static IReadOnlyList<ChannelMap> Top(Tensor activation, int top = 3, int picture = 0)
    {
        float[] values = ValuesOf(activation, picture),
            means = Means(activation, picture);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(top);
        if (top > means.Length)
        {
            throw new ArgumentOutOfRangeException(nameof(top), top, $"The layer has {means.Length} channels.");
        }

        return
        [
            .. Enumerable
                .Range(0, means.Length)
                .OrderByDescending(channel => means[channel]) // a stable sort
                .Take(top)
                .Select(channel => new ChannelMap(channel, means[channel], MapOf(values, channel, activation.shape))),
        ];
    }

    /// <summary>Fails unless a tensor is N×C×h×w, floating point and not empty.</summary>
    internal static void Check(Tensor activation)
    {
        ArgumentNullException.ThrowIfNull(activation);
        if (activation.dim() != 4 || activation.numel() == 0 || !activation.is_floating_point())
        {
            throw new ArgumentException(
                "Maps are made of a floating-point N×C×h×w; this is "
                    + $"{(activation.dim() == 0 ? "one number" : string.Join('×', activation.shape))} of {activation.dtype}. A "
                    + "layer without height and width has no map.",
                nameof(activation)
            );
        }
    }

    private static float[] ValuesOf(Tensor activation, int picture)
    {
        Check(activation);
        if (picture < 0 || picture >= activation.shape[0])
        {
            throw new ArgumentOutOfRangeException(
                nameof(picture),
                picture,
                $"The activation holds pictures 0 to {activation.shape[0] - 1}."
            );
        }

        using DisposeScope scope = NewDisposeScope();
        float[] values = activation[picture].ToFloats();
        int broken = Array.FindIndex(values, value => !float.IsFinite(value));
        return broken < 0
            ? values
            : throw new ArgumentException(
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"Channel {broken / (activation.shape[2] * activation.shape[3])} of picture {picture} holds "
                        + $"{values[broken]}: the model's weights or its input are broken."
                ),
                nameof(activation)
            );
    }

    private static Heatmap MapOf(float[] values, int channel, long[] shape)
    {
        (int height, int width) = ((int)shape[2], (int)shape[3]);
        return new Heatmap((height, width), values[(channel * height * width)..((channel + 1) * height * width)]);
    }
}
