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

    /// <summary>Every instruction that PyTorch writes, each with the name that pickletools gives it.</summary>
    private static readonly Dictionary<byte, Action<PickleReader>> Instructions = new()
    {
        [0x80] = pickle => pickle.CheckProtocol(), // PROTO
        [0x95] = pickle => pickle.Bytes(8), // FRAME: a hint for readers of streams

        [(byte)'N'] = pickle => pickle.Push(null), // NONE
        [0x88] = pickle => pickle.Push(true), // NEWTRUE
        [0x89] = pickle => pickle.Push(false), // NEWFALSE
        [(byte)'J'] = pickle => pickle.Push((long)BinaryPrimitives.ReadInt32LittleEndian(pickle.Bytes(4))), // BININT
        [(byte)'K'] = pickle => pickle.Push((long)pickle.Byte()), // BININT1
        [(byte)'M'] = pickle => pickle.Push((long)BinaryPrimitives.ReadUInt16LittleEndian(pickle.Bytes(2))), // BININT2
        [0x8a] = pickle => pickle.PushInteger(pickle.Bytes(pickle.Byte())), // LONG1
        [0x8b] = pickle => pickle.PushSkipped(pickle.Length4(), PickleOpaque.Integer), // LONG4: the state of a random generator, say
        [(byte)'G'] = pickle => pickle.Push(BinaryPrimitives.ReadDoubleBigEndian(pickle.Bytes(8))), // BINFLOAT

        [(byte)'X'] = pickle => pickle.Push(StrictUtf8.GetString(pickle.Bytes(pickle.Length4()))), // BINUNICODE
        [0x8c] = pickle => pickle.Push(StrictUtf8.GetString(pickle.Bytes(pickle.Byte()))), // SHORT_BINUNICODE
        [0x8d] = pickle => pickle.Push(StrictUtf8.GetString(pickle.Bytes(pickle.Length8()))), // BINUNICODE8
        [(byte)'U'] = pickle => pickle.Push(Encoding.Latin1.GetString(pickle.Bytes(pickle.Byte()))), // SHORT_BINSTRING
        [(byte)'T'] = pickle => pickle.Push(Encoding.Latin1.GetString(pickle.Bytes(pickle.Length4()))), // BINSTRING
        [(byte)'C'] = pickle => pickle.PushSkipped(pickle.Byte(), PickleOpaque.Bytes), // SHORT_BINBYTES
        [(byte)'B'] = pickle => pickle.PushSkipped(pickle.Length4(), PickleOpaque.Bytes), // BINBYTES
        [0x8e] = pickle => pickle.PushSkipped(pickle.Length8(), PickleOpaque.Bytes), // BINBYTES8
        [0x96] = pickle => pickle.PushSkipped(pickle.Length8(), PickleOpaque.Bytes), // BYTEARRAY8

        [(byte)'('] = pickle => pickle._marks.Add(pickle._stack.Count), // MARK
        [(byte)')'] = pickle => pickle.Push(Array.Empty<object?>()), // EMPTY_TUPLE
        [(byte)'t'] = pickle => pickle.Push(pickle.PopToMark()), // TUPLE
        [0x85] = pickle => pickle.Push(pickle.PopMany(1)), // TUPLE1
        [0x86] = pickle => pickle.Push(pickle.PopMany(2)), // TUPLE2
        [0x87] = pickle => pickle.Push(pickle.PopMany(3)), // TUPLE3

        [(byte)']'] = pickle => pickle.Push(new List<object?>(0)), // EMPTY_LIST
        [(byte)'a'] = pickle => pickle.Append(pickle.PopMany(1)), // APPEND
        [(byte)'e'] = pickle => pickle.Append(pickle.PopToMark()), // APPENDS
        [(byte)'}'] = pickle => pickle.Push(new PickleDictionary()), // EMPTY_DICT
        [(byte)'s'] = pickle => pickle.SetItems(pickle.PopMany(2)), // SETITEM
        [(byte)'u'] = pickle => pickle.SetItems(pickle.PopToMark()), // SETITEMS
        [0x8f] = pickle => pickle.Push(PickleOpaque.Set), // EMPTY_SET
        [0x90] = pickle => pickle.FillSet(), // ADDITEMS
        [0x91] = pickle => pickle.FreezeSet(), // FROZENSET

        // Python writes a tuple that contains itself twice, and discards one of them.
        [(byte)'0'] = pickle => pickle.PopOrMark(), // POP
        [(byte)'1'] = pickle => pickle.PopToMark(), // POP_MARK
        [(byte)'2'] = pickle => pickle.Push(pickle.Copied()), // DUP

        [(byte)'q'] = pickle => pickle.Memoize(pickle.Byte()), // BINPUT
        [(byte)'r'] = pickle => pickle.Memoize(BinaryPrimitives.ReadUInt32LittleEndian(pickle.Bytes(4))), // LONG_BINPUT
        [0x94] = pickle => pickle.Memoize((uint)pickle._memo.Count), // MEMOIZE
        [(byte)'h'] = pickle => pickle.Push(pickle.Recall(pickle.Byte())), // BINGET
        [(byte)'j'] = pickle => pickle.Push(pickle.Recall(BinaryPrimitives.ReadUInt32LittleEndian(pickle.Bytes(4)))), // LONG_BINGET

        [(byte)'c'] = pickle => pickle.Push(PickleGlobals.Find(pickle.Line(), pickle.Line())), // GLOBAL
        [0x93] = pickle => pickle.Push(Global(pickle.PopMany(2))), // STACK_GLOBAL
        [(byte)'R'] = pickle => pickle.Call(pickle.PopMany(2)), // REDUCE
        [0x81] = pickle => pickle.Call(pickle.PopMany(2)), // NEWOBJ
        [0x92] = pickle => pickle.Call(pickle.PopMany(3)), // NEWOBJ_EX: the third are named arguments
        [(byte)'b'] = pickle => pickle.Build(), // BUILD
        [(byte)'Q'] = pickle => pickle.Push(pickle.Storage(pickle.Pop())), // BINPERSID
    };

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
        if (!Instructions.TryGetValue(instruction, out Action<PickleReader>? run))
        {
            throw new FormatException($"its pickle has the instruction 0x{instruction:x2}, which PyTorch does not write");
        }

        run(this);
    }

    private void CheckProtocol()
    {
        if (Byte() is not (>= 2 and <= 5))
        {
            throw new FormatException("its pickle has a protocol other than 2 to 5");
        }
    }

    private static PickleGlobal Global(object?[] moduleAndName) =>
        moduleAndName is [string module, string name]
            ? PickleGlobals.Find(module, name)
            : throw new FormatException("its pickle names a global by something other than text");

    private void Push(object? value) => _stack.Add(value);

    /// <summary>Something whose bytes nobody here needs.</summary>
    private void PushSkipped(long bytes, PickleOpaque opaque)
    {
        Skip(bytes);
        Push(opaque);
    }

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

    private void FillSet()
    {
        PopToMark();
        Top<PickleOpaque>("fills");
    }

    private void FreezeSet()
    {
        PopToMark();
        Push(PickleOpaque.Set);
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
