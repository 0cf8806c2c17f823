using System.Numerics;
using System.Runtime.InteropServices;
using TorchSharp;
using static TorchSharp.torch;

namespace AttentionLab.Data;

/// <summary>How pixels become a network's input: <c>(value / 255 − mean) / deviation</c>, channel by channel, and back.</summary>
/// <param name="Mean">Red, green and blue, of values in [0, 1].</param>
/// <param name="Deviation">Red, green and blue, positive.</param>
public sealed record Normalization(float[] Mean, float[] Deviation)
{
    /// <summary>
    /// The tutorial's numbers for CIFAR-10. Its deviations are means over pictures; over all pixels they would be near
    /// (0.247, 0.243, 0.262). They are kept, so that weights trained with them fit.
    /// </summary>
    public static Normalization Tutorial { get; } = new([0.4914f, 0.4822f, 0.4465f], [0.2023f, 0.1994f, 0.2010f]);

    /// <summary>Every pixel value's normalised number, 3×256: a table, since there are only 256 values.</summary>
    public float[,] Table()
    {
        var table = new float[3, 256];
        for (int c = 0; c < 3; c++)
        {
            for (int v = 0; v < 256; v++)
            {
                table[c, v] = ((v / 255f) - Mean[c]) / Deviation[c];
            }
        }

        return table;
    }

    /// <summary>Pictures of a split as a network takes them, without augmentation, on the CPU or moved to a device.</summary>
    /// <returns>A float32 tensor N×3×H×W, in channels-last memory order like a <see cref="Batch"/>'s, that the caller disposes.</returns>
    /// <exception cref="ArgumentOutOfRangeException">There is no such picture.</exception>
    public Tensor ToTensor(LabeledImages images, ReadOnlySpan<int> indices, Device? device = null)
    {
        ArgumentNullException.ThrowIfNull(images);
        var normalizer = new PixelNormalizer(this);
        int area = images.Height * images.Width;
        var values = new float[indices.Length * images.PictureSize];
        for (int i = 0; i < indices.Length; i++)
        {
            normalizer.Write(images.PlanesOf(indices[i]), MemoryMarshal.Cast<float, Vector3>(values.AsSpan(i * images.PictureSize))[..area]);
        }

        using DisposeScope scope = NewDisposeScope();
        return tensor(values, [indices.Length, images.Height, images.Width, 3], device: device).permute(0, 3, 1, 2).MoveToOuterDisposeScope();
    }

    /// <summary>The picture a normalised tensor shows: values clipped to [0, 1], then rounded to 0–255.</summary>
    /// <param name="input">3×H×W or 1×3×H×W, any device.</param>
    /// <exception cref="ArgumentException">The tensor has another shape.</exception>
    public Picture ToPicture(Tensor input)
    {
        ArgumentNullException.ThrowIfNull(input);
        using DisposeScope scope = NewDisposeScope();
        if (!(input.dim() == 3 || (input.dim() == 4 && input.shape[0] == 1)) || input.shape[^3] != 3)
        {
            throw new ArgumentException($"One picture has shape 3×H×W; the tensor has {string.Join('×', input.shape)}.", nameof(input));
        }

        int height = (int)input.shape[^2], width = (int)input.shape[^1], area = height * width;
        float[] values = input.detach().to(ScalarType.Float32).cpu().contiguous().data<float>().ToArray();
        var planes = new byte[3 * area];
        for (int p = 0; p < planes.Length; p++)
        {
            float value = (values[p] * Deviation[p / area]) + Mean[p / area];
            planes[p] = (byte)MathF.Round(255 * Math.Clamp(value, 0, 1));
        }

        return Picture.FromPlanes(height, width, planes);
    }
}
