using static TorchSharp.torch;

namespace AttentionLab.Models;

/// <summary>
/// Fuses activations that exporters write as several nodes into one node: x · σ(x) is Swish, x · HardSigmoid(x)
/// and x · Clip(x + 3, 0, 6) / 6 HardSwish, x · tanh(softplus(x)) Mish, and 0.5 · x · (1 + erf(x / √2)) GELU. Rules that name
/// activations see them then, written as a module or as a function, and they take one pass over memory instead of five.
/// </summary>
internal sealed class ActivationFusion
{
    private readonly IReadOnlyDictionary<string, OnnxConstant> _constants;
    private readonly Dictionary<string, OnnxNode> _makers = [];
    private readonly Dictionary<string, int> _uses = [];

    private ActivationFusion(
        IReadOnlyList<OnnxNode> nodes,
        IReadOnlyList<OnnxValueInfo> outputs,
        IReadOnlyDictionary<string, OnnxConstant> constants
    )
    {
        _constants = constants;
        foreach (OnnxNode node in nodes.Where(node => node.Outputs is [{ Length: > 0 }]))
        {
            _makers[node.Outputs[0]] = node;
        }

        foreach (string name in nodes.SelectMany(node => node.Inputs).Concat(outputs.Select(output => output.Name)))
        {
            _uses[name] = _uses.GetValueOrDefault(name) + 1;
        }
    }

    /// <summary>The nodes, in order, with each such group replaced by one node in the place of its last.</summary>
    public static List<OnnxNode> Fuse(
        IReadOnlyList<OnnxNode> nodes,
        IReadOnlyList<OnnxValueInfo> outputs,
        IReadOnlyDictionary<string, OnnxConstant> constants
    )
    {
        var fusion = new ActivationFusion(nodes, outputs, constants);
        var gone = new HashSet<OnnxNode>(ReferenceEqualityComparer.Instance);
        var whole = new Dictionary<OnnxNode, OnnxNode>(ReferenceEqualityComparer.Instance);
        foreach (OnnxNode last in nodes)
        {
            if (fusion.Match(last) is var (name, x, inner) && !inner.Any(gone.Contains))
            {
                gone.UnionWith(inner);
                whole[last] = new OnnxNode
                {
                    Name = last.Name,
                    Operator = name,
                    Inputs = [x],
                    Outputs = last.Outputs,
                    Metadata = last.Metadata,
                    Offset = last.Offset,
                };
            }
        }

        return [.. nodes.Where(node => !gone.Contains(node)).Select(node => whole.GetValueOrDefault(node, node))];
    }

    /// <summary>The activation that ends at a node, the value it is of, and the nodes before the last.</summary>
    private (string Operator, string X, OnnxNode[] Inner)? Match(OnnxNode last) =>
        last.Operator switch
        {
            "Mul" => Gate(last) ?? Gelu(last),
            "Div" => HardSwish(last),
            _ => null,
        };

    /// <summary>x · gate(x).</summary>
    private (string, string, OnnxNode[])? Gate(OnnxNode product)
    {
        foreach ((string x, string other) in Orders(product))
        {
            switch (Inner(other))
            {
                case { Operator: "Sigmoid" } sigmoid when sigmoid.Inputs is [var input] && input == x:
                    return ("Swish", x, [sigmoid]);
                case { Operator: "HardSigmoid" } hard
                    when hard.Inputs is [var input]
                        && input == x
                        && Is(hard.Attributes.GetValueOrDefault("alpha")?.Float ?? 0.2, 1 / 6.0)
                        && Is(hard.Attributes.GetValueOrDefault("beta")?.Float ?? 0.5, 0.5):
                    return ("HardSwish", x, [hard]);
                case { Operator: "Tanh", Inputs: [var between] } tanh
                    when Inner(between) is { Operator: "Softplus", Inputs: [var input] } soft && input == x:
                    return ("Mish", x, [tanh, soft]);
            }
        }

        return null;
    }

    /// <summary>(x · (1 + erf(x / √2))) · 0.5, in any order of factors and summands.</summary>
    private (string, string, OnnxNode[])? Gelu(OnnxNode half)
    {
        if (
            With(half, 0.5) is not { Operator: "Mul" } product
            || Orders(product)
                .Select(order => (order.X, Sum: Inner(order.Other)))
                .FirstOrDefault(pair => pair.Sum is { Operator: "Add" })
                is not
                (var x, { } sum)
            || With(sum, 1) is not { Operator: "Erf", Inputs: [var argument] } erf
            || Inner(argument) is not { Inputs: [var source, var scale] } scaled
            || source != x
        )
        {
            return null;
        }

        bool isRoot =
            (scaled.Operator == "Div" && IsConstant(scale, Math.Sqrt(2)))
            || (scaled.Operator == "Mul" && IsConstant(scale, Math.Sqrt(0.5)));
        return isRoot ? ("Gelu", x, [product, sum, erf, scaled]) : null;
    }

    /// <summary>x · Clip(x + 3, 0, 6) / 6.</summary>
    private (string, string, OnnxNode[])? HardSwish(OnnxNode sixth)
    {
        if (
            sixth.Inputs is not [var dividend, var divisor]
            || !IsConstant(divisor, 6)
            || Inner(dividend) is not { Operator: "Mul" } product
        )
        {
            return null;
        }

        foreach ((string x, string other) in Orders(product))
        {
            if (
                Inner(other) is { Operator: "Clip", Inputs: [var sum, var low, var high] } clip
                && IsConstant(low, 0)
                && IsConstant(high, 6)
                && Inner(sum) is { Operator: "Add", Inputs.Count: 2 } add
                && add.Inputs.Contains(x)
                && add.Inputs.Any(input => IsConstant(input, 3))
            )
            {
                return ("HardSwish", x, [product, clip, add]);
            }
        }

        return null;
    }

    private static (string X, string Other)[] Orders(OnnxNode node) =>
        node.Inputs is [{ Length: > 0 } a, { Length: > 0 } b] ? [(a, b), (b, a)] : [];

    /// <summary>The node that makes the other of two inputs, of which one is a number.</summary>
    private OnnxNode? With(OnnxNode node, double number) =>
        Orders(node).Where(order => IsConstant(order.Other, number)).Select(order => Inner(order.X)).FirstOrDefault();

    /// <summary>The node that makes a value which nothing else takes.</summary>
    private OnnxNode? Inner(string value) =>
        _uses.GetValueOrDefault(value) == 1 && _makers.TryGetValue(value, out OnnxNode? node) ? node : null;

    private bool IsConstant(string name, double number) =>
        _constants.TryGetValue(name, out OnnxConstant? constant)
        && constant.Value.numel() == 1
        && constant.Value.dim() <= 1
        && constant.Value.is_floating_point()
        && Is(constant.Value.to(ScalarType.Float64).item<double>(), number);

    /// <summary>A number written in float16 or better.</summary>
    private static bool Is(double value, double number) => Math.Abs(value - number) <= Math.ScaleB(Math.Abs(number), -11);
}
