using TorchSharp;
using static TorchSharp.torch;

namespace AttentionLab.Tests;

/// <summary>
/// How far the numbers of a network in float32 may lie from PyTorch's, relative to the largest: by the fixture's own values.
/// </summary>
/// <param name="numbers">A fixture.</param>
/// <param name="prefix">Of its numbers: <c>plain</c> for <c>plain/conv3</c> and the others.</param>
internal sealed class ParityTolerance(IReadOnlyDictionary<string, Tensor> numbers, string prefix)
{
    /// <summary>
    /// The largest slope of a sum of cubic cardinal splines through values of at most 1, in two directions: 1.549².
    /// </summary>
    private const double Spline = 2.4;

    public double Logits { get; } = Tolerance.BetweenFloat32(Tolerance.Forward);

    public double Conv3 { get; } = Tolerance.BetweenFloat32(Tolerance.ToConv3);

    /// <summary>
    /// Of a map at conv3 made of activations and gradients: products of both signs cancel in it, their errors do not, and go by
    /// the sum of the absolute products.
    /// </summary>
    public double Cam(string map)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor activation = numbers[$"{prefix}/conv3"].abs(),
            gradient = numbers[$"{prefix}/conv3_grad"].abs();
        double products = Math.Max(
            (activation * gradient).sum(1).max().ToDouble(),
            (activation * gradient.mean([2, 3], keepdim: true)).sum(1).max().ToDouble()
        );
        double conditioning = products / numbers[$"{prefix}/{map}"].abs().max().ToDouble();
        return conditioning * Tolerance.BetweenFloat32(Tolerance.ForwardAndBackward);
    }

    /// <summary>
    /// Of maps N×h×w that are off by a part of the largest value of all, each scaled to [0, 1] by its own range and enlarged.
    /// </summary>
    public static double Enlarged(Tensor maps, double tolerance)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor values = maps.flatten(1);
        double least = (values.amax([1]) - values.amin([1])).min().ToDouble();
        return Spline * 4 * tolerance * values.abs().max().ToDouble() / least; // a difference over a difference
    }
}
