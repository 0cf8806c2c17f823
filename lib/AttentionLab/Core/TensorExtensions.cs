using TorchSharp;
using static TorchSharp.torch;

namespace AttentionLab.Core;

/// <summary>Tensors as plain numbers.</summary>
internal static class TensorExtensions
{
    /// <summary>The values of a tensor of any type, device and layout as float32, in the order of its dimensions.</summary>
    public static float[] ToFloats(this Tensor tensor)
    {
        using DisposeScope scope = NewDisposeScope();
        return tensor.detach().to(ScalarType.Float32).cpu().contiguous().data<float>().ToArray();
    }

    /// <summary>The values of a tensor of any type, device and layout in double precision, in the order of its
    /// dimensions.</summary>
    public static double[] ToDoubles(this Tensor tensor)
    {
        using DisposeScope scope = NewDisposeScope();
        // On the CPU first: Apple's MPS has no double precision.
        return tensor.detach().cpu().to(ScalarType.Float64).contiguous().data<double>().ToArray();
    }

    /// <summary>The values of N×K as an array of that shape.</summary>
    public static float[,] ToMatrix(this Tensor tensor)
    {
        var matrix = new float[tensor.shape[0], tensor.shape[1]];
        Buffer.BlockCopy(tensor.ToFloats(), 0, matrix, 0, matrix.Length * sizeof(float));
        return matrix;
    }

    /// <summary>
    /// Where the values of a float32 tensor on the processor lie: torch's memory, which does not move and is the tensor's as long
    /// as that is alive.
    /// </summary>
    public static unsafe float* Floats(this Tensor tensor)
    {
        using Tensor first = tensor.as_strided([1], [1], tensor.storage_offset()); // all of it may be more than a span takes
        fixed (byte* values = first.bytes)
        {
            return (float*)values;
        }
    }
}
