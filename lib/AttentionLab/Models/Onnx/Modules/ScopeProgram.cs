using static TorchSharp.torch;

namespace AttentionLab.Models;

/// <summary>The steps of a scope in order, and the values between them.</summary>
internal sealed class ScopeProgram
{
    private readonly IReadOnlyList<ScopeStep> _steps;
    private readonly IReadOnlyList<Operand> _outputs;
    private readonly int _inputs,
        _slots;

    /// <param name="steps">The steps.</param>
    /// <param name="inputs">How many values come from outside: the first slots.</param>
    /// <param name="slots">How many values there are.</param>
    /// <param name="outputs">What goes outside.</param>
    public ScopeProgram(IReadOnlyList<ScopeStep> steps, int inputs, int slots, IReadOnlyList<Operand> outputs)
    {
        (_steps, _inputs, _slots, _outputs) = (steps, inputs, slots, outputs);
        FindLastUses();
    }

    /// <summary>
    /// Runs the steps. A value is freed after its last use; where gradients are recorded, autograd keeps what it needs.
    /// </summary>
    /// <param name="inputs">Values from outside, which stay the caller's.</param>
    /// <param name="batch">The pass of a network with a fixed batch; null for other networks.</param>
    /// <returns>Tensors of their own, in the dispose scope of the caller.</returns>
    public IReadOnlyList<OnnxValue> Run(OnnxValue?[] inputs, BatchRun? batch)
    {
        var slots = new OnnxValue?[_slots];
        inputs.CopyTo(slots, 0);
        foreach (ScopeStep step in _steps)
        {
            step.Run(slots, batch);
            foreach (int slot in step.Last)
            {
                foreach (Tensor tensor in slots[slot]?.Items ?? [])
                {
                    tensor.Dispose();
                }

                slots[slot] = null;
            }
        }

        return [.. _outputs.Select(output => Output(output, slots))];
    }

    private OnnxValue Output(Operand output, OnnxValue?[] slots)
    {
        OnnxValue value = output.Of(slots);
        bool isOwn = output is Operand.Slot { Index: var slot } && slot >= _inputs;
        return isOwn ? value : value with { Items = [.. value.Items.Select(item => item.alias())] };
    }

    private void FindLastUses()
    {
        HashSet<int> seen = [.. Enumerable.Range(0, _inputs), .. _outputs.OfType<Operand.Slot>().Select(slot => slot.Index)];
        foreach (ScopeStep step in _steps.Reverse())
        {
            IEnumerable<int> used = step.Operation is { } operation
                ? operation.Inputs.OfType<Operand.Slot>().Select(slot => slot.Index)
                : step.Inputs;
            step.Last.AddRange(used.Concat(step.Outputs).Where(slot => slot >= 0 && seen.Add(slot)));
        }
    }
}
