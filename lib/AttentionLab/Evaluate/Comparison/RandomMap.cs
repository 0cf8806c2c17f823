using AttentionLab.Core;
using static TorchSharp.torch;

namespace AttentionLab.Evaluate;

/// <summary>
/// A baseline: uniform random numbers in [0, 1), the same for the same picture and every model.
/// Coarse maps are to be compared with coarse random ones: pixels taken away one here, one there, hurt a model more than a patch
/// does.
/// </summary>
/// <param name="height">Rows of the map; 0 for those of the picture.</param>
/// <param name="width">Columns of the map; 0 for those of the picture.</param>
public sealed class RandomMap(int height = 0, int width = 0) : BaselineMethod
{
    /// <inheritdoc/>
    public override string Name => "random-map";

    /// <summary>Decides the numbers.</summary>
    public long Seed { get; init; }

    private protected override Heatmap MapOf(Tensor picture)
    {
        (int Height, int Width) size = (height > 0 ? height : (int)picture.shape[1], width > 0 ? width : (int)picture.shape[2]);
        var random = new RandomStream(Seed, KeyOf(picture));
        var values = new float[size.Height * size.Width];
        for (int i = 0; i < values.Length; i++)
        {
            values[i] = (float)random.NextDouble();
        }

        return new Heatmap(size, values);
    }

    /// <summary>A number made of all values, so that a picture keeps its map in any batch.</summary>
    private static long KeyOf(Tensor picture) =>
        picture
            .ToFloats()
            .Aggregate(0L, (key, value) => (long)new RandomStream(key, BitConverter.SingleToInt32Bits(value)).NextBits());
}
