using System.Buffers.Binary;
using SkiaSharp;

namespace AttentionLab.Figures;

/// <summary>Joins PNG files into a GIF file, each frame with its own 256 colours.</summary>
/// <remarks>GIF89a specification, CompuServe, 1990. SkiaSharp, which draws here, reads GIF and writes none.</remarks>
internal static class AnimatedGif
{
    private const int ColorBits = 8;

    /// <summary>Joins files of one size.</summary>
    /// <param name="frames">Played over and over: each file, and how long it is seen, rounded to hundredths of a second.</param>
    public static byte[] Join(IReadOnlyList<(byte[] Png, TimeSpan Time)> frames)
    {
        using var file = new MemoryStream();
        foreach ((byte[] png, TimeSpan time) in frames)
        {
            SKImageInfo size = SKBitmap.DecodeBounds(png);
            using SKBitmap picture = SKBitmap.Decode(png, new SKImageInfo(size.Width, size.Height, SKColorType.Rgba8888));
            if (file.Length == 0)
            {
                WriteHeader(file, picture);
            }

            WriteFrame(file, picture, time);
        }

        file.WriteByte(0x3B); // the trailer
        return file.ToArray();
    }

    private static void WriteHeader(MemoryStream file, SKBitmap picture)
    {
        file.Write("GIF89a"u8);
        WriteSize(file, picture);
        file.Write([0, 0, 0]); // no common palette
        file.Write([0x21, 0xFF, 11, .. "NETSCAPE2.0"u8, 3, 1, 0, 0, 0]); // over and over
    }

    private static void WriteFrame(MemoryStream file, SKBitmap picture, TimeSpan time)
    {
        Span<byte> hundredths = stackalloc byte[2];
        BinaryPrimitives.WriteUInt16LittleEndian(hundredths, (ushort)Math.Round(time.TotalSeconds * 100));
        file.Write([0x21, 0xF9, 4, 0, .. hundredths, 0, 0]);
        file.Write([0x2C, 0, 0, 0, 0]);
        WriteSize(file, picture);
        file.WriteByte(0x80 | (ColorBits - 1)); // a palette of its own
        (byte[] palette, byte[] indices) = ColorPalette.Reduce(picture.GetPixelSpan());
        file.Write(palette);
        LzwCompression.Write(file, indices, ColorBits);
    }

    private static void WriteSize(MemoryStream file, SKBitmap picture)
    {
        Span<byte> size = stackalloc byte[4];
        BinaryPrimitives.WriteUInt16LittleEndian(size, (ushort)picture.Width);
        BinaryPrimitives.WriteUInt16LittleEndian(size[2..], (ushort)picture.Height);
        file.Write(size);
    }
}
