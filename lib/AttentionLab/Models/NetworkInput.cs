using TorchSharp;

namespace AttentionLab.Models;

/// <summary>What both networks ask of their constructor's arguments.</summary>
internal static class NetworkInput
{
    public static void Check(int classes, int imageSize)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(classes);
        if (imageSize <= 0 || imageSize % 8 != 0)
        {
            throw new ArgumentOutOfRangeException(nameof(imageSize), imageSize, "Three poolings halve the side three times: it must be a positive multiple of 8.");
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
