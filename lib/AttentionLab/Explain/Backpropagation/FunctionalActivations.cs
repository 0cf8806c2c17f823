using TorchSharp;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace AttentionLab.Explain;

/// <summary>
/// Recognises activations that a model's code calls as functions, such as <c>functional.relu(conv.call(x))</c>. They trigger no
/// hook, but the next layer's input then equals the function of the last layer's output to the bit, or of the sum of two. One of
/// anything else, or one whose result does not go into a layer, is not recognised.
/// </summary>
internal sealed class FunctionalActivations : IDisposable
{
    private readonly Module<Tensor, Tensor>[] _known = [ReLU(), ReLU6(), LeakyReLU(0.01), GELU(), SiLU(), Hardswish(), ELU()];

    /// <summary>The activation that maps one tensor to the other; null when none does or both are equal.</summary>
    /// <param name="before">What the last layer output.</param>
    /// <param name="after">What goes on, of the same shape.</param>
    public Module<Tensor, Tensor>? Between(Tensor before, Tensor after)
    {
        if (before.dtype != after.dtype || before.device_type != after.device_type)
        {
            return null;
        }

        using DisposeScope scope = NewDisposeScope();
        return before.Equals(after) ? null : _known.FirstOrDefault(activation => activation.forward(before).Equals(after));
    }

    /// <inheritdoc/>
    public void Dispose() => Array.ForEach(_known, activation => activation.Dispose());
}
