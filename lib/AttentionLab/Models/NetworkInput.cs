using TorchSharp;

namespace AttentionLab.Models;

/// <summary>What the tutorial's two networks ask of their constructor's arguments and of the pictures that go in.</summary>
internal static class NetworkInput
{
    public static void Check(int classes, int imageSize, int channels)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(classes);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(channels);
        if (imageSize <= 0 || imageSize % 8 != 0)
        {
            throw new ArgumentOutOfRangeException(
                nameof(imageSize),
                imageSize,
                "Three poolings halve the side three times: it must be a positive multiple of 8."
            );
        }
    }

    /// <exception cref="ArgumentException">Pictures of another shape, which the first linear layer could make nothing
    /// of.</exception>
    public static void CheckPictures(torch.nn.Module network, torch.Tensor input, int imageSize, int channels)
    {
        if (input.dim() != 4 || input.shape[1] != channels || input.shape[2] != imageSize || input.shape[3] != imageSize)
        {
            string name = network.GetType().Name;
            throw new ArgumentException(
                $"This {name} takes pictures of N×{channels}×{imageSize}×{imageSize}; these are "
                    + $"{string.Join('×', input.shape)}. Scale "
                    + $"them to {imageSize}×{imageSize} when they are loaded, "
                    + $"build a {name} for another side, a multiple of 8, with imageSize, or take {nameof(SeResNet)}, which "
                    + "takes any sides.",
                nameof(input)
            );
        }
    }

    public static void Seed(long? seed)
    {
        if (seed is { } value)
        {
            torch.random.manual_seed(value);
        }
    }
}
