using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using static TorchSharp.torch;

namespace AttentionLab.Models;

/// <summary>Builds modules from a graph: one for each scope and each node with gradients, named as PyTorch names them.</summary>
internal sealed partial class ModuleBuilder
{
    /// <summary>Operators of which only the first input is data; the others say how.</summary>
    private static readonly HashSet<string> Configured = ["Resize", "Upsample", "Pad", "Clip", "OneHot", "Dropout", "Range"];

    private static readonly HashSet<string> Weighted = ["Conv", "ConvTranspose", "Gemm", "MatMul", "BatchNormalization"];

    private readonly PreparedGraph _graph;
    private readonly NodeLinks _links;
    private readonly IReadOnlyList<ScopePath> _paths;
    private readonly ScopeUnits _units;
    private readonly TorchLayers _layers;
    private readonly Dictionary<string, HeldWeight> _held = [];
    private readonly Dictionary<string, nn.Module> _byPath = [];
    private readonly nn.Module _root;
    private readonly List<Tensor> _fixed = [];

    private ModuleBuilder(PreparedGraph graph, nn.Module root)
    {
        (_graph, _root) = (graph, root);
        _links = new NodeLinks(graph);
        _paths = [.. graph.Nodes.Select((node, i) => ScopePath.Of(node, i, [.. WeightsOf(node)]))];
        _units = new ScopeUnits(_links, _paths, Signature);
        _layers = new TorchLayers(
            graph,
            graph
                .Nodes.SelectMany(node => node.Inputs)
                .Concat(graph.Outputs.Select(output => output.Name))
                .CountBy(name => name)
                .ToDictionary()
        );
    }

    /// <summary>Builds a graph's modules below a network and gives it the weights.</summary>
    /// <returns>
    /// The network's own steps, which take the graph's inputs and give its outputs, and the constants that they use, which the
    /// caller disposes.
    /// </returns>
    public static (ScopeProgram Program, IReadOnlyList<Tensor> Constants) Build(PreparedGraph graph, nn.Module root)
    {
        using IDisposable noGradients = no_grad();
        var builder = new ModuleBuilder(graph, root);
        ScopeProgram program = builder.Scope(
            [.. Enumerable.Range(0, graph.Nodes.Count)],
            [.. graph.Inputs.Select(input => input.Name)],
            [.. graph.Outputs.Select(output => output.Name)],
            root,
            []
        );
        builder.PlaceWeights();
        return (program, builder._fixed);
    }

    private ScopeProgram Scope(
        IReadOnlyList<int> nodes,
        List<string> inputs,
        List<string> outputs,
        nn.Module module,
        IReadOnlyList<string> path
    )
    {
        var slots = new Dictionary<string, int>();
        foreach (string input in inputs)
        {
            slots.TryAdd(input, slots.Count);
        }

        var steps = new List<ScopeStep>();
        var shared = new Dictionary<string, (string Signature, nn.Module<Tensor, Tensor> Module)>();
        foreach (ScopeUnit unit in _units.Of(nodes, path.Count))
        {
            Add(unit, steps, slots, shared, module, path);
        }

        return new ScopeProgram(steps, inputs.Count, slots.Count, [.. outputs.Select(name => OperandOf(name, slots, null, ""))]);
    }

    private void Add(
        ScopeUnit unit,
        List<ScopeStep> steps,
        Dictionary<string, int> slots,
        Dictionary<string, (string Signature, nn.Module<Tensor, Tensor> Module)> shared,
        nn.Module parent,
        IReadOnlyList<string> path
    )
    {
        List<string> inputs = _links.InputsOf(unit.Nodes, _graph.Constants),
            outputs = _links.OutputsOf(unit.Nodes);
        int input = inputs.FindIndex(name => _graph.KindOf(name).IsFloat),
            output = outputs.FindLastIndex(name => _graph.KindOf(name).IsFloat);
        if (input < 0 || output < 0 || outputs.Any(name => IsSequence(name)))
        {
            foreach (int node in unit.Nodes)
            {
                AddPlain(node, steps, slots);
            }

            return;
        }

        IReadOnlyList<string> local = unit.IsScope ? unit.Path : [_paths[unit.Nodes[0]].Leaf];
        if (!unit.IsScope && _paths[unit.Nodes[0]] is { IsLoose: true } loose)
        {
            local = [.. loose.Parts.Skip(path.Count)];
        }

        string name = string.Join('.', local),
            signature = Signature(unit.Nodes);
        nn.Module<Tensor, Tensor> module;
        if (Called(name, signature, shared) is { } again)
        {
            module = again;
        }
        else
        {
            module = Module(unit, inputs, outputs, input, output, [.. path, .. local]);
            Register(parent, path, local, module);
            shared.TryAdd(name, (signature, module));
        }

        bool isNode = module is not ScopeModule;
        OnnxNode last = _graph.Nodes[unit.Nodes[^1]];
        steps.Add(
            new ScopeStep
            {
                Module = module,
                Layer = module is GraphModule ? null : last,
                Inputs = [.. inputs.Select(each => slots[each])],
                Input = input,
                Outputs =
                [
                    .. (isNode ? last.Outputs : outputs).Select(each => outputs.Contains(each) ? SlotOf(each, slots) : -1),
                ],
                Output = isNode ? 0 : output,
            }
        );
    }

    /// <summary>A module that was called before: torch numbers further calls <c>relu_1</c>, <c>relu_2</c>.</summary>
    private static nn.Module<Tensor, Tensor>? Called(
        string name,
        string signature,
        Dictionary<string, (string Signature, nn.Module<Tensor, Tensor> Module)> shared
    )
    {
        Match numbered = Numbered().Match(name);
        return
            shared.TryGetValue(name, out (string Signature, nn.Module<Tensor, Tensor> Module) known)
                && known.Signature == signature
            || (numbered.Success && shared.TryGetValue(numbered.Groups[1].Value, out known) && known.Signature == signature)
            ? known.Module
            : null;
    }

    private nn.Module<Tensor, Tensor> Module(
        ScopeUnit unit,
        List<string> inputs,
        List<string> outputs,
        int input,
        int output,
        IReadOnlyList<string> path
    )
    {
        int node = unit.Nodes[0];
        bool endsHere = !unit.IsScope || unit.Nodes.All(each => _paths[each].Parts.Count == path.Count);
        if (unit.Nodes.Count == 1 && endsHere)
        {
            return inputs.Count == 1 && _layers.Of(_graph.Nodes[node]) is { } layer
                ? layer
                : Leaf(_graph.Nodes[node], inputs, input);
        }

        if (
            unit.Nodes.Count == 2
            && endsHere
            && inputs.Count == 1
            && _layers.OfProductAndSum(_graph.Nodes[node], _graph.Nodes[unit.Nodes[1]]) is { } linear
        )
        {
            return linear;
        }

        // Its parts are built into a module of names first, and move to it when its steps are known.
        var parts = new ScopeNames();
        ScopeProgram program = Scope(unit.Nodes, inputs, outputs, parts, path);
        var scope = new ScopeModule(path[^1], program, inputs.Count, input, output);
        foreach ((string name, nn.Module child) in parts.named_children())
        {
            scope.register_module(name, child);
        }

        return scope;
    }

    private OperatorModule Leaf(OnnxNode node, List<string> inputs, int input)
    {
        var slots = inputs.Select((name, i) => (name, i)).ToDictionary(each => each.name, each => each.i);
        var held = new List<(HeldWeight Weight, string Role)>();
        Operand?[] operands =
        [
            .. node.Inputs.Select((name, i) => name.Length == 0 ? null : OperandOf(name, slots, node, Role(node, i), held)),
        ];
        var module = new OperatorModule(new NodeOperation(node, _graph.Opset, operands), inputs.Count, input);
        held.ForEach(each => each.Weight.Users.Add((module, each.Role)));
        return module;
    }

    private void AddPlain(int index, List<ScopeStep> steps, Dictionary<string, int> slots)
    {
        OnnxNode node = _graph.Nodes[index];
        steps.Add(
            new ScopeStep
            {
                Operation = new NodeOperation(
                    node,
                    _graph.Opset,
                    [.. node.Inputs.Select(name => name.Length == 0 ? null : OperandOf(name, slots, node, ""))]
                ),
                Outputs = [.. node.Outputs.Select(name => _graph.IsUsed(name) ? SlotOf(name, slots) : -1)],
            }
        );
    }

    private Operand OperandOf(
        string name,
        Dictionary<string, int> slots,
        OnnxNode? node,
        string role,
        List<(HeldWeight, string)>? held = null
    )
    {
        if (!_graph.Constants.TryGetValue(name, out OnnxConstant? constant))
        {
            return new Operand.Slot(slots[name]);
        }

        if (held is null && node is not null || !IsWeight(constant, node, node?.Inputs.IndexOf(name) ?? 0))
        {
            _fixed.Add(constant.Value.alias().DetachFromDisposeScope());
            return new Operand.Fixed(_fixed[^1]);
        }

        if (!_held.TryGetValue(name, out HeldWeight? weight))
        {
            _held[name] = weight = new HeldWeight(constant, role is "running_mean" or "running_var");
        }

        held?.Add((weight, role));
        return new Operand.Weight(weight);
    }

    private static bool IsWeight(OnnxConstant constant, OnnxNode? node, int slot) =>
        PreparedGraph.IsTrainable(constant.Value)
        && (node is null || slot == 0 || !Configured.Contains(node.Operator))
        && (constant.IsWeight || (node is not null && slot > 0 && Weighted.Contains(node.Operator)));

    private IEnumerable<string> WeightsOf(OnnxNode node) =>
        node.Inputs.Where(name =>
            _graph.Constants.TryGetValue(name, out OnnxConstant? constant)
            && constant.IsWeight
            && constant.Value.is_floating_point()
        );

    private static string Role(OnnxNode node, int slot) =>
        (node.Operator, slot) switch
        {
            ("BatchNormalization", 3) => "running_mean",
            ("BatchNormalization", 4) => "running_var",
            (_, 2) when node.Operator is not "Where" => "bias",
            _ => "weight",
        };

    private void Register(nn.Module parent, IReadOnlyList<string> path, IReadOnlyList<string> local, nn.Module module)
    {
        for (int i = 0; i + 1 < local.Count; i++)
        {
            parent = Names(parent, local[i], string.Join('.', path.Concat(local.Take(i + 1))));
        }

        HashSet<string> taken = [.. parent.named_children().Select(child => child.name)];
        string name = local[^1];
        for (int i = 1; taken.Contains(name); i++)
        {
            name = string.Create(CultureInfo.InvariantCulture, $"{local[^1]}_{i}");
        }

        parent.register_module(name, module);
        _byPath.TryAdd(string.Join('.', [.. path, .. local.Take(local.Count - 1), name]), module);
    }

    private nn.Module Names(nn.Module parent, string name, string path)
    {
        nn.Module? known = parent.named_children().FirstOrDefault(child => child.name == name).module;
        if (known is null)
        {
            known = new ScopeNames();
            parent.register_module(name, known);
            _byPath.TryAdd(path, known);
        }

        return known;
    }

    /// <summary>
    /// Gives each weight to the module that its name says (<c>encoder.pos_embedding</c> to <c>encoder</c>), or, where the name
    /// says nothing, to the node that takes it.
    /// </summary>
    private void PlaceWeights()
    {
        foreach (HeldWeight weight in _held.Values)
        {
            string file = weight.FileName;
            string[] parts = ScopePath.Dotted(file);
            bool says =
                !file.Contains(':', StringComparison.Ordinal)
                && !file.Contains('/', StringComparison.Ordinal)
                && parts.Length > 0;
            if (says && parts.Length > 1)
            {
                Give(weight, Owner(parts[..^1]), parts[^1]);
            }
            else if (weight.Users is [var (user, role)])
            {
                Give(
                    weight,
                    user,
                    says && !char.IsDigit(file[0]) && user is not OperatorModule { Operator: "Conv" or "Gemm" } ? parts[0] : role
                );
            }
            else
            {
                Give(weight, _root, ScopePath.Plain(file.Replace(':', '_').Replace('/', '_')));
            }
        }
    }

    private nn.Module Owner(string[] path)
    {
        int known = path.Length;
        while (
            known > 0
            && !(_byPath.TryGetValue(string.Join('.', path[..known]), out nn.Module? found) && found is GraphModule or ScopeNames)
        )
        {
            known--;
        }

        nn.Module owner = known == 0 ? _root : _byPath[string.Join('.', path[..known])];
        for (int i = known; i < path.Length; i++)
        {
            // A layer of torch's own has no room for more weights.
            nn.Module? child = owner.named_children().FirstOrDefault(each => each.name == path[i]).module;
            string name = child is null or GraphModule or ScopeNames ? path[i] : $"{path[i]}_";
            owner = Names(owner, name, string.Join('.', path[..(i + 1)]));
        }

        return owner;
    }

    private static void Give(HeldWeight weight, nn.Module owner, string name)
    {
        HashSet<string> taken =
        [
            .. owner.named_parameters(false).Select(each => each.name),
            .. owner.named_buffers(false).Select(each => each.name),
            .. owner.named_children().Select(each => each.name),
        ];
        string free = name;
        for (int i = 1; taken.Contains(free); i++)
        {
            free = string.Create(CultureInfo.InvariantCulture, $"{name}_{i}");
        }

        weight.GiveTo(owner, free);
    }

    /// <summary>What some nodes compute, as text: operators, attributes, weights, and how they are linked.</summary>
    private string Signature(IReadOnlyList<int> nodes)
    {
        List<string> inputs = _links.InputsOf(nodes, _graph.Constants);
        var numbers = new Dictionary<string, string>();
        for (int i = 0; i < inputs.Count; i++)
        {
            numbers[inputs[i]] = $"in{i}";
        }

        var text = new StringBuilder();
        for (int i = 0; i < nodes.Count; i++)
        {
            OnnxNode node = _graph.Nodes[nodes[i]];
            text.Append(node.Operator);
            foreach (
                OnnxAttribute attribute in node.Attributes.Values.OrderBy(attribute => attribute.Name, StringComparer.Ordinal)
            )
            {
                text.Append(
                    CultureInfo.InvariantCulture,
                    $" {attribute.Name}={attribute.Float}|{attribute.Integer}|{attribute.Text}|{attribute.Tensor?.Offset}|{attribute.Graph?.Offset}|"
                );
                text.AppendJoin(',', attribute.Integers).Append('|').AppendJoin(',', attribute.Floats);
            }

            foreach (string name in node.Inputs)
            {
                text.Append(' ').Append(numbers.GetValueOrDefault(name) ?? Content(name));
            }

            for (int k = 0; k < node.Outputs.Count; k++)
            {
                numbers[node.Outputs[k]] = $"{i}.{k}";
            }

            text.Append(';');
        }

        return text.AppendJoin(',', _links.OutputsOf(nodes).Select(name => numbers[name])).ToString();
    }

    /// <summary>A constant as text: small ones by their elements, since each call of a module has its own copy.</summary>
    private string Content(string name) =>
        !_graph.Constants.TryGetValue(name, out OnnxConstant? constant) ? name
        : constant.Value.numel() > 16 || (constant.IsWeight && PreparedGraph.IsTrainable(constant.Value)) ? $"'{name}'"
        : $"{constant.Value.dtype}[{TensorInfo.Text(constant.Value.shape)}]{string.Join(',', Elements(constant.Value))}";

    private static double[] Elements(Tensor value)
    {
        using Tensor numbers = value.to(ScalarType.Float64).contiguous();
        return numbers.numel() == 0 ? [] : numbers.data<double>().ToArray();
    }

    private bool IsSequence(string name) =>
        _links.MakerOf(name) is >= 0 and var maker
        && _graph.Nodes[maker].Operator
            is "SequenceEmpty"
                or "SequenceConstruct"
                or "SequenceInsert"
                or "SequenceErase"
                or "SplitToSequence";

    private static int SlotOf(string name, Dictionary<string, int> slots) =>
        slots.TryGetValue(name, out int slot) ? slot : slots[name] = slots.Count;

    [GeneratedRegex(@"^(.+)_\d+$")]
    private static partial Regex Numbered();
}
