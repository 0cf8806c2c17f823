using AttentionLab.Core;
using static TorchSharp.torch;

namespace AttentionLab.Models;

/// <summary>
/// The Python names that tensors are made of. Nothing here runs anything of the file's: a name stands for a few lines below, and
/// what any other name would make is passed over.
/// </summary>
internal static class PickleGlobals
{
    private const string RebuildingModule = "torch._utils.";

    private static readonly (string Storage, string Dtype, ScalarType Type)[] Storages =
    [
        ("Double", "float64", ScalarType.Float64),
        ("Float", "float32", ScalarType.Float32),
        ("Half", "float16", ScalarType.Float16),
        ("BFloat16", "bfloat16", ScalarType.BFloat16),
        ("Long", "int64", ScalarType.Int64),
        ("Int", "int32", ScalarType.Int32),
        ("Short", "int16", ScalarType.Int16),
        ("Char", "int8", ScalarType.Int8),
        ("Byte", "uint8", ScalarType.Byte),
        ("Bool", "bool", ScalarType.Bool),
        ("ComplexFloat", "complex64", ScalarType.ComplexFloat32),
        ("ComplexDouble", "complex128", ScalarType.ComplexFloat64),
    ];

    // What an attack asks for; no checkpoint does. It would not be run here either, but whoever opens the file in Python must
    // know.
    private static readonly HashSet<string> HostileModules =
    [
        "os",
        "posix",
        "nt",
        "subprocess",
        "sys",
        "shutil",
        "pty",
        "runpy",
        "importlib",
        "ctypes",
        "webbrowser",
        "commands",
        "torch.hub",
    ];

    // Plain values of these modules, which some checkpoints keep.
    private static readonly HashSet<string> Values = ["os._Environ", "os.stat_result", "posix.stat_result", "os.terminal_size"];

    private static readonly HashSet<string> HostileBuiltins =
    [
        "eval",
        "exec",
        "execfile",
        "compile",
        "open",
        "file",
        "input",
        "__import__",
        "breakpoint",
        "globals",
        "setattr",
        "delattr",
    ];

    private static readonly Dictionary<string, PickleGlobal> Known = Names().ToDictionary(global => global.Name);

    /// <summary>A name that is known here, or one whose values are passed over.</summary>
    /// <exception cref="FormatException">The name runs commands, opens files or loads code.</exception>
    public static PickleGlobal Find(string module, string name) =>
        IsHostile(module, name) ? throw NotRun($"{module}.{name}")
        : Known.TryGetValue($"{module}.{name}", out PickleGlobal? known) ? known
        : new PickleGlobal($"{module}.{name}");

    /// <summary>An error for what only Python itself could make.</summary>
    public static FormatException NotRun(string name) =>
        new(
            $"it asks Python for {Excerpt.Of(name)}, which plain weights do not need and which is not run here; save "
                + "model.state_dict() alone"
        );

    /// <summary>The name of the class of storages for a type, in the module <c>torch</c>; null when there is none.</summary>
    public static string? StorageOf(ScalarType type) =>
        Array.Find(Storages, known => known.Type == type) is { Storage: { } name } ? $"{name}Storage" : null;

    private static IEnumerable<PickleGlobal> Names()
    {
        yield return new("collections.OrderedDict", OrderedDict);
        yield return new("torch.Size", args => args is [object?[] sides] ? sides : throw Wrong("torch.Size"));
        yield return Rebuilding(
            "_rebuild_tensor",
            args =>
                args is [PickleStorage storage, long first, object?[] shape, object?[] strides]
                    ? Tensor(storage, storage.Type, first, shape, strides)
                    : null
        );
        yield return Rebuilding(
            "_rebuild_tensor_v2",
            args =>
                args is [PickleStorage storage, long first, object?[] shape, object?[] strides, bool, _, .. var more]
                && IsPlain(more)
                    ? Tensor(storage, storage.Type, first, shape, strides)
                    : null
        );
        yield return Rebuilding(
            "_rebuild_tensor_v3",
            args =>
                args
                    is [
                        PickleStorage storage,
                        long first,
                        object?[] shape,
                        object?[] strides,
                        bool,
                        _,
                        PickleGlobal type,
                        .. var more,
                    ]
                && IsPlain(more)
                    ? type.Type is { } known
                        ? Tensor(storage, known, first, shape, strides)
                        : new PickleOpaque(type.Name)
                    : null
        );
        yield return Rebuilding("_rebuild_parameter", args => args is [PickleTensor tensor, bool, _] ? tensor : null);
        yield return Rebuilding(
            "_rebuild_parameter_with_state",
            args => args is [PickleTensor tensor, bool, _, _] ? tensor : null
        );

        // A tensor of a class of its own, or with attributes: its numbers are the same. One rebuilding only, so that nesting has
        // an end.
        yield return new(
            "torch._tensor._rebuild_from_type_v2",
            args =>
                args is [PickleGlobal { Name: var name } rebuild, PickleGlobal, object?[] inner, _]
                    ? rebuild.Call is { } call && name.StartsWith(RebuildingModule, StringComparison.Ordinal)
                        ? call(inner)
                        : new PickleOpaque(name)
                    : throw Wrong("_rebuild_from_type_v2")
        );
        yield return new(
            "torch.nn.parameter.Parameter",
            args =>
                args switch
                {
                    [PickleTensor tensor, ..] => tensor,
                    [PickleOpaque unknown, ..] => unknown,
                    _ => throw Wrong("Parameter"),
                }
        );

        // Its items come after the call, as a dictionary's own do.
        yield return new("collections.defaultdict", _ => new PickleDictionary());

        foreach ((string storage, string dtype, ScalarType type) in Storages)
        {
            yield return new($"torch.{storage}Storage", Type: type);
            yield return new($"torch.cuda.{storage}Storage", Type: type);
            yield return new($"torch.{dtype}", Type: type);
        }

        yield return new("torch.storage.UntypedStorage");
    }

    private static bool IsHostile(string module, string name) =>
        (HostileModules.Contains(module) && !Values.Contains($"{module}.{name}"))
        || (module is "builtins" or "__builtin__" && HostileBuiltins.Contains(name));

    /// <summary>A function that makes a tensor. What it cannot make, of elements of an unknown type, is passed over.</summary>
    private static PickleGlobal Rebuilding(string name, Func<object?[], object?> rebuild) =>
        new(RebuildingModule + name, args => args is [PickleOpaque unknown, ..] ? unknown : rebuild(args) ?? throw Wrong(name));

    private static PickleDictionary OrderedDict(object?[] args)
    {
        var dictionary = new PickleDictionary();
        switch (args)
        {
            case []:
                return dictionary;

            // Python 2 gave the items as a list of pairs.
            case [List<object?> pairs]:
                foreach (object? pair in pairs)
                {
                    (object? key, object? value) = pair is IReadOnlyList<object?> { Count: 2 } two
                        ? (two[0], two[1])
                        : throw Wrong("OrderedDict");
                    dictionary.Add(key, value);
                }

                return dictionary;

            default:
                throw Wrong("OrderedDict");
        }
    }

    private static PickleTensor Tensor(PickleStorage storage, ScalarType? type, long first, object?[] shape, object?[] strides) =>
        PickleTensor.Of(
            storage,
            new TensorInfo(
                type
                    ?? throw new FormatException(
                        $"storage '{Excerpt.Of(storage.Key)}' is of bytes, and a tensor in it does not say its type"
                    ),
                Longs(shape)
            ),
            first,
            Longs(strides)
        );

    /// <summary>A tensor may carry a dictionary that says it is conjugated or negated lazily.</summary>
    private static bool IsPlain(object?[] more) =>
        more.OfType<PickleDictionary>().All(flags => flags.Items.All(flag => flag.Value is not true))
            ? true
            : throw new FormatException(
                "a tensor is conjugated or negated lazily: call resolve_conj() and resolve_neg() before saving"
            );

    private static long[] Longs(object?[] values) =>
        [
            .. values.Select(value =>
                value as long? ?? throw new FormatException("a tensor's shape or strides are not whole numbers")
            ),
        ];

    private static FormatException Wrong(string name) => new($"it calls {name} with other arguments than PyTorch writes");
}
