using static TorchSharp.torch;

namespace AttentionLab.Models;

/// <summary>
/// All Python names that a file of weights may mention. Nothing here runs anything of the file's: a name stands for a few lines below, and any other
/// name is an error.
/// </summary>
internal static class PickleGlobals
{
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

    private static readonly Dictionary<string, PickleGlobal> Allowed = Names().ToDictionary(global => global.Name);

    /// <exception cref="FormatException">The name is not allowed.</exception>
    public static PickleGlobal Find(string module, string name) =>
        Allowed.TryGetValue($"{module}.{name}", out PickleGlobal? known)
            ? known
            : throw new FormatException(
                $"it asks Python for {Shown(module)}.{Shown(name)}, which plain weights do not need and which is not run here; save model.state_dict() alone"
            );

    /// <summary>The name of the class of storages for a type, in the module <c>torch</c>; null when there is none.</summary>
    public static string? StorageOf(ScalarType type) =>
        Array.Find(Storages, known => known.Type == type) is { Storage: { } name } ? $"{name}Storage" : null;

    private static IEnumerable<PickleGlobal> Names()
    {
        yield return new("collections.OrderedDict", OrderedDict);
        yield return new("torch.Size", args => args is [object?[] sides] ? sides : throw Wrong("torch.Size"));
        yield return new(
            "torch._utils._rebuild_tensor",
            args =>
                args is [PickleStorage storage, long first, object?[] shape, object?[] strides]
                    ? Tensor(storage, storage.Type, first, shape, strides)
                    : throw Wrong("_rebuild_tensor")
        );
        yield return new(
            "torch._utils._rebuild_tensor_v2",
            args =>
                args is [PickleStorage storage, long first, object?[] shape, object?[] strides, bool, _, .. var more]
                && IsPlain(more)
                    ? Tensor(storage, storage.Type, first, shape, strides)
                    : throw Wrong("_rebuild_tensor_v2")
        );
        yield return new(
            "torch._utils._rebuild_tensor_v3",
            args =>
                args
                    is [
                        PickleStorage storage,
                        long first,
                        object?[] shape,
                        object?[] strides,
                        bool,
                        _,
                        PickleGlobal { Type: { } type },
                        .. var more,
                    ]
                && IsPlain(more)
                    ? Tensor(storage, type, first, shape, strides)
                    : throw Wrong("_rebuild_tensor_v3")
        );
        yield return new(
            "torch._utils._rebuild_parameter",
            args => args is [PickleTensor tensor, bool, _] ? tensor : throw Wrong("_rebuild_parameter")
        );
        yield return new(
            "torch._utils._rebuild_parameter_with_state",
            args => args is [PickleTensor tensor, bool, _, _] ? tensor : throw Wrong("_rebuild_parameter_with_state")
        );

        // A tensor with attributes: only torch's own classes, and one rebuilding only, so that nesting has an end.
        yield return new(
            "torch._tensor._rebuild_from_type_v2",
            args =>
                args
                    is [
                        PickleGlobal { Name: var name, Call: { } rebuild },
                        PickleGlobal { Name: "torch.Tensor" or "torch.nn.parameter.Parameter" },
                        object?[] inner,
                        _,
                    ]
                && name.StartsWith("torch._utils.", StringComparison.Ordinal)
                    ? rebuild(inner)
                    : throw Wrong("_rebuild_from_type_v2")
        );
        yield return new(
            "torch.nn.parameter.Parameter",
            args => args is [PickleTensor tensor, ..] ? tensor : throw Wrong("Parameter")
        );
        yield return new("torch.Tensor");

        // What stands beside weights in checkpoints; nobody asks for it.
        foreach (
            string name in (string[])
                [
                    "torch.device",
                    "_codecs.encode",
                    "builtins.set",
                    "__builtin__.set",
                    "builtins.bytearray",
                    "__builtin__.bytearray",
                    "builtins.complex",
                    "__builtin__.complex",
                    "collections.Counter",
                ]
        )
        {
            yield return new(name, _ => PickleOpaque.Value);
        }

        foreach ((string storage, string dtype, ScalarType type) in Storages)
        {
            yield return new($"torch.{storage}Storage", Type: type);
            yield return new($"torch.cuda.{storage}Storage", Type: type);
            yield return new($"torch.{dtype}", Type: type);
        }

        yield return new("torch.storage.UntypedStorage");
    }

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
                        $"storage '{storage.Key}' is of bytes, and a tensor in it does not say its type"
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
                value as long? ?? throw new FormatException("a tensor's shape or strides are no whole numbers")
            ),
        ];

    private static FormatException Wrong(string name) => new($"it calls {name} with other arguments than PyTorch writes");

    /// <summary>A name for a message: short, and without control characters.</summary>
    private static string Shown(string name) => string.Concat(name.Take(100).Select(c => char.IsControl(c) ? '?' : c));
}
