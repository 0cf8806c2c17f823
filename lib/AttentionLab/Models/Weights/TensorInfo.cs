using System.Globalization;
using TorchSharp;
using static TorchSharp.torch;

namespace AttentionLab.Models;

/// <summary>What a file says of a tensor before it is read.</summary>
/// <param name="Type">The type of its elements.</param>
/// <param name="Shape">Its sides; none for a scalar.</param>
public sealed record TensorInfo(ScalarType Type, IReadOnlyList<long> Shape)
{
    // torch's own loops end at 64.
    internal const int MaxDimensions = 64;

    /// <summary>How many bytes its elements take.</summary>
    public long ByteCount => Shape.Aggregate((long)Type.ElementSize(), (bytes, side) => bytes * side);

    /// <summary>"3×3", or "scalar".</summary>
    public string ShapeText => Text(Shape);

    /// <summary>"Float32 3×3", or "Int64 scalar".</summary>
    public override string ToString() => $"{Type} {ShapeText}";

    internal static string Text(IReadOnlyList<long> shape) =>
        shape.Count == 0 ? "scalar" : string.Join('×', shape.Select(side => side.ToString(CultureInfo.InvariantCulture)));

    /// <summary>
    /// What is wrong with a shape that a file claims; null when tensors may have it. Sides of zero do not hide that others
    /// overflow.
    /// </summary>
    internal static string? Complaint(ScalarType type, IReadOnlyList<long> shape)
    {
        if (shape.Count > MaxDimensions)
        {
            return $"has {shape.Count} dimensions; torch goes to {MaxDimensions}";
        }

        long bytes = type.ElementSize();
        foreach (long side in shape)
        {
            if (side < 0)
            {
                return $"has a negative side ({Text(shape)})";
            }

            if (bytes > long.MaxValue / Math.Max(1, side))
            {
                return $"has more elements than a file can hold ({Text(shape)})";
            }

            bytes *= Math.Max(1, side);
        }

        return null;
    }
}
