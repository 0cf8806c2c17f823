using System.Buffers.Binary;
using System.Text;
using AttentionLab.Core;

namespace AttentionLab.Models;

/// <summary>Reads messages of the protobuf wire format, without copying them.</summary>
/// <remarks>https://protobuf.dev/programming-guides/encoding. Lengths are checked against the message around them.</remarks>
/// <param name="message">The message's bytes.</param>
/// <param name="start">Where they begin in the file: errors name offsets in the file.</param>
internal ref struct ProtobufReader(ReadOnlyMemory<byte> message, long start)
{
    private const int LongestVarint = 10;
    private int _at;

    /// <summary>The field that <see cref="Next"/> read.</summary>
    public ProtobufField Field { get; private set; }

    /// <summary>Reads the next field; false at the end of the message.</summary>
    /// <exception cref="InvalidDataException">The bytes are not a protobuf message.</exception>
    public bool Next()
    {
        if (_at == message.Length)
        {
            return false;
        }

        ulong tag = Varint();
        if (tag >> 3 is 0 or > int.MaxValue)
        {
            throw Broken($"a field has the number {tag >> 3}");
        }

        int number = (int)(tag >> 3);
        Field = (tag & 7) switch
        {
            0 => new ProtobufField(number, Varint(), default, false, start + _at),
            1 => new ProtobufField(number, BinaryPrimitives.ReadUInt64LittleEndian(Take(8).Span), default, false, start + _at),
            2 => Delimited(number),
            5 => new ProtobufField(number, BinaryPrimitives.ReadUInt32LittleEndian(Take(4).Span), default, false, start + _at),
            var type => throw Broken($"field {number} has the wire type {type}, which protobuf 3 does not write"),
        };
        return true;
    }

    /// <summary>Numbers of a repeated varint field, packed or one by one.</summary>
    public static void Varints(in ProtobufField field, List<long> into)
    {
        if (!field.IsBytes)
        {
            into.Add((long)field.Value);
            return;
        }

        var packed = new ProtobufReader(field.Bytes, field.Offset);
        while (packed._at < field.Bytes.Length)
        {
            into.Add((long)packed.Varint());
        }
    }

    /// <summary>Numbers of a repeated field of four bytes each, packed or one by one.</summary>
    public static void Floats(in ProtobufField field, List<float> into)
    {
        if (!field.IsBytes)
        {
            into.Add(BitConverter.UInt32BitsToSingle((uint)field.Value));
            return;
        }

        CheckWhole(field, sizeof(float));
        for (int i = 0; i < field.Bytes.Length; i += sizeof(float))
        {
            into.Add(BinaryPrimitives.ReadSingleLittleEndian(field.Bytes.Span[i..]));
        }
    }

    /// <summary>Numbers of a repeated field of eight bytes each, packed or one by one.</summary>
    public static void Doubles(in ProtobufField field, List<double> into)
    {
        if (!field.IsBytes)
        {
            into.Add(BitConverter.UInt64BitsToDouble(field.Value));
            return;
        }

        CheckWhole(field, sizeof(double));
        for (int i = 0; i < field.Bytes.Length; i += sizeof(double))
        {
            into.Add(BinaryPrimitives.ReadDoubleLittleEndian(field.Bytes.Span[i..]));
        }
    }

    /// <summary>A field's text.</summary>
    /// <exception cref="InvalidDataException">It is not UTF-8.</exception>
    public static string Text(in ProtobufField field)
    {
        try
        {
            return StrictUtf8.GetString(field.Bytes.ToArray());
        }
        catch (FormatException e)
        {
            throw new InvalidDataException(
                $"The text of field {field.Number} at byte {field.Offset} is not UTF-8: "
                    + $"'{Excerpt.Of(Encoding.Latin1.GetString(field.Bytes.Span[..Math.Min(20, field.Bytes.Length)]))}'.",
                e
            );
        }
    }

    private ProtobufField Delimited(int number)
    {
        ulong length = Varint();
        if (length > (ulong)(message.Length - _at))
        {
            throw Broken($"field {number} claims {length} bytes, and its message ends after {message.Length - _at}");
        }

        long offset = start + _at;
        return new ProtobufField(number, 0, Take((int)length), true, offset);
    }

    private ulong Varint()
    {
        ulong value = 0;
        for (int i = 0; i < LongestVarint; i++)
        {
            byte next = Take(1).Span[0];
            value |= (ulong)(next & 0x7F) << (7 * i);
            if (next < 0x80)
            {
                return value;
            }
        }

        throw Broken("a number goes on for more than 10 bytes");
    }

    private ReadOnlyMemory<byte> Take(int count)
    {
        if (count > message.Length - _at)
        {
            throw Broken("the message ends in the middle of a field");
        }

        ReadOnlyMemory<byte> taken = message.Slice(_at, count);
        _at += count;
        return taken;
    }

    private static void CheckWhole(in ProtobufField field, int size)
    {
        if (field.Bytes.Length % size != 0)
        {
            throw new InvalidDataException(
                $"Field {field.Number} at byte {field.Offset} holds numbers of {size} bytes in {field.Bytes.Length} bytes."
            );
        }
    }

    private readonly InvalidDataException Broken(string what) => new($"At byte {start + _at}: {what}.");
}
