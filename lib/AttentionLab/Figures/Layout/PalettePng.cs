using System.IO.Compression;
using SkiaSharp;

namespace AttentionLab.Figures;

/// <summary>A picture as a PNG file of at most 256 colours: a quarter of the size, and less, where few colours do.</summary>
/// <remarks>PNG specification, third edition, W3C 2025, sections 11.2.2 (PLTE) and 11.2.3 (IDAT).</remarks>
internal static class PalettePng
{
    private const byte BitDepth = 8,
        IndexedColor = 3;

    /// <summary>Encodes the picture anew; of an animation, its still picture. A picture of more than 256 colours is reduced by
    /// <see cref="ColorPalette"/>, which changes colours by at most 7 of 255. Opacity is dropped.</summary>
    /// <param name="png">A PNG file.</param>
    public static byte[] Of(byte[] png)
    {
        SKImageInfo size = SKBitmap.DecodeBounds(png);
        using SKBitmap picture = SKBitmap.Decode(png, new SKImageInfo(size.Width, size.Height, SKColorType.Rgba8888));
        (byte[] palette, byte[] indices) = Exact(picture.GetPixelSpan()) ?? ColorPalette.Reduce(picture.GetPixelSpan());
        using var file = new MemoryStream();
        file.Write(png, 0, AnimatedPng.SignatureLength);
        byte[] header =
        [
            .. AnimatedPng.BigEndian(size.Width),
            .. AnimatedPng.BigEndian(size.Height),
            BitDepth,
            IndexedColor,
            0,
            0,
            0,
        ];
        AnimatedPng.Write(file, "IHDR", header);
        AnimatedPng.Write(file, "PLTE", palette);
        AnimatedPng.Write(file, "IDAT", Packed(indices, size.Width));
        AnimatedPng.Write(file, "IEND", []);
        return file.ToArray();
    }

    /// <summary>The picture's own colours, in the order in which they appear; null when there are more than 256.</summary>
    private static (byte[] Palette, byte[] Indices)? Exact(ReadOnlySpan<byte> rgba)
    {
        var places = new Dictionary<int, byte>();
        var palette = new List<byte>();
        var indices = new byte[rgba.Length / 4];
        for (int i = 0; i < indices.Length; i++)
        {
            ReadOnlySpan<byte> pixel = rgba.Slice(4 * i, 3);
            int color = (pixel[0] << 16) | (pixel[1] << 8) | pixel[2];
            if (!places.TryGetValue(color, out byte place))
            {
                if (places.Count == 256)
                {
                    return null;
                }

                places[color] = place = (byte)places.Count;
                palette.AddRange(pixel);
            }

            indices[i] = place;
        }

        return ([.. palette], indices);
    }

    // A row that repeats the one above, as rows of enlarged pixels do, is zeros behind the filter "up"; other rows pack best as
    // they are.
    private static byte[] Packed(byte[] indices, int width)
    {
        using var packed = new MemoryStream();
        using (var zlib = new ZLibStream(packed, CompressionLevel.SmallestSize, leaveOpen: true))
        {
            for (int start = 0; start < indices.Length; start += width)
            {
                ReadOnlySpan<byte> row = indices.AsSpan(start, width);
                bool repeats = start > 0 && row.SequenceEqual(indices.AsSpan(start - width, width));
                zlib.WriteByte((byte)(repeats ? 2 : 0));
                zlib.Write(repeats ? new byte[width] : row);
            }
        }

        return packed.ToArray();
    }
}
