using System.Buffers.Binary;
using System.IO.Hashing;

namespace AttentionLab.Figures;

/// <summary>Joins PNG files into one that moves.</summary>
/// <remarks>PNG specification, third edition, W3C 2025, sections 11.3.6 (APNG) and 5.3 (chunks).</remarks>
internal static class AnimatedPng
{
    internal const int SignatureLength = 8;

    private const int ChunkOverhead = 12;

    /// <summary>Joins files of one size and pixel format.</summary>
    /// <param name="still">What is shown where nothing moves.</param>
    /// <param name="frames">Played over and over: each file, and how long it is seen.</param>
    public static byte[] Join(byte[] still, IReadOnlyList<(byte[] Png, TimeSpan Time)> frames)
    {
        using var file = new MemoryStream();
        file.Write(still, 0, SignatureLength);
        byte[] header = Chunks(still).Single(chunk => chunk.Type == "IHDR").Data;
        Write(file, "IHDR", header);
        Write(file, "acTL", [.. BigEndian(frames.Count), .. BigEndian(0)]);
        foreach ((_, byte[] data) in Chunks(still).Where(chunk => chunk.Type == "IDAT"))
        {
            Write(file, "IDAT", data);
        }

        int sequence = 0;
        foreach ((byte[] png, TimeSpan time) in frames)
        {
            if (!Chunks(png).Single(chunk => chunk.Type == "IHDR").Data.AsSpan().SequenceEqual(header))
            {
                throw new ArgumentException("A frame has another size or pixel format than the first.", nameof(frames));
            }

            // Width and height as in the header, at the corner, so many milliseconds; replaces what was there.
            Write(
                file,
                "fcTL",
                [
                    .. BigEndian(sequence++),
                    .. header[..8],
                    .. BigEndian(0),
                    .. BigEndian(0),
                    .. BigEndian(((int)time.TotalMilliseconds << 16) | 1000),
                    0,
                    0,
                ]
            );
            foreach ((_, byte[] data) in Chunks(png).Where(chunk => chunk.Type == "IDAT"))
            {
                Write(file, "fdAT", [.. BigEndian(sequence++), .. data]);
            }
        }

        Write(file, "IEND", []);
        return file.ToArray();
    }

    /// <summary>A file's chunks, in order.</summary>
    internal static IEnumerable<(string Type, byte[] Data)> Chunks(byte[] png)
    {
        for (int at = SignatureLength; at < png.Length; )
        {
            int length = BinaryPrimitives.ReadInt32BigEndian(png.AsSpan(at));
            yield return (System.Text.Encoding.ASCII.GetString(png, at + 4, 4), png[(at + 8)..(at + 8 + length)]);
            at += ChunkOverhead + length;
        }
    }

    /// <summary>Adds a chunk to a file.</summary>
    internal static void Write(MemoryStream file, string type, byte[] data)
    {
        byte[] body = [.. System.Text.Encoding.ASCII.GetBytes(type), .. data];
        file.Write(BigEndian(data.Length));
        file.Write(body);
        file.Write(BigEndian((int)Crc32.HashToUInt32(body)));
    }

    /// <summary>A number as PNG writes it.</summary>
    internal static byte[] BigEndian(int value)
    {
        var bytes = new byte[4];
        BinaryPrimitives.WriteInt32BigEndian(bytes, value);
        return bytes;
    }
}
