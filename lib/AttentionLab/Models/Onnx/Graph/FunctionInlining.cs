namespace AttentionLab.Models;

/// <summary>Replaces nodes that call a function of the model by the function's nodes.</summary>
internal sealed class FunctionInlining
{
    private const int MostNodes = 200_000,
        MostNesting = 64;
    private readonly Dictionary<(string, string, string), OnnxFunction> _functions = [];
    private readonly List<OnnxNode> _nodes = [];

    private FunctionInlining(IEnumerable<OnnxFunction> functions)
    {
        foreach (OnnxFunction function in functions)
        {
            _functions[(function.Domain, function.Name, function.Overload)] = function;
        }
    }

    /// <summary>The graph's nodes without calls of functions.</summary>
    /// <exception cref="InvalidDataException">Functions call each other without end, or stand for too many nodes.</exception>
    public static IReadOnlyList<OnnxNode> Nodes(OnnxModel model)
    {
        if (model.Functions.Count == 0)
        {
            return model.Graph.Nodes;
        }

        var inlining = new FunctionInlining(model.Functions);
        foreach (OnnxNode node in model.Graph.Nodes)
        {
            inlining.Add(node, 0);
        }

        return inlining._nodes;
    }

    private void Add(OnnxNode node, int depth)
    {
        if (!_functions.TryGetValue((node.Domain, node.Operator, node.Overload), out OnnxFunction? function))
        {
            _nodes.Add(node);
            if (_nodes.Count > MostNodes)
            {
                throw new InvalidDataException(
                    $"Node {node}: with its functions written out the network has more than {MostNodes} nodes."
                );
            }

            return;
        }

        if (depth == MostNesting)
        {
            throw new InvalidDataException($"Node {node}: its function calls functions more than {MostNesting} deep.");
        }

        string scope = node.Name.Length > 0 ? node.Name : $"{function.Name}_{_nodes.Count}";
        Dictionary<string, string> names = Bound(node, function);
        foreach ((string weight, _) in function.Nodes.SelectMany(OnnxBranch.WeightsOf))
        {
            names[weight] = weight; // the same for every call
        }

        foreach (OnnxNode inner in function.Nodes)
        {
            Add(
                inner with
                {
                    Name = $"{scope}/{(inner.Name.Length > 0 ? inner.Name : inner.Operator)}",
                    Inputs = [.. inner.Inputs.Select(name => Outside(name))],
                    Outputs = [.. inner.Outputs.Select(name => Outside(name))],
                    Attributes = Attributes(inner, node, function),
                    Metadata = inner.Metadata.Count > 0 ? inner.Metadata : node.Metadata,
                },
                depth + 1
            );
        }

        string Outside(string name) =>
            name.Length == 0 ? name
            : names.TryGetValue(name, out string? outside) ? outside
            : names[name] = $"{scope}/{node.Offset}/{_nodes.Count}/{name}";
    }

    private static Dictionary<string, string> Bound(OnnxNode node, OnnxFunction function)
    {
        var names = new Dictionary<string, string>();
        for (int i = 0; i < function.Inputs.Count; i++)
        {
            names[function.Inputs[i]] = i < node.Inputs.Count ? node.Inputs[i] : "";
        }

        for (int i = 0; i < function.Outputs.Count && i < node.Outputs.Count; i++)
        {
            if (node.Outputs[i].Length > 0)
            {
                names[function.Outputs[i]] = node.Outputs[i];
            }
        }

        return names;
    }

    private static Dictionary<string, OnnxAttribute> Attributes(OnnxNode inner, OnnxNode node, OnnxFunction function)
    {
        var attributes = new Dictionary<string, OnnxAttribute>();
        foreach ((string name, OnnxAttribute attribute) in inner.Attributes)
        {
            if (attribute.Reference is not { Length: > 0 } reference)
            {
                attributes[name] = attribute;
            }
            else if (
                (node.Attributes.GetValueOrDefault(reference) ?? function.Defaults.GetValueOrDefault(reference)) is { } given
            )
            {
                attributes[name] = given;
            }
        }

        return attributes;
    }
}
