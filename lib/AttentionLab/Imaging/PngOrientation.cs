using System.Buffers.Binary;
using SkiaSharp;

namespace AttentionLab.Imaging;

/// <summary>
/// How the camera lay that took a picture, as a PNG file notes it: in the chunk <c>eXIf</c>, which SkiaSharp does not read.
/// </summary>
/// <remarks>
/// PNG specification, third edition, 11.3.3.5; the EXIF block is a TIFF directory, in which tag 0x0112 is the orientation.
/// </remarks>
internal static class PngOrientation
{
    private const ushort OrientationTag = 0x0112,
        ShortType = 3;
    private const int EntrySize = 12;

    private static ReadOnlySpan<byte> Signature => [0x89, (byte)'P', (byte)'N', (byte)'G', 13, 10, 26, 10];

    /// <summary>
    /// The orientation of a whole file; upright where it is not a PNG file or its orientation cannot be read.
    /// </summary>
    public static SKEncodedOrigin Of(ReadOnlySpan<byte> file)
    {
        if (!file.StartsWith(Signature))
        {
            return SKEncodedOrigin.TopLeft;
        }

        // Chunks: length, name, data, checksum. The one sought may also come after the pixels.
        ReadOnlySpan<byte> rest = file[Signature.Length..];
        while (rest.Length >= 12)
        {
            uint length = BinaryPrimitives.ReadUInt32BigEndian(rest);
            if (length > rest.Length - 12)
            {
                break;
            }

            if (rest[4..].StartsWith("eXIf"u8))
            {
                return OfExif(rest.Slice(8, (int)length));
            }

            rest = rest[(12 + (int)length)..];
        }

        return SKEncodedOrigin.TopLeft;
    }

    private static SKEncodedOrigin OfExif(ReadOnlySpan<byte> exif)
    {
        // As in JPEG files, some programs put the mark of the block before it.
        if (exif.StartsWith("Exif\0\0"u8))
        {
            exif = exif[6..];
        }

        bool little = exif.StartsWith("II*\0"u8);
        if (exif.Length < 8 || !(little || exif.StartsWith("MM\0*"u8)))
        {
            return SKEncodedOrigin.TopLeft;
        }

        uint directory = Long(exif, 4);
        if (directory > exif.Length - 2)
        {
            return SKEncodedOrigin.TopLeft;
        }

        int entries = Short(exif, (int)directory);
        for (int i = 0, at = (int)directory + 2; i < entries && at + EntrySize <= exif.Length; i++, at += EntrySize)
        {
            if (Short(exif, at) == OrientationTag)
            {
                return Short(exif, at + 2) == ShortType && Short(exif, at + 8) is >= 1 and <= 8 and var origin
                    ? (SKEncodedOrigin)origin
                    : SKEncodedOrigin.TopLeft;
            }
        }

        return SKEncodedOrigin.TopLeft;

        ushort Short(ReadOnlySpan<byte> bytes, int at) =>
            little ? BinaryPrimitives.ReadUInt16LittleEndian(bytes[at..]) : BinaryPrimitives.ReadUInt16BigEndian(bytes[at..]);

        uint Long(ReadOnlySpan<byte> bytes, int at) =>
            little ? BinaryPrimitives.ReadUInt32LittleEndian(bytes[at..]) : BinaryPrimitives.ReadUInt32BigEndian(bytes[at..]);
    }
}
