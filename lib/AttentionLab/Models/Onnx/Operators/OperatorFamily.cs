using static TorchSharp.torch;

namespace AttentionLab.Models;

/// <summary>An operator: values in, values out.</summary>
internal delegate IReadOnlyList<OnnxValue> OnnxOperator(OperatorCall call);

/// <summary>Operators of one kind by name: what each family declares and the table collects.</summary>
internal sealed class OperatorFamily : Dictionary<string, OnnxOperator>
{
    /// <summary>Adds an operator that outputs one tensor.</summary>
    public void Add(string name, Func<OperatorCall, Tensor> run) => base.Add(name, call => [OnnxValue.Of(run(call))]);

    /// <summary>Adds an operator that outputs several tensors.</summary>
    public void AddSeveral(string name, Func<OperatorCall, IEnumerable<Tensor>> run) =>
        base.Add(name, call => [.. run(call).Select(OnnxValue.Of)]);

    /// <summary>Adds an operator that outputs values of any kind.</summary>
    public void AddValues(string name, OnnxOperator run) => base.Add(name, run);

    /// <summary>Adds an operator that outputs a sequence.</summary>
    public void AddSequence(string name, Func<OperatorCall, IReadOnlyList<Tensor>> run) =>
        base.Add(name, call => [OnnxValue.Of(run(call))]);
}
