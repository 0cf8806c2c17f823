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
/// <remarks>
/// Kingma, Ba, "Adam: A Method for Stochastic Optimization", ICLR 2015, algorithm 1, with ε added to the root as in PyTorch.
/// </remarks>
internal sealed class Adam : IDisposable
{
    private const double Beta1 = 0.9,
        Beta2 = 0.999,
        Epsilon = 1e-8;

    private readonly Tensor[] _first,
        _second;
    private IReadOnlyList<Weight> _weights = [];

    /// <summary>Prepares to change a network's weights, wherever they live; they stay the caller's.</summary>
    public Adam(IReadOnlyList<Weight> weights, double learningRate)
    {
        _first = [.. weights.Select(w => Zeros(w.Master))];
        _second = [.. weights.Select(w => Zeros(w.Master))];
        Weights = weights;
        LearningRate = learningRate;
    }

    /// <summary>
    /// What it changes: the same weights in the same order as at first, perhaps computed with in another precision since.
    /// </summary>
    public IReadOnlyList<Weight> Weights
    {
        get => _weights;
        set =>
            _weights =
                value.Count == _first.Length
                    ? value
                    : throw new ArgumentException(
                        $"{_first.Length} weights were given at first, {value.Count} now.",
                        nameof(value)
                    );
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
        foreach (Weight weight in Weights)
        {
            weight.Working.grad = null;
        }
    }

    /// <summary>Moves every weight that has a gradient.</summary>
    public void Step()
    {
        Steps++;
        var rule = new Rule(LearningRate / (1 - Math.Pow(Beta1, Steps)), Math.Sqrt(1 - Math.Pow(Beta2, Steps)));
        using IDisposable noGradients = no_grad();
        using DisposeScope scope = NewDisposeScope();
        for (int i = 0; i < Weights.Count; i++)
        {
            ((Tensor master, Parameter working), Tensor first, Tensor second) = (Weights[i], _first[i], _second[i]);
            if (working.grad is not { } gradient)
            {
                continue;
            }

            if (!LieInMemory(master, working, gradient) || master.dtype != ScalarType.Float32)
            {
                rule.StepByTensors(master, gradient.to(master.dtype), first, second);
                if (!ReferenceEquals(master, working))
                {
                    working.copy_(master);
                }
            }
            else if (gradient.dtype == ScalarType.BFloat16)
            {
                rule.Step(
                    Numbers<float>(master),
                    Numbers<BFloat16>(working),
                    Numbers<BFloat16>(gradient),
                    Numbers<float>(first),
                    Numbers<float>(second)
                );
            }
            else
            {
                rule.Step(Numbers<float>(master), Numbers<float>(gradient), Numbers<float>(first), Numbers<float>(second));
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

    private static Tensor Zeros(Tensor like) => zeros(like.shape, like.dtype, like.device).DetachFromDisposeScope();

    /// <summary>Whether the numbers lie in this process's memory one after the other.</summary>
    private static bool LieInMemory(params ReadOnlySpan<Tensor> tensors)
    {
        foreach (Tensor tensor in tensors)
        {
            if (tensor.device_type != DeviceType.CPU || !tensor.is_contiguous())
            {
                return false;
            }
        }

        return true;
    }

    private static Span<T> Numbers<T>(Tensor tensor)
        where T : struct => MemoryMarshal.Cast<byte, T>(tensor.bytes);

    /// <summary>One step's formula, with its corrections for the moments' start at 0.</summary>
    /// <param name="size">Learning rate over the first moments' correction.</param>
    /// <param name="root">Root of the second moments' correction.</param>
    private readonly struct Rule(double size, double root)
    {
        private const float Keep1 = (float)Beta1,
            Take1 = (float)(1 - Beta1),
            Keep2 = (float)Beta2,
            Take2 = (float)(1 - Beta2);

        private readonly float _size = (float)size,
            _root = (float)root;

        public void Step(Span<float> weights, ReadOnlySpan<float> gradient, Span<float> first, Span<float> second)
        {
            int i = 0;
            for (; i <= weights.Length - Vector<float>.Count; i += Vector<float>.Count)
            {
                Move(weights[i..], new Vector<float>(gradient[i..]), first[i..], second[i..]);
            }

            for (; i < weights.Length; i++)
            {
                Move(ref weights[i], gradient[i], ref first[i], ref second[i]);
            }
        }

        /// <summary>The same with gradients in bfloat16, and a rounded copy of every weight written along.</summary>
        public void Step(
            Span<float> weights,
            Span<BFloat16> rounded,
            ReadOnlySpan<BFloat16> gradient,
            Span<float> first,
            Span<float> second
        )
        {
            int half = Vector<float>.Count,
                i = 0;
            for (; i <= weights.Length - (2 * half); i += 2 * half)
            {
                (Vector<float> low, Vector<float> high) = BFloat16.Widen(gradient[i..]);
                BFloat16.Narrow(
                    Move(weights[i..], low, first[i..], second[i..]),
                    Move(weights[(i + half)..], high, first[(i + half)..], second[(i + half)..]),
                    rounded[i..]
                );
            }

            for (; i < weights.Length; i++)
            {
                rounded[i] = (BFloat16)Move(ref weights[i], (float)gradient[i], ref first[i], ref second[i]);
            }
        }

        /// <summary>For graphics cards and other types of numbers.</summary>
        public void StepByTensors(Tensor weights, Tensor gradient, Tensor first, Tensor second)
        {
            first.mul_(Beta1).add_(gradient, 1 - Beta1);
            second.mul_(Beta2).addcmul_(gradient, gradient, 1 - Beta2);
            weights.addcdiv_(first, second.sqrt().div_(root).add_(Epsilon), -size);
        }

        private Vector<float> Move(Span<float> weights, Vector<float> slope, Span<float> first, Span<float> second)
        {
            Vector<float> mean = (new Vector<float>(first) * Keep1) + (slope * Take1);
            Vector<float> square = (new Vector<float>(second) * Keep2) + (slope * slope * Take2);
            mean.CopyTo(first);
            square.CopyTo(second);
            Vector<float> scale = (Vector.SquareRoot(square) / new Vector<float>(_root)) + new Vector<float>((float)Epsilon);
            Vector<float> moved = new Vector<float>(weights) - (mean / scale * _size);
            moved.CopyTo(weights);
            return moved;
        }

        private float Move(ref float weight, float slope, ref float first, ref float second)
        {
            first = (first * Keep1) + (slope * Take1);
            second = (second * Keep2) + (slope * slope * Take2);
            return weight -= first / ((MathF.Sqrt(second) / _root) + (float)Epsilon) * _size;
        }
    }
}
