using System.Numerics;

namespace AttentionLab.Data;

/// <summary>Turns bytes into pixels of normalised numbers by table: there are only 256 values to a channel.</summary>
internal sealed class PixelNormalizer(Normalization normalization)
{
    private readonly float[] _red = Table(normalization, 0),
        _green = Table(normalization, 1),
        _blue = Table(normalization, 2);

    /// <summary>Writes planes, 3×H×W bytes, as H×W pixels of red, green and blue.</summary>
    public void WritePlanes(ReadOnlySpan<byte> planes, Span<Vector3> target)
    {
        ReadOnlySpan<byte> red = planes[..target.Length],
            green = planes.Slice(target.Length, target.Length),
            blue = planes[(2 * target.Length)..];
        ReadOnlySpan<float> ofRed = _red,
            ofGreen = _green,
            ofBlue = _blue;
        for (int p = 0; p < target.Length; p++)
        {
            target[p] = new Vector3(ofRed[red[p]], ofGreen[green[p]], ofBlue[blue[p]]);
        }
    }

    /// <summary>Writes pixels, H×W×3 bytes, as H×W pixels of red, green and blue.</summary>
    public void WritePixels(ReadOnlySpan<byte> rgb, Span<Vector3> target)
    {
        for (int p = 0; p < target.Length; p++)
        {
            target[p] = new Vector3(_red[rgb[3 * p]], _green[rgb[(3 * p) + 1]], _blue[rgb[(3 * p) + 2]]);
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
