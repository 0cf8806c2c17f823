namespace AttentionLab.Models;

/// <summary>A choice between two graphs that depends on the pass, such as exporters write for <c>squeeze</c> where they do not
/// know a shape. One that does not is replaced by its branch when the network is loaded.</summary>
internal static class ChoiceOperators
{
    public static OperatorFamily Family { get; } = Build();

    private static OperatorFamily Build()
    {
        var family = new OperatorFamily();
        family.AddValues("If", Choose);
        return family;
    }

    private static OnnxValue[] Choose(OperatorCall call)
    {
        OnnxGraph branch = OnnxBranch.Of(call.Node, OperatorCall.Condition(call.Node, call.Input()));
        var values = new Dictionary<string, (OnnxValue? Value, bool IsConstant)> { [""] = (null, true) };
        int first = call.Count - call.Node.Captured.Count;
        for (int i = 0; i < call.Node.Captured.Count; i++)
        {
            values[call.Node.Captured[i]] = (call.Value(first + i), call.IsConstant(first + i));
        }

        foreach (OnnxTensor weight in branch.Initializers)
        {
            values[weight.Name] = values[OnnxBranch.NameOf(branch, weight)];
        }

        foreach (OnnxNode node in branch.Nodes)
        {
            (OnnxValue? Value, bool IsConstant)[] inputs = [.. node.Inputs.Select(name => values[name])];
            IReadOnlyList<OnnxValue> outputs = Operators.Run(
                new OperatorCall(
                    node,
                    call.Opset,
                    [.. inputs.Select(input => input.Value)],
                    i => i < inputs.Length && inputs[i].IsConstant,
                    call.Batch
                )
            );
            foreach (
                (string name, int i) in node
                    .Outputs.Take(outputs.Count)
                    .Select((name, i) => (name, i))
                    .Where(each => each.name.Length > 0)
            )
            {
                values[name] = (outputs[i], inputs.All(input => input.IsConstant));
            }
        }

        return
        [
            .. call.Node.Outputs.Select(
                (_, i) =>
                    values.GetValueOrDefault(branch.Outputs[i].Name).Value is { } value
                        ? value with
                        {
                            Items = [.. value.Items.Select(item => item.alias())],
                        }
                        : throw call.Broken($"its branch does not make '{branch.Outputs[i].Name}'")
            ),
        ];
    }
}
