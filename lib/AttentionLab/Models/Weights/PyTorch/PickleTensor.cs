using AttentionLab.Core;
using TorchSharp;

namespace AttentionLab.Models;

/// <summary>
/// A tensor out of a pickle: a window on a storage. Made only by <see cref="Of"/>, which checks that the window lies inside.
/// </summary>
internal sealed record PickleTensor
{
    private PickleTensor(PickleStorage storage, TensorInfo info, long first, long[] strides, long length) =>
        (Storage, Info, First, Strides, Length) = (storage, info, first, strides, length);

    public PickleStorage Storage { get; }

    public TensorInfo Info { get; }

    /// <summary>The storage's element at which the tensor begins.</summary>
    public long First { get; }

    /// <summary>How many elements further the next one along each side lies.</summary>
    public IReadOnlyList<long> Strides { get; }

    /// <summary>How many of the storage's elements there are from the tensor's first to its last.</summary>
    public long Length { get; }

    /// <summary>Whether the elements lie one after the other in the order of the indices.</summary>
    public bool IsContiguous
    {
        get
        {
            long expected = 1;
            for (int side = Strides.Count - 1; side >= 0; side--)
            {
                if (Info.Shape[side] != 1 && Strides[side] != expected)
                {
                    return false;
                }

                expected *= Info.Shape[side];
            }

            return true;
        }
    }

    /// <exception cref="FormatException">A size or stride is invalid, or the view leaves the storage.</exception>
    public static PickleTensor Of(PickleStorage storage, TensorInfo info, long first, long[] strides)
    {
        string what = $"a tensor ({info}) in storage '{Excerpt.Of(storage.Key)}'";
        if (TensorInfo.Complaint(info.Type, info.Shape) is { } complaint)
        {
            throw new FormatException($"{what} {complaint}");
        }

        if (strides.Length != info.Shape.Count)
        {
            throw new FormatException($"{what} has {strides.Length} strides");
        }

        if (first < 0 || strides.Any(stride => stride < 0))
        {
            throw new FormatException($"{what} has a negative offset or stride");
        }

        // The sums are exact: long products of a side and a stride fit into 128 bits, and there are at most 64 of them.
        bool empty = info.Shape.Contains(0);
        Int128 length = empty
            ? 0
            : 1 + info.Shape.Zip(strides).Aggregate(Int128.Zero, (sum, side) => sum + ((Int128)(side.First - 1) * side.Second));
        long available = storage.ByteCount / info.Type.ElementSize();
        if (empty)
        {
            first = 0; // an empty slice may begin anywhere, even behind its storage
        }

        return first + length <= available
            ? new PickleTensor(storage, info, first, strides, (long)length)
            : throw new FormatException($"{what} needs elements {first} to {first + length - 1} of the {available} there are");
    }
}
