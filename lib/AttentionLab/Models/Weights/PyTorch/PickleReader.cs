using System.Buffers.Binary;
using System.Globalization;
using System.Numerics;
using System.Text;
using AttentionLab.Core;
using TorchSharp;

namespace AttentionLab.Models;

/// <summary>
/// Reads pickles as data. A pickle is a program for a stack machine; this one knows the instructions that build numbers, text,
/// tuples, lists and dictionaries, and those of <see cref="PickleGlobals"/> by name. It imports nothing and runs nothing: what it
/// does not know becomes a <see cref="PickleOpaque"/>.
/// </summary>
/// <remarks>
/// Instructions as in CPython's Lib/pickletools.py, protocols 2 to 5. Values are null, bool, long, <see cref="BigInteger"/>,
/// double, string, object[] (a tuple), List, and the Pickle… types here. Memory stays within a small multiple of the bytes read,
/// as nothing is copied that the memo repeats.
/// </remarks>
internal sealed class PickleReader(Stream stream)
{
    // PyTorch's own files need about 2,000: dictionaries are filled a thousand items at a time.
    private const int MaxStack = 100_000,
        MaxNameLength = 256;

    private readonly List<object?> _stack = [];
    private readonly List<int> _marks = [];
    private readonly Dictionary<uint, object?> _memo = [];

    /// <summary>All storages that the last pickle refers to, by key.</summary>
    public Dictionary<string, PickleStorage> Storages { get; private set; } = [];

    /// <summary>Reads the next pickle of the stream, which ends behind it.</summary>
    /// <exception cref="FormatException">It is damaged, or asks for what is not allowed.</exception>
    public object? Read()
    {
        _stack.Clear();
        _marks.Clear();
        _memo.Clear();
        Storages = [];
        while (true)
        {
            byte instruction = Byte();
            if (instruction == (byte)'.')
            {
                return Pop();
            }

            Run(instruction);
            if (_stack.Count > MaxStack || _marks.Count > MaxStack)
            {
                throw new FormatException($"its pickle puts more than {MaxStack} values on the stack");
            }
        }
    }

    private void Run(byte instruction)
    {
        switch (instruction)
        {
            case 0x80: // PROTO
                if (Byte() is not (>= 2 and <= 5))
                {
                    throw new FormatException("its pickle is of no protocol from 2 to 5");
                }

                break;
            case 0x95: // FRAME: a hint for readers of streams
                Bytes(8);
                break;

            case (byte)'N':
                Push(null);
                break;
            case 0x88:
                Push(true);
                break;
            case 0x89:
                Push(false);
                break;
            case (byte)'J':
                Push((long)BinaryPrimitives.ReadInt32LittleEndian(Bytes(4)));
                break;
            case (byte)'K':
                Push((long)Byte());
                break;
            case (byte)'M':
                Push((long)BinaryPrimitives.ReadUInt16LittleEndian(Bytes(2)));
                break;
            case 0x8a:
                PushInteger(Bytes(Byte()));
                break;
            case (byte)'G':
                Push(BinaryPrimitives.ReadDoubleBigEndian(Bytes(8)));
                break;

            case (byte)'X':
                Push(StrictUtf8.GetString(Bytes(Length4())));
                break;
            case 0x8c:
                Push(StrictUtf8.GetString(Bytes(Byte())));
                break;
            case 0x8d:
                Push(StrictUtf8.GetString(Bytes(Length8())));
                break;
            case (byte)'U':
                Push(Encoding.Latin1.GetString(Bytes(Byte())));
                break;
            case (byte)'T':
                Push(Encoding.Latin1.GetString(Bytes(Length4())));
                break;
            case (byte)'C':
                Skip(Byte());
                Push(PickleOpaque.Bytes);
                break;
            case (byte)'B':
                Skip(Length4());
                Push(PickleOpaque.Bytes);
                break;
            case 0x8e or 0x96: // BYTEARRAY8
                Skip(Length8());
                Push(PickleOpaque.Bytes);
                break;
            case 0x8b: // LONG4: a random generator's state, say
                Skip(Length4());
                Push(PickleOpaque.Integer);
                break;

            case (byte)'(':
                _marks.Add(_stack.Count);
                break;
            case (byte)')':
                Push(Array.Empty<object?>());
                break;
            case (byte)'t':
                Push(PopToMark());
                break;
            case 0x85:
                Push(PopMany(1));
                break;
            case 0x86:
                Push(PopMany(2));
                break;
            case 0x87:
                Push(PopMany(3));
                break;

            case (byte)']':
                Push(new List<object?>(0));
                break;
            case (byte)'a':
                Append(PopMany(1));
                break;
            case (byte)'e':
                Append(PopToMark());
                break;
            case (byte)'}':
                Push(new PickleDictionary());
                break;
            case (byte)'s':
                SetItems(PopMany(2));
                break;
            case (byte)'u':
                SetItems(PopToMark());
                break;
            case 0x8f:
                Push(PickleOpaque.Set);
                break; // EMPTY_SET
            case 0x91:
                PopToMark();
                Push(PickleOpaque.Set);
                break; // FROZENSET
            case 0x90:
                PopToMark();
                Top<PickleOpaque>("fills");
                break; // ADDITEMS

            // A tuple that holds itself is made once too often, and taken back.
            case (byte)'0':
                PopOrMark();
                break;
            case (byte)'1':
                PopToMark();
                break;
            case (byte)'2':
                Push(Copied());
                break;

            case (byte)'q':
                Memoize(Byte());
                break;
            case (byte)'r':
                Memoize(BinaryPrimitives.ReadUInt32LittleEndian(Bytes(4)));
                break;
            case 0x94:
                Memoize((uint)_memo.Count);
                break;
            case (byte)'h':
                Push(Recall(Byte()));
                break;
            case (byte)'j':
                Push(Recall(BinaryPrimitives.ReadUInt32LittleEndian(Bytes(4))));
                break;

            case (byte)'c':
                Push(PickleGlobals.Find(Line(), Line()));
                break;
            case 0x93:
                Push(
                    PopMany(2) is [string module, string name]
                        ? PickleGlobals.Find(module, name)
                        : throw new FormatException("its pickle names a global by something other than text")
                );
                break;
            case (byte)'R' or 0x81:
                Call(PopMany(2));
                break; // REDUCE, NEWOBJ
            case 0x92:
                Call(PopMany(3));
                break; // NEWOBJ_EX: the third are named arguments
            case (byte)'b':
                Build();
                break;
            case (byte)'Q':
                Push(Storage(Pop()));
                break; // BINPERSID

            default:
                throw new FormatException($"its pickle has the instruction 0x{instruction:x2}, which PyTorch does not write");
        }
    }

    private void Push(object? value) => _stack.Add(value);

    private object? Pop() => PopMany(1)[0];

    private object?[] PopMany(int count)
    {
        int start = _stack.Count - count;
        if (start < (_marks.Count > 0 ? _marks[^1] : 0))
        {
            throw new FormatException("its pickle takes more values than it gave");
        }

        var values = new object?[count];
        _stack.CopyTo(start, values, 0, count);
        _stack.RemoveRange(start, count);
        return values;
    }

    private object?[] PopToMark()
    {
        if (_marks.Count == 0)
        {
            throw new FormatException("its pickle ends a group that it did not begin");
        }

        object?[] values = PopMany(_stack.Count - _marks[^1]);
        _marks.RemoveAt(_marks.Count - 1);
        return values;
    }

    private void PopOrMark()
    {
        if (_marks.Count > 0 && _marks[^1] == _stack.Count)
        {
            _marks.RemoveAt(_marks.Count - 1);
        }
        else
        {
            Pop();
        }
    }

    private object? Copied() =>
        _stack.Count > 0 ? _stack[^1] : throw new FormatException("its pickle takes more values than it gave");

    private bool IsOpaqueOnTop => _stack.Count > 0 && _stack[^1] is PickleOpaque;

    private T Top<T>(string does)
        where T : class =>
        (_stack.Count > 0 ? _stack[^1] : null) as T ?? throw new FormatException($"its pickle {does} what cannot be filled");

    private void Append(object?[] values)
    {
        if (!IsOpaqueOnTop)
        {
            Top<List<object?>>("appends to").AddRange(values);
        }
    }

    private void SetItems(object?[] values)
    {
        if (IsOpaqueOnTop)
        {
            return;
        }

        PickleDictionary dictionary = Top<PickleDictionary>("sets items of");
        if (values.Length % 2 != 0)
        {
            throw new FormatException("its pickle sets a key without a value");
        }

        for (int i = 0; i < values.Length; i += 2)
        {
            dictionary.Add(values[i], values[i + 1]);
        }
    }

    private void Memoize(uint index) =>
        _memo[index] =
            _stack.Count > 0 ? _stack[^1] : throw new FormatException("its pickle remembers a value that it did not give");

    private object? Recall(uint index) =>
        _memo.TryGetValue(index, out object? value)
            ? value
            : throw new FormatException($"its pickle asks for value {index}, which it did not remember");

    private void Call(object?[] callAndArguments) =>
        Push(
            callAndArguments switch
            {
                [PickleGlobal { Call: { } call }, object?[] args, ..] => call(args),
                [PickleGlobal { Name: var name }, ..] => new PickleOpaque(name),
                [PickleOpaque made, ..] => made,
                _ => throw new FormatException("its pickle calls something that is not a function"),
            }
        );

    private void Build()
    {
        object? state = Pop();
        switch (_stack.Count > 0 ? _stack[^1] : null)
        {
            case PickleDictionary dictionary:
                dictionary.Attributes = state as PickleDictionary ?? dictionary.Attributes;
                break;
            case PickleOpaque or PickleTensor:
                break;
            default:
                throw new FormatException("its pickle gives attributes to something that has none");
        }
    }

    /// <summary>
    /// A <see cref="PickleStorage"/>; a <see cref="PickleOpaque"/> where its elements are of a type that is not known here; a
    /// class, of which the format before 1.6 keeps the source beside it.
    /// </summary>
    private object Storage(object? id)
    {
        switch (id)
        {
            case object?[] and ["module", PickleGlobal source, ..]:
                return source;
            case object?[]
            and ["storage", PickleGlobal { Type: null, Name: not "torch.storage.UntypedStorage" and var name }, ..]:
                return new PickleOpaque(name);
            case object?[] and ["storage", PickleGlobal global, string key, string, long count, .. var view]:
                if (view is not ([] or [null]))
                {
                    throw new FormatException(
                        $"storage '{Excerpt.Of(key)}' is a view of another, as only PyTorch before 0.4 wrote it; load and save "
                            + "the file in Python once"
                    );
                }

                if (count < 0 || count > long.MaxValue / 16)
                {
                    throw new FormatException(
                        string.Create(CultureInfo.InvariantCulture, $"storage '{Excerpt.Of(key)}' claims {count} elements")
                    );
                }

                var storage = new PickleStorage(key, global.Type, count * (global.Type?.ElementSize() ?? 1));
                return Storages.TryAdd(key, storage) || Storages[key] == storage
                    ? Storages[key]
                    : throw new FormatException($"storage '{Excerpt.Of(key)}' is described in two ways");
            default:
                throw new FormatException("its pickle refers to something that is not a storage");
        }
    }

    private void PushInteger(ReadOnlySpan<byte> bytes)
    {
        var value = new BigInteger(bytes);
        if (value >= long.MinValue && value <= long.MaxValue)
        {
            Push((long)value);
        }
        else
        {
            Push(value);
        }
    }

    private string Line()
    {
        var line = new StringBuilder();
        for (byte b = Byte(); b != (byte)'\n'; b = Byte())
        {
            line.Append((char)b);
            if (line.Length > MaxNameLength)
            {
                throw new FormatException($"its pickle has a name of more than {MaxNameLength} characters");
            }
        }

        return line.ToString();
    }

    private byte Byte() => stream.ReadByte() is >= 0 and var value ? (byte)value : throw Ends();

    private long Length4() => BinaryPrimitives.ReadUInt32LittleEndian(Bytes(4));

    private long Length8() => (long)Math.Min(BinaryPrimitives.ReadUInt64LittleEndian(Bytes(8)), long.MaxValue);

    private byte[] Bytes(long count)
    {
        if (count > Math.Min(stream.Length - stream.Position, Array.MaxLength))
        {
            throw Ends();
        }

        var bytes = new byte[count];
        stream.ReadExactly(bytes);
        return bytes;
    }

    private void Skip(long count)
    {
        if (count > stream.Length - stream.Position)
        {
            throw Ends();
        }

        stream.Position += count;
    }

    private static FormatException Ends() => new("its pickle ends too early: the file is truncated or damaged");
}
