using static TorchSharp.torch;

namespace AttentionLab.Explain;

/// <summary>The colour that stands for "nothing is here", in the input's own normalised units.</summary>
internal static class BaselineColour
{
    /// <summary>One value for all channels, or one for each, as 1×C×1×1 like the pictures.</summary>
    /// <exception cref="InvalidOperationException">There is another number of values, or one is not finite.</exception>
    public static Tensor Of(IReadOnlyList<float> values, Tensor pictures)
    {
        long channels = pictures.shape[1];
        if ((values.Count != 1 && values.Count != channels) || !values.All(float.IsFinite))
        {
            throw new InvalidOperationException(
                $"A baseline is one finite value, or one for each of the {channels} channels; this one is "
                    + $"[{string.Join(", ", values)}]."
            );
        }

        return tensor(
                [.. Enumerable.Range(0, (int)channels).Select(channel => values[values.Count == 1 ? 0 : channel])],
                [1, channels, 1, 1]
            )
            .to(pictures.dtype, pictures.device);
    }
}
