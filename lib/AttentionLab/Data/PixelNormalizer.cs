using System.Numerics;
using System.Runtime.InteropServices;

namespace AttentionLab.Data;

/// <summary>Turns bytes into pixels of normalised numbers by table: there are only 256 values to a channel.</summary>
internal sealed class PixelNormalizer(Normalization normalization)
{
    private readonly float[][] _tables = [.. Enumerable.Range(0, normalization.Channels).Select(c => Table(normalization, c))];

    /// <summary>Writes planes, C×H×W bytes, as H×W pixels of C numbers.</summary>
    public void WritePlanes(ReadOnlySpan<byte> planes, Span<float> target)
    {
        if (_tables is [var red, var green, var blue])
        {
            Write(planes, MemoryMarshal.Cast<float, Vector3>(target), red, green, blue);
            return;
        }

        ReadOnlySpan<float> grey = _tables[0];
        for (int p = 0; p < target.Length; p++)
        {
            target[p] = grey[planes[p]];
        }
    }

    private static void Write(
        ReadOnlySpan<byte> planes,
        Span<Vector3> target,
        ReadOnlySpan<float> ofRed,
        ReadOnlySpan<float> ofGreen,
        ReadOnlySpan<float> ofBlue
    )
    {
        ReadOnlySpan<byte> red = planes[..target.Length],
            green = planes.Slice(target.Length, target.Length),
            blue = planes[(2 * target.Length)..];
        for (int p = 0; p < target.Length; p++)
        {
            target[p] = new Vector3(ofRed[red[p]], ofGreen[green[p]], ofBlue[blue[p]]);
        }
    }

    private static float[] Table(Normalization normalization, int channel)
    {
        var table = new float[256];
        for (int value = 0; value < 256; value++)
        {
            table[value] = ((value / 255f) - normalization.Mean[channel]) / normalization.StandardDeviation[channel];
        }

        return table;
    }
}
