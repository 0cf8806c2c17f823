using System.Numerics;
using System.Runtime.InteropServices;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace AttentionLab.Training;

/// <summary>
/// Adam in one pass over memory: each weight, its gradient and its two moments are read once and written once, where torch's
/// own takes a pass for every operation of the formula. Same formula, same numbers within float32 rounding.
/// </summary>
/// <remarks>Kingma, Ba, "Adam: A Method for Stochastic Optimization", ICLR 2015, algorithm 1, with ε added to the root as in PyTorch.</remarks>
internal sealed class Adam : IDisposable
{
    private const double Beta1 = 0.9, Beta2 = 0.999, Epsilon = 1e-8;

    private readonly Parameter[] _parameters;
    private readonly Tensor[] _first, _second;

    /// <summary>Prepares to change parameters, wherever they live; they stay the caller's. One without a gradient stays as it is.</summary>
    public Adam(IEnumerable<Parameter> parameters, double learningRate)
    {
        _parameters = [.. parameters];
        _first = [.. _parameters.Select(Zeros)];
        _second = [.. _parameters.Select(Zeros)];
        LearningRate = learningRate;
    }

    /// <summary>How far a step goes.</summary>
    public double LearningRate { get; set; }

    /// <summary>Steps taken so far.</summary>
    public long Steps { get; set; }

    /// <summary>Each parameter's running mean of gradients, in the parameters' order.</summary>
    public IReadOnlyList<Tensor> FirstMoments => _first;

    /// <summary>Each parameter's running mean of squared gradients.</summary>
    public IReadOnlyList<Tensor> SecondMoments => _second;

    /// <summary>Forgets the gradients: the next backward pass hands over its own memory instead of adding to the old.</summary>
    public void ZeroGradients()
    {
        foreach (Parameter parameter in _parameters)
        {
            parameter.grad = null;
        }
    }

    /// <summary>Moves every parameter that has a gradient.</summary>
    public void Step()
    {
        Steps++;
        double correction1 = 1 - Math.Pow(Beta1, Steps), correction2 = 1 - Math.Pow(Beta2, Steps);
        using IDisposable noGradients = no_grad();
        using DisposeScope scope = NewDisposeScope();
        for (int i = 0; i < _parameters.Length; i++)
        {
            if (_parameters[i].grad is not { } gradient)
            {
                continue;
            }

            double size = LearningRate / correction1, root = Math.Sqrt(correction2);
            if (IsPlain(_parameters[i]) && IsPlain(gradient))
            {
                StepInOnePass(_parameters[i], gradient, _first[i], _second[i], (float)size, (float)root);
            }
            else
            {
                StepByTensors(_parameters[i], gradient, _first[i], _second[i], size, root);
            }
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (Tensor moment in _first.Concat(_second))
        {
            moment.Dispose();
        }
    }

    private static Tensor Zeros(Parameter parameter) => zeros(parameter.shape, parameter.dtype, parameter.device).DetachFromDisposeScope();

    /// <summary>Whether a tensor's numbers lie in this process's memory one after the other, as float32.</summary>
    private static bool IsPlain(Tensor tensor) => tensor.device_type == DeviceType.CPU && tensor.dtype == ScalarType.Float32 && tensor.is_contiguous();

    private static void StepInOnePass(Tensor parameter, Tensor gradient, Tensor first, Tensor second, float size, float root)
    {
        Span<float> p = Numbers(parameter), m = Numbers(first), v = Numbers(second);
        ReadOnlySpan<float> g = Numbers(gradient);
        int i = 0;
        for (; i <= p.Length - Vector<float>.Count; i += Vector<float>.Count)
        {
            var slope = new Vector<float>(g[i..]);
            Vector<float> mean = (new Vector<float>(m[i..]) * (float)Beta1) + (slope * (float)(1 - Beta1));
            Vector<float> square = (new Vector<float>(v[i..]) * (float)Beta2) + (slope * slope * (float)(1 - Beta2));
            mean.CopyTo(m[i..]);
            square.CopyTo(v[i..]);
            Vector<float> scale = (Vector.SquareRoot(square) / new Vector<float>(root)) + new Vector<float>((float)Epsilon);
            (new Vector<float>(p[i..]) - (mean / scale * size)).CopyTo(p[i..]);
        }

        for (; i < p.Length; i++)
        {
            m[i] = (m[i] * (float)Beta1) + (g[i] * (float)(1 - Beta1));
            v[i] = (v[i] * (float)Beta2) + (g[i] * g[i] * (float)(1 - Beta2));
            p[i] -= m[i] / ((MathF.Sqrt(v[i]) / root) + (float)Epsilon) * size;
        }
    }

    /// <summary>The same for a graphics card and for other types of numbers.</summary>
    private static void StepByTensors(Tensor parameter, Tensor gradient, Tensor first, Tensor second, double size, double root)
    {
        first.mul_(Beta1).add_(gradient, 1 - Beta1);
        second.mul_(Beta2).addcmul_(gradient, gradient, 1 - Beta2);
        parameter.addcdiv_(first, second.sqrt().div_(root).add_(Epsilon), -size);
    }

    private static Span<float> Numbers(Tensor tensor) => MemoryMarshal.Cast<byte, float>(tensor.bytes);
}
