namespace AttentionLab.Models;

/// <summary>A node with where its inputs come from.</summary>
/// <param name="Node">The node.</param>
/// <param name="Opset">The version of ONNX's operators.</param>
/// <param name="Inputs">Where its inputs come from; null for one that is left out.</param>
internal sealed record NodeOperation(OnnxNode Node, int Opset, IReadOnlyList<Operand?> Inputs)
{
    /// <summary>Runs the node.</summary>
    /// <param name="slots">The values of this pass.</param>
    /// <param name="batch">The pass of a network with a fixed batch; null for other networks.</param>
    /// <exception cref="InvalidDataException">It cannot be computed; the message names the node.</exception>
    public IReadOnlyList<OnnxValue> Run(OnnxValue?[] slots, BatchRun? batch) =>
        Operators.Run(
            new OperatorCall(
                Node,
                Opset,
                [.. Inputs.Select(input => input?.Of(slots))],
                index => index < Inputs.Count && Inputs[index] is not Operand.Slot,
                batch
            )
        );
}
