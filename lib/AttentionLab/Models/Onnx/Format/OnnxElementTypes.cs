using static TorchSharp.torch;

namespace AttentionLab.Models;

/// <summary>The format's element types (<c>TensorProto.DataType</c>) and torch's.</summary>
internal static class OnnxElementTypes
{
    public const long Float = 1,
        UInt8 = 2,
        Int8 = 3,
        UInt16 = 4,
        Int16 = 5,
        Int32 = 6,
        Int64 = 7,
        Bool = 9,
        Float16 = 10,
        Double = 11,
        UInt32 = 12,
        UInt64 = 13,
        BFloat16 = 16;

    /// <summary>
    /// The type that values of an element type are computed in; null for one that is not supported. Half precision is computed in
    /// float32, and unsigned integers in a signed type that holds them.
    /// </summary>
    public static ScalarType? ToTorch(long type) =>
        type switch
        {
            Float or Float16 or BFloat16 => ScalarType.Float32,
            Double => ScalarType.Float64,
            UInt8 => ScalarType.Byte,
            Int8 => ScalarType.Int8,
            Int16 => ScalarType.Int16,
            UInt16 or Int32 => ScalarType.Int32,
            UInt32 or Int64 or UInt64 => ScalarType.Int64,
            Bool => ScalarType.Bool,
            _ => null,
        };

    /// <summary>The bytes of an element; 0 for a type that is not supported.</summary>
    public static int SizeOf(long type) =>
        type switch
        {
            UInt8 or Int8 or Bool => 1,
            UInt16 or Int16 or Float16 or BFloat16 => 2,
            Float or Int32 or UInt32 => 4,
            Double or Int64 or UInt64 => 8,
            _ => 0,
        };

    /// <summary>Whether values of a type have gradients.</summary>
    public static bool IsFloat(long type) => type is Float or Float16 or BFloat16 or Double;

    /// <summary>The format's name of a type.</summary>
    public static string NameOf(long type) =>
        type switch
        {
            8 => "STRING",
            14 => "COMPLEX64",
            15 => "COMPLEX128",
            >= 17 and <= 20 => "FLOAT8",
            21 => "UINT4",
            22 => "INT4",
            23 => "FLOAT4E2M1",
            24 => "FLOAT8E8M0",
            25 => "UINT2",
            26 => "INT2",
            0 => "UNDEFINED",
            _ => $"type {type}",
        };
}
