using TorchSharp;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace AttentionLab.Explain;

/// <summary>
/// Finds activations that a model's code calls as functions, such as <c>functional.relu(conv.call(x))</c>: no hook fires on
/// them, but what goes into the next layer is then the function of what the last one output, to the bit. One that is applied to a
/// sum, or whose value goes another way than into a layer, is not found.
/// </summary>
internal sealed class FunctionalActivations : IDisposable
{
    private readonly Module<Tensor, Tensor>[] _known = [ReLU(), ReLU6(), LeakyReLU(0.01), GELU(), SiLU(), Hardswish(), ELU()];

    /// <summary>The activation that takes one tensor to another; null where none does, or nothing happened.</summary>
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
