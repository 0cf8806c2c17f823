using System.Numerics;
using System.Runtime.InteropServices;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace AttentionLab.Training;

/// <summary>
/// An <see cref="Optimizer"/> at work, in one pass over memory: each weight, its gradient and its state are read once and
/// written once, where torch's own takes a pass for every operation of the formula. Same formula, same numbers within float32
/// rounding.
/// </summary>
internal abstract class RunningOptimizer : IDisposable
{
    private IReadOnlyList<Weight> _weights;

    protected RunningOptimizer(IReadOnlyList<Weight> weights, double learningRate) =>
        (_weights, LearningRate) = (weights, learningRate);

    /// <summary>
    /// What it changes: the same weights in the same order as at first, perhaps computed with in another precision since.
    /// </summary>
    public IReadOnlyList<Weight> Weights
    {
        get => _weights;
        set =>
            _weights =
                value.Count == _weights.Count
                    ? value
                    : throw new ArgumentException(
                        $"{_weights.Count} weights were given at first, {value.Count} now.",
                        nameof(value)
                    );
    }

    /// <summary>How far a step goes.</summary>
    public double LearningRate { get; set; }

    /// <summary>Steps taken so far.</summary>
    public long Steps { get; set; }

    /// <summary>
    /// What it remembers from step to step: under a name such as <c>adam/first</c> a tensor for each weight, in their order.
    /// </summary>
    public abstract IReadOnlyDictionary<string, Tensor[]> State { get; }

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
        using IDisposable noGradients = no_grad();
        using DisposeScope scope = NewDisposeScope();
        for (int i = 0; i < Weights.Count; i++)
        {
            (Tensor master, Parameter working) = Weights[i];
            if (working.grad is not { } gradient)
            {
                continue;
            }

            if (LieInMemory(master, working, gradient) && master.dtype == ScalarType.Float32)
            {
                MoveInMemory(i, master, working, gradient);
                continue;
            }

            MoveByTensors(i, master, gradient.to(master.dtype));
            if (!ReferenceEquals(master, working))
            {
                working.copy_(master);
            }
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (Tensor tensor in State.Values.SelectMany(tensors => tensors))
        {
            tensor.Dispose();
        }
    }

    /// <summary>Moves the weight at an index, in float32 in this process's memory, by its formula.</summary>
    protected abstract void MoveInMemory(int index, Tensor master, Parameter working, Tensor gradient);

    /// <summary>The same by torch's operations, for graphics cards and other types of numbers.</summary>
    protected abstract void MoveByTensors(int index, Tensor weights, Tensor gradient);

    /// <summary>A state that begins as zeros.</summary>
    protected static Tensor[] Zeros(IReadOnlyList<Weight> weights) =>
        [.. weights.Select(w => zeros(w.Master.shape, w.Master.dtype, w.Master.device).DetachFromDisposeScope())];

    protected static Span<T> Numbers<T>(Tensor tensor)
        where T : struct => MemoryMarshal.Cast<byte, T>(tensor.bytes);

    /// <summary>Applies a formula to all numbers of a weight; a copy in bfloat16 is written along.</summary>
    protected static void Run<TRule>(TRule rule, Tensor master, Parameter working, Tensor gradient)
        where TRule : IUpdateRule, allows ref struct
    {
        if (gradient.dtype == ScalarType.BFloat16)
        {
            Run(rule, Numbers<float>(master), Numbers<BFloat16>(working), Numbers<BFloat16>(gradient));
        }
        else
        {
            Run(rule, Numbers<float>(master), Numbers<float>(gradient));
        }
    }

    private static void Run<TRule>(TRule rule, Span<float> weights, ReadOnlySpan<float> gradient)
        where TRule : IUpdateRule, allows ref struct
    {
        int i = 0;
        for (; i <= weights.Length - Vector<float>.Count; i += Vector<float>.Count)
        {
            rule.Move(i, new Vector<float>(weights[i..]), new Vector<float>(gradient[i..])).CopyTo(weights[i..]);
        }

        for (; i < weights.Length; i++)
        {
            weights[i] = rule.Move(i, weights[i], gradient[i]);
        }
    }

    private static void Run<TRule>(TRule rule, Span<float> weights, Span<BFloat16> rounded, ReadOnlySpan<BFloat16> gradient)
        where TRule : IUpdateRule, allows ref struct
    {
        int half = Vector<float>.Count,
            i = 0;
        for (; i <= weights.Length - (2 * half); i += 2 * half)
        {
            (Vector<float> low, Vector<float> high) = BFloat16.Widen(gradient[i..]);
            low = rule.Move(i, new Vector<float>(weights[i..]), low);
            high = rule.Move(i + half, new Vector<float>(weights[(i + half)..]), high);
            low.CopyTo(weights[i..]);
            high.CopyTo(weights[(i + half)..]);
            BFloat16.Narrow(low, high, rounded[i..]);
        }

        for (; i < weights.Length; i++)
        {
            weights[i] = rule.Move(i, weights[i], (float)gradient[i]);
            rounded[i] = (BFloat16)weights[i];
        }
    }

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
}
