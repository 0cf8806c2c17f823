namespace AttentionLab.Models;

/// <summary>One node of a graph as a module, with its weights.</summary>
internal sealed class OperatorModule : GraphModule
{
    private readonly NodeOperation _operation;

    /// <param name="operation">The node; its slots are this module's inputs.</param>
    /// <param name="inputs">How many values of a pass it takes.</param>
    /// <param name="input">Which of them <c>call</c> takes.</param>
    public OperatorModule(NodeOperation operation, int inputs, int input)
        : base(operation.Node.Operator, inputs, input, 0)
    {
        _operation = operation;
    }

    /// <summary>The operator's name.</summary>
    public string Operator => _operation.Node.Operator;

    private protected override IReadOnlyList<OnnxValue> Run(OnnxValue?[] inputs, BatchRun? batch) =>
        _operation.Run(inputs, batch);
}
