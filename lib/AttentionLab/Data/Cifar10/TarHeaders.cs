using System.Buffers.Binary;
using System.Text;

namespace AttentionLab.Data;

/// <summary>
/// Follows the headers of a tar archive while it is read, and ends it where they ask for more work than files of known names
/// need: extended headers of any length, which a reader takes apart attribute by attribute, and sparse files, whose length is not
/// what they take.
/// </summary>
/// <remarks>POSIX.1-2017, pax, "ustar Interchange Format" and "pax Header Block"; GNU tar's manual, "Basic Tar Format".</remarks>
internal sealed class TarHeaders
{
    private const int BlockSize = 512;

    // All extended headers of the archive together; the published one has none.
    private const int MostExtended = 1 << 16;

    private readonly byte[] _header = new byte[BlockSize];
    private readonly List<byte> _extended = [];
    private int _filled;
    private long _data,
        _padding;
    private bool _isExtended;
    private long _extendedInAll;

    /// <summary>Takes the next bytes of the archive.</summary>
    /// <exception cref="InvalidDataException">They ask for what is not allowed.</exception>
    public void Follow(ReadOnlySpan<byte> bytes)
    {
        while (bytes.Length > 0)
        {
            int part;
            if (_data > 0)
            {
                part = (int)Math.Min(_data, bytes.Length);
                if (_isExtended)
                {
                    _extended.AddRange(bytes[..part]);
                }

                _data -= part;
                if (_data == 0 && _isExtended)
                {
                    CheckExtended();
                }
            }
            else if (_padding > 0)
            {
                part = (int)Math.Min(_padding, bytes.Length);
                _padding -= part;
            }
            else
            {
                part = Math.Min(BlockSize - _filled, bytes.Length);
                bytes[..part].CopyTo(_header.AsSpan(_filled));
                _filled += part;
                if (_filled == BlockSize)
                {
                    _filled = 0;
                    Take(_header);
                }
            }

            bytes = bytes[part..];
        }
    }

    private void Take(ReadOnlySpan<byte> header)
    {
        char type = (char)header[156];
        long size = SizeIn(header.Slice(124, 12));
        if (type == 'S')
        {
            throw new InvalidDataException("It holds a sparse file, whose length is not what it takes.");
        }

        _isExtended = type is 'x' or 'g' or 'X' or 'L' or 'K';
        if (_isExtended)
        {
            _extendedInAll += size;
            if (size > MostExtended || _extendedInAll > MostExtended)
            {
                throw new InvalidDataException(
                    $"Its extended headers have {Math.Max(size, _extendedInAll)} bytes and more; {MostExtended} are plenty."
                );
            }

            _extended.Clear();
        }

        _data = size;
        _padding = (BlockSize - (size % BlockSize)) % BlockSize;
    }

    /// <summary>Attributes that say otherwise than the headers how long a file is would hide what follows from here.</summary>
    private void CheckExtended()
    {
        string text = Encoding.Latin1.GetString([.. _extended]);
        if (text.Contains(" size=", StringComparison.Ordinal) || text.Contains(" GNU.sparse", StringComparison.Ordinal))
        {
            throw new InvalidDataException("It holds a file whose length stands in an extended header.");
        }
    }

    /// <summary>Octal digits, or where the first bit is set a number of 95 bits.</summary>
    private static long SizeIn(ReadOnlySpan<byte> field)
    {
        if ((field[0] & 0x80) != 0)
        {
            return field[0] == 0x80 && field[1..4].IndexOfAnyExcept((byte)0) < 0 && (field[4] & 0x80) == 0
                ? BinaryPrimitives.ReadInt64BigEndian(field[4..])
                : throw Unreadable();
        }

        long size = 0;
        string digits = Encoding.ASCII.GetString(field).Trim(' ', '\0');
        foreach (char digit in digits)
        {
            size = digit is >= '0' and <= '7' ? (size * 8) + (digit - '0') : throw Unreadable();
        }

        return size;

        static InvalidDataException Unreadable() => new("It holds a file of a length that cannot be read.");
    }
}
