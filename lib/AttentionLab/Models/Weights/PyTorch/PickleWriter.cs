using System.Buffers.Binary;
using System.Text;
using AttentionLab.Core;

namespace AttentionLab.Models;

/// <summary>
/// Writes the few instructions of pickle protocol 2 that a state dict needs, all of which torch's <c>weights_only</c> reader
/// knows.
/// </summary>
internal sealed class PickleWriter
{
    private readonly List<byte> _bytes = [];

    public PickleWriter() => Write([0x80, 2]);

    /// <summary>Begins a group, which a tuple or the setting of items ends.</summary>
    public PickleWriter Mark() => Write((byte)'(');

    public PickleWriter Tuple() => Write((byte)'t');

    public PickleWriter Dictionary() => Write((byte)'}');

    public PickleWriter SetItems() => Write((byte)'u');

    public PickleWriter False() => Write(0x89);

    public PickleWriter Global(string module, string name) =>
        Write([(byte)'c', .. Encoding.ASCII.GetBytes($"{module}\n{name}\n")]);

    /// <summary>Calls a global with a tuple.</summary>
    public PickleWriter Reduce() => Write((byte)'R');

    /// <summary>Gives an object the attributes of a dictionary.</summary>
    public PickleWriter Build() => Write((byte)'b');

    /// <summary>Makes a storage of its description, a tuple.</summary>
    public PickleWriter PersistentId() => Write((byte)'Q');

    public PickleWriter OrderedDict() => Global("collections", "OrderedDict").Mark().Tuple().Reduce();

    /// <exception cref="ArgumentException">The text is not valid Unicode.</exception>
    public PickleWriter Text(string text)
    {
        byte[] bytes = StrictUtf8.GetBytes(text),
            prefix = new byte[5];
        prefix[0] = (byte)'X';
        BinaryPrimitives.WriteInt32LittleEndian(prefix.AsSpan(1), bytes.Length);
        return Write([.. prefix, .. bytes]);
    }

    public PickleWriter Integer(long value)
    {
        var bytes = new byte[10];
        if (value is >= int.MinValue and <= int.MaxValue)
        {
            bytes[0] = (byte)'J';
            BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(1), (int)value);
            return Write(bytes.AsSpan(0, 5));
        }

        (bytes[0], bytes[1]) = (0x8a, 8);
        BinaryPrimitives.WriteInt64LittleEndian(bytes.AsSpan(2), value);
        return Write(bytes);
    }

    public PickleWriter Integers(IEnumerable<long> values)
    {
        Mark();
        foreach (long value in values)
        {
            Integer(value);
        }

        return Tuple();
    }

    public byte[] Stop() => Write((byte)'.')._bytes.ToArray();

    private PickleWriter Write(params ReadOnlySpan<byte> bytes)
    {
        _bytes.AddRange(bytes);
        return this;
    }
}
