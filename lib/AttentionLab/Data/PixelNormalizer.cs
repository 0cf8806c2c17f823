using System.Numerics;

namespace AttentionLab.Data;

/// <summary>Turns planes of bytes into pixels of normalised numbers by table: there are only 256 values to a channel.</summary>
internal sealed class PixelNormalizer(Normalization normalization)
{
    private readonly float[] _table = [.. normalization.Table().Cast<float>()];

    /// <summary>Writes 3×H×W bytes as H×W pixels of red, green and blue.</summary>
    public void Write(ReadOnlySpan<byte> planes, Span<Vector3> target)
    {
        ReadOnlySpan<byte> red = planes[..target.Length],
            green = planes.Slice(target.Length, target.Length),
            blue = planes[(2 * target.Length)..];
        ReadOnlySpan<float> ofRed = _table.AsSpan(0, 256),
            ofGreen = _table.AsSpan(256, 256),
            ofBlue = _table.AsSpan(512, 256);
        for (int p = 0; p < target.Length; p++)
        {
            target[p] = new Vector3(ofRed[red[p]], ofGreen[green[p]], ofBlue[blue[p]]);
        }
    }
}
