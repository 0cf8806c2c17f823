using static TorchSharp.torch;

namespace AttentionLab.Models;

/// <summary>Where a step takes an input from.</summary>
internal abstract record Operand
{
    /// <summary>A value of this pass, by its place among those of the scope.</summary>
    public sealed record Slot(int Index) : Operand;

    /// <summary>A number or tensor that never changes.</summary>
    public sealed record Fixed(Tensor Value) : Operand;

    /// <summary>A weight, which a module holds under a name.</summary>
    public sealed record Weight(HeldWeight Held) : Operand;

    /// <summary>The value in this pass.</summary>
    public OnnxValue Of(OnnxValue?[] slots) =>
        this switch
        {
            Slot slot => slots[slot.Index]
                ?? throw new InvalidOperationException("A value of the network is used before it is computed."),
            Weight weight => OnnxValue.Of(weight.Held.Value),
            Fixed { Value: var value } => OnnxValue.Of(value),
            _ => throw new InvalidOperationException("There is no other kind of operand."),
        };
}
