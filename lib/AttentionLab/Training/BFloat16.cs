using System.Numerics;
using System.Runtime.InteropServices;

namespace AttentionLab.Training;

/// <summary>The upper half of a float32: its sign, its exponent, and 7 bits of its fraction.</summary>
internal readonly record struct BFloat16(ushort Bits)
{
    /// <summary>The same number.</summary>
    public static explicit operator float(BFloat16 value) => BitConverter.UInt32BitsToSingle((uint)value.Bits << 16);

    /// <summary>The nearest one; of two equally near the even one. NaN stays NaN.</summary>
    public static explicit operator BFloat16(float value)
    {
        uint bits = BitConverter.SingleToUInt32Bits(value);
        return new((ushort)(float.IsNaN(value) ? (bits >> 16) | 0x40 : (bits + 0x7FFF + ((bits >> 16) & 1)) >> 16));
    }

    /// <summary>As many numbers as two vectors hold.</summary>
    public static (Vector<float> Low, Vector<float> High) Widen(ReadOnlySpan<BFloat16> source)
    {
        Vector.Widen(
            new Vector<ushort>(MemoryMarshal.Cast<BFloat16, ushort>(source)),
            out Vector<uint> low,
            out Vector<uint> high
        );
        return (Vector.AsVectorSingle(low << 16), Vector.AsVectorSingle(high << 16));
    }

    /// <summary>Rounds two vectors as the conversion of one number does.</summary>
    public static void Narrow(Vector<float> low, Vector<float> high, Span<BFloat16> target) =>
        Vector.Narrow(Round(low), Round(high)).CopyTo(MemoryMarshal.Cast<BFloat16, ushort>(target));

    private static Vector<uint> Round(Vector<float> value)
    {
        Vector<uint> bits = Vector.AsVectorUInt32(value),
            upper = bits >> 16;
        Vector<uint> nearest = (bits + new Vector<uint>(0x7FFF) + (upper & Vector<uint>.One)) >> 16;
        return Vector.ConditionalSelect(
            Vector.AsVectorUInt32(Vector.Equals(value, value)),
            nearest,
            upper | new Vector<uint>(0x40)
        );
    }
}
