using System.Globalization;
using TorchSharp;
using static TorchSharp.torch;

namespace AttentionLab.Kernel.Display;

/// <summary>
/// A tensor as text: shape, dtype and device, statistics, first values. Apart, so that only who shows a tensor loads torch.
/// </summary>
internal static class TensorText
{
    private const int Shown = 25;

    /// <summary>Describes a <see cref="Tensor"/>, also one that is disposed.</summary>
    public static string Describe(object value)
    {
        var tensor = (Tensor)value;
        if (tensor.IsInvalid)
        {
            return "a tensor that was disposed";
        }

        using IDisposable noGradients = no_grad();
        using DisposeScope scope = NewDisposeScope();
        string dtype = tensor.dtype switch // PyTorch's names
        {
            ScalarType.ComplexFloat32 => "complex64",
            ScalarType.ComplexFloat64 => "complex128",
            ScalarType other => other.ToString().ToLowerInvariant(),
        };
        string heading =
            $"tensor [{string.Join(", ", tensor.shape)}] {dtype} on "
            + $"{tensor.device}{(tensor.requires_grad ? ", requires grad" : "")}";
        if (tensor.numel() == 0 || tensor.is_complex() || tensor.is_sparse || tensor.device_type == DeviceType.META)
        {
            return heading;
        }

        Tensor plain = tensor.detach();
        Tensor numbers = plain.is_floating_point()
            ? plain.to_type(plain.dtype == float64 ? float64 : float32)
            : plain.to_type(float64);
        Tensor finite = numbers.isfinite();
        long others = tensor.numel() - finite.sum().item<long>();
        Tensor known = others == 0 ? numbers : numbers.masked_select(finite);
        if (known.numel() > 1)
        {
            heading +=
                $"\nmin {Text(known.min())}, max {Text(known.max())}, mean {Text(known.mean())}, std {Text(known.std())}"
                + (others == 0 ? "" : $"; {others.ToString("N0", CultureInfo.InvariantCulture)} not finite");
        }

        return tensor.dim() == 2
            ? ArrayText.Describe(heading, First(numbers, 0).Select(row => First(row, 0).Select(Scalar)))
            : $"{heading}\n{ArrayText.Values(First(numbers.flatten(), 0).Select(Scalar), tensor.numel())}";

        object Scalar(Tensor number) => plain.dtype == ScalarType.Bool ? number.ToDouble() != 0 : number.ToDouble();
    }

    private static IEnumerable<Tensor> First(Tensor tensor, long dimension) =>
        Enumerable.Range(0, (int)Math.Min(Shown, tensor.shape[dimension])).Select(i => tensor.select(dimension, i));

    private static string Text(Tensor number) => ArrayText.Text(number.ToDouble());
}
