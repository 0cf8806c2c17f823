using AttentionLab.Core;
using TorchSharp;
using static TorchSharp.torch;

namespace AttentionLab.Evaluate;

/// <summary>
/// No method, but what one has to beat: uniform random numbers in [0, 1), the same for the same picture, whatever the model.
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

    private protected override float[,] MapOf(Tensor picture)
    {
        var map = new float[height > 0 ? height : picture.shape[1], width > 0 ? width : picture.shape[2]];
        var random = new RandomStream(Seed, KeyOf(picture));
        for (int i = 0; i < map.Length; i++)
        {
            map[i / map.GetLength(1), i % map.GetLength(1)] = (float)random.NextDouble();
        }

        return map;
    }

    /// <summary>A number made of all values, so that a picture keeps its map in any batch.</summary>
    private static long KeyOf(Tensor picture)
    {
        using DisposeScope scope = NewDisposeScope();
        float[] values = picture.to(ScalarType.Float32).cpu().contiguous().data<float>().ToArray();
        return values.Aggregate(
            0L,
            (key, value) => (long)new RandomStream(key, BitConverter.SingleToInt32Bits(value)).NextBits()
        );
    }
}
