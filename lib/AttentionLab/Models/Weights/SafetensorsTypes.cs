using AttentionLab.Core;
using static TorchSharp.torch;

namespace AttentionLab.Models;

/// <summary>
/// The format's element types: their names in the order in which the reference implementation sorts tensors, largest last.
/// </summary>
internal static class SafetensorsTypes
{
    private static readonly (string Name, ScalarType? Type)[] All =
    [
        ("BOOL", ScalarType.Bool),
        ("F4", null),
        ("F6_E2M3", null),
        ("F6_E3M2", null),
        ("U8", ScalarType.Byte),
        ("I8", ScalarType.Int8),
        ("F8_E5M2", null),
        ("F8_E4M3", null),
        ("F8_E8M0", null),
        ("F8_E4M3FNUZ", null),
        ("F8_E5M2FNUZ", null),
        ("I16", ScalarType.Int16),
        ("U16", null),
        ("F16", ScalarType.Float16),
        ("BF16", ScalarType.BFloat16),
        ("I32", ScalarType.Int32),
        ("U32", null),
        ("F32", ScalarType.Float32),
        ("C64", ScalarType.ComplexFloat32),
        ("F64", ScalarType.Float64),
        ("I64", ScalarType.Int64),
        ("U64", null),
    ];

    /// <summary>TorchSharp's type for a name.</summary>
    /// <exception cref="FormatException">The format has no such type, or TorchSharp has none for it.</exception>
    public static ScalarType Parse(string name)
    {
        int index = Array.FindIndex(All, type => type.Name == name);
        return index < 0
            ? throw new FormatException(
                $"has type {Excerpt.Of(name)}, which the format does not know; it knows "
                    + $"{string.Join(", ", All.Where(type => type.Type is not null).Select(type => type.Name))} and some that "
                    + "TorchSharp lacks"
            )
            : All[index].Type
                ?? throw new FormatException(
                    $"has type {Excerpt.Of(name)}, which TorchSharp cannot hold: convert it in Python first, "
                        + $"{(name[0] == 'F' ? "to float16 or float32" : "to int64")}"
                );
    }

    /// <summary>The name of a type and its place in the order; null when the format has none.</summary>
    public static (string Name, int Order)? Of(ScalarType type) =>
        Array.FindIndex(All, known => known.Type == type) is >= 0 and var index ? (All[index].Name, index) : null;
}
