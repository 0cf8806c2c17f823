using System.IO.Hashing;
using System.Text;

namespace AttentionLab.Models;

/// <summary>
/// Writes a zip archive as PyTorch does: nothing compressed, each entry's bytes at a multiple of 64, so that a reader can map
/// them. <see cref="System.IO.Compression.ZipArchive"/> has no way to align.
/// </summary>
/// <remarks>
/// The records are those of PKWARE's APPNOTE, sections 4.3.7, 4.3.12 and 4.3.16; the padding is an extra field "FB", as
/// PyTorch's.
/// </remarks>
internal sealed class AlignedZipWriter(Stream stream) : IDisposable
{
    private const int Alignment = 64,
        LocalHeaderLength = 30,
        ExtraHeaderLength = 4;

    private const ushort Version = 20,
        Utf8Names = 0x800,
        Stored = 0;

    // 1 January 1980, the calendar's first day: the same weights give the same file.
    private const uint Date = 0x00210000;

    private readonly BinaryWriter _directory = new(new MemoryStream());
    private ushort _count;
    private long _position;

    /// <summary>Adds an entry; slashes in its name are forward ones.</summary>
    /// <exception cref="ArgumentException">The archive would grow beyond 4 GB, or 65,534 entries.</exception>
    public void Add(string name, ReadOnlySpan<byte> bytes)
    {
        byte[] nameBytes = Encoding.UTF8.GetBytes(name);
        long dataStart = _position + LocalHeaderLength + nameBytes.Length + ExtraHeaderLength;
        int padding = (int)(-dataStart & (Alignment - 1));
        if (
            dataStart + padding + bytes.Length + _directory.BaseStream.Length + 1024 > uint.MaxValue
            || _count == ushort.MaxValue - 1
        )
        {
            throw new ArgumentException("More than 4 GB or 65,534 tensors: save them as .safetensors.");
        }

        uint start = (uint)_position,
            sum = Crc32.HashToUInt32(bytes),
            length = (uint)bytes.Length;
        using var local = new BinaryWriter(stream, Encoding.UTF8, leaveOpen: true);
        local.Write("PK\x03\x04"u8);
        WriteShared(local);
        local.Write((ushort)(ExtraHeaderLength + padding));
        local.Write(nameBytes);
        local.Write("FB"u8);
        local.Write((ushort)padding);
        local.Write([.. Enumerable.Repeat((byte)'Z', padding)]);
        local.Write(bytes);
        _position = dataStart + padding + bytes.Length;

        _directory.Write("PK\x01\x02"u8);
        _directory.Write(Version);
        WriteShared(_directory);
        _directory.Write(new byte[12]); // no extra field, no comment, first disk, no attributes
        _directory.Write(start);
        _directory.Write(nameBytes);
        _count++;

        void WriteShared(BinaryWriter header)
        {
            header.Write(Version);
            header.Write(Utf8Names);
            header.Write(Stored);
            header.Write(Date);
            header.Write(sum);
            header.Write(length);
            header.Write(length);
            header.Write((ushort)nameBytes.Length);
        }
    }

    /// <summary>Writes the central directory, without which the archive cannot be read.</summary>
    public void Finish()
    {
        using var end = new BinaryWriter(stream, Encoding.UTF8, leaveOpen: true);
        byte[] directory = ((MemoryStream)_directory.BaseStream).ToArray();
        end.Write(directory);
        end.Write("PK\x05\x06"u8);
        end.Write(0u); // this disk and the directory's, both the first
        end.Write(_count);
        end.Write(_count);
        end.Write((uint)directory.Length);
        end.Write((uint)_position);
        end.Write((ushort)0); // no comment
    }

    public void Dispose() => _directory.Dispose();
}
