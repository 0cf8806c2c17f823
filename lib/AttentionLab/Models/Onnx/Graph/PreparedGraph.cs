using AttentionLab.Core;
using TorchSharp;
using static TorchSharp.torch;

namespace AttentionLab.Models;

/// <summary>
/// A graph that can be built: functions written out, every operator known, nodes in order, only those that the outputs need,
/// and what is the same in every pass computed once.
/// </summary>
internal sealed class PreparedGraph : IDisposable
{
    private const long MostFolded = 1L << 26;
    private readonly Dictionary<string, OnnxConstant> _constants = [];
    private readonly Dictionary<string, ValueKind> _kinds = [];
    private HashSet<string> _used = [];
    private long _folded;

    private PreparedGraph(OnnxModel model, IReadOnlyList<OnnxValueInfo> inputs, IReadOnlyList<OnnxValueInfo> outputs)
    {
        Opset = model.Opset;
        Inputs = inputs;
        Outputs = outputs;
    }

    /// <summary>The version of ONNX's operators.</summary>
    public int Opset { get; }

    /// <summary>What goes in at every pass.</summary>
    public IReadOnlyList<OnnxValueInfo> Inputs { get; }

    /// <summary>What comes out.</summary>
    public IReadOnlyList<OnnxValueInfo> Outputs { get; }

    /// <summary>The nodes that run at every pass, each after those whose values it takes.</summary>
    public IReadOnlyList<OnnxNode> Nodes { get; private set; } = [];

    /// <summary>Values that are the same in every pass.</summary>
    public IReadOnlyDictionary<string, OnnxConstant> Constants => _constants;

    /// <summary>Prepares a model's graph.</summary>
    /// <param name="model">The model.</param>
    /// <param name="data">Decodes its tensors.</param>
    /// <param name="outputs">Which outputs are wanted; null for all.</param>
    /// <exception cref="InvalidDataException">The graph cannot be computed; the message says what is wrong at which node, and
    /// lists all operators that are not supported.</exception>
    public static PreparedGraph Of(OnnxModel model, OnnxTensorData data, IReadOnlyList<OnnxValueInfo>? outputs = null)
    {
        IReadOnlyList<OnnxNode> nodes = FunctionInlining.Nodes(model);
        CheckSupport(model, nodes);
        (string Name, OnnxTensor Tensor)[] weights =
        [
            .. model.Graph.Initializers.Select(tensor => (tensor.Name, tensor)),
            .. nodes.SelectMany(OnnxBranch.WeightsOf).Distinct(), // a function that is called twice has its own once
        ];
        var initialised = weights.Select(weight => weight.Name).ToHashSet();
        var graph = new PreparedGraph(
            model,
            [.. model.Graph.Inputs.Where(input => !initialised.Contains(input.Name))],
            outputs ?? model.Graph.Outputs
        );
        try
        {
            using IDisposable noGradients = no_grad();
            IReadOnlyList<OnnxNode> needed = GraphOrder.Needed(nodes, graph.Inputs, graph.Outputs, initialised);
            graph.ReadInitializers(
                weights,
                data,
                [.. needed.SelectMany(node => node.Inputs), .. graph.Outputs.Select(o => o.Name)]
            );
            graph.Nodes = ActivationFusion.Fuse(graph.Fold(needed), graph.Outputs, graph.Constants);
            graph._used = [.. graph.Nodes.SelectMany(node => node.Inputs), .. graph.Outputs.Select(output => output.Name)];
            return graph;
        }
        catch
        {
            graph.Dispose();
            throw;
        }
    }

    /// <summary>Whether a node or an output takes a value.</summary>
    public bool IsUsed(string name) => _used.Contains(name);

    /// <summary>What is known of a value.</summary>
    public ValueKind KindOf(string name) => _kinds.GetValueOrDefault(name);

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (OnnxConstant constant in _constants.Values)
        {
            constant.Value.Dispose();
        }

        _constants.Clear();
    }

    private static void CheckSupport(OnnxModel model, IReadOnlyList<OnnxNode> nodes)
    {
        if (model.Graph.HasSparse)
        {
            throw new InvalidDataException("The network has sparse weights, which are not supported.");
        }

        if (model.Opset is < 6 or > 25)
        {
            throw new InvalidDataException(
                $"The network uses version {model.Opset} of ONNX's operators; versions 6 to 22 are supported. "
                    + "onnx.version_converter in Python changes it."
            );
        }

        string[] missing =
        [
            .. WithBranches(nodes)
                .Where(node =>
                    !Operators.Has(node)
                    || node.Attributes.Values.Any(attribute =>
                        attribute.HasGraphs || (attribute.Graph is not null && !OnnxBranch.IsChoice(node))
                    )
                )
                .Select(node =>
                    $"{Excerpt.Of(node.Domain.Length > 0 ? $"{node.Domain}::{node.Operator}" : node.Operator)} at node {node}, "
                    + $"operator set {(model.Opsets.TryGetValue(node.Domain, out long version) ? version : model.Opset)}"
                ),
        ];
        if (missing.Length > 0)
        {
            throw new InvalidDataException(
                $"{missing.Length} of the network's {nodes.Count} nodes use an operator that is not supported: "
                    + string.Join("; ", missing.Take(100))
                    + (missing.Length > 100 ? $"; and {missing.Length - 100} more." : ".")
            );
        }
    }

    private static IEnumerable<OnnxNode> WithBranches(IEnumerable<OnnxNode> nodes) =>
        nodes.SelectMany(node =>
            OnnxBranch.IsChoice(node)
                ? WithBranches(node.Attributes.Values.SelectMany(attribute => attribute.Graph?.Nodes ?? [])).Prepend(node)
                : [node]
        );

    private void ReadInitializers((string Name, OnnxTensor Tensor)[] weights, OnnxTensorData data, HashSet<string> used)
    {
        foreach (OnnxValueInfo input in Inputs)
        {
            _kinds[input.Name] = new ValueKind(OnnxElementTypes.IsFloat(input.ElementType), input.Shape?.Count);
        }

        foreach ((string name, OnnxTensor tensor) in weights.Where(weight => used.Contains(weight.Name)))
        {
            if (_constants.ContainsKey(name))
            {
                throw new InvalidDataException($"The network has two weights named '{Excerpt.Of(name)}'.");
            }

            AddConstant(name, data.Read(tensor), isWeight: true);
        }
    }

    private void AddConstant(string name, Tensor value, bool isWeight)
    {
        _constants[name] = new OnnxConstant(name, value.DetachFromDisposeScope(), isWeight);
        _kinds[name] = new ValueKind(value.is_floating_point(), (int)value.dim());
    }

    private List<OnnxNode> Fold(IReadOnlyList<OnnxNode> nodes)
    {
        var left = new List<OnnxNode>();
        var next = new Stack<OnnxNode>(nodes.Reverse());
        while (next.TryPop(out OnnxNode? node))
        {
            if (TryFold(node))
            {
                continue;
            }

            if (OnnxBranch.IsChoice(node) && _constants.TryGetValue(node.Inputs[0], out OnnxConstant? condition))
            {
                IReadOnlyList<OnnxNode> chosen = OnnxBranch.Inlined(node, OperatorCall.Condition(node, condition.Value));
                foreach (OnnxNode inner in chosen.Reverse())
                {
                    next.Push(inner);
                }

                continue;
            }

            left.Add(node);
            ValueKind kind = ValueKinds.Of(
                node,
                [.. node.Inputs.Where(name => name.Length > 0).Select(KindOf)],
                i => i < node.Inputs.Count ? _constants.GetValueOrDefault(node.Inputs[i])?.Value : null
            );
            foreach (string output in node.Outputs.Where(output => output.Length > 0))
            {
                _kinds[output] = kind;
            }
        }

        return left;
    }

    /// <summary>Computes a node whose inputs are the same in every pass, unless they are weights, which may change.</summary>
    private bool TryFold(OnnxNode node)
    {
        OnnxConstant?[] inputs = [.. node.Inputs.Select(name => _constants.GetValueOrDefault(name))];
        bool isName = node.Operator == "Identity" && inputs is [not null];
        if (
            inputs.Where((input, i) => input is null && node.Inputs[i].Length > 0).Any()
            || (!isName && inputs.Any(input => input is { IsWeight: true } && IsTrainable(input.Value)))
        )
        {
            return false;
        }

        using DisposeScope scope = NewDisposeScope();
        IReadOnlyList<OnnxValue> outputs = Operators.Run(
            new OperatorCall(
                node,
                Opset,
                [.. inputs.Select(input => input is null ? null : OnnxValue.Of(input.Value))],
                _ => true,
                null
            )
        );
        long elements = outputs.Sum(output => output.Items.Sum(item => item.numel()));
        if (outputs.Any(output => output.IsSequence) || _folded + elements > MostFolded || outputs.Count < node.Outputs.Count)
        {
            return false;
        }

        _folded += elements;
        for (int i = 0; i < node.Outputs.Count; i++)
        {
            if (node.Outputs[i].Length > 0)
            {
                AddConstant(node.Outputs[i], outputs[i].Items[0].clone(), isName && inputs[0]!.IsWeight);
            }
        }

        return true;
    }

    /// <summary>Whether a weight is one that training changes: numbers in formulas have one element.</summary>
    public static bool IsTrainable(Tensor value) => value.is_floating_point() && value.numel() > 1;
}
