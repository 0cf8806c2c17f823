namespace AttentionLab.Models;

/// <summary>Which nodes take whose values: nodes by number, in an order in which makers come before users.</summary>
internal sealed class NodeLinks
{
    private readonly Dictionary<string, int> _makers = [];
    private readonly HashSet<string> _outputs;

    /// <summary>Links the nodes of a graph.</summary>
    public NodeLinks(PreparedGraph graph)
    {
        Nodes = graph.Nodes;
        _outputs = [.. graph.Outputs.Select(output => output.Name)];
        Users = [.. Nodes.Select(_ => new List<int>())];
        for (int i = 0; i < Nodes.Count; i++)
        {
            foreach (string output in Nodes[i].Outputs.Where(output => output.Length > 0))
            {
                _makers[output] = i;
            }
        }

        Makers = [.. Nodes.Select(node => node.Inputs.Select(MakerOf).Where(maker => maker >= 0).Distinct().ToList())];
        for (int i = 0; i < Nodes.Count; i++)
        {
            Makers[i].ForEach(maker => Users[maker].Add(i));
        }
    }

    /// <summary>The nodes.</summary>
    public IReadOnlyList<OnnxNode> Nodes { get; }

    /// <summary>The nodes whose values each node takes.</summary>
    public IReadOnlyList<List<int>> Makers { get; }

    /// <summary>The nodes that take each node's values.</summary>
    public IReadOnlyList<List<int>> Users { get; }

    /// <summary>The node that makes a value; −1 for one from outside.</summary>
    public int MakerOf(string name) => _makers.GetValueOrDefault(name, -1);

    /// <summary>Values that some nodes take and do not make, and that change from pass to pass, in the order of use.</summary>
    public List<string> InputsOf(IReadOnlyList<int> nodes, IReadOnlyDictionary<string, OnnxConstant> constants)
    {
        var inside = nodes.ToHashSet();
        return
        [
            .. nodes
                .SelectMany(node => Nodes[node].Inputs)
                .Where(name => name.Length > 0 && !constants.ContainsKey(name) && !inside.Contains(MakerOf(name)))
                .Distinct(),
        ];
    }

    /// <summary>Values that some nodes make and others, or the network's outputs, take.</summary>
    public List<string> OutputsOf(IReadOnlyList<int> nodes)
    {
        var inside = nodes.ToHashSet();
        return
        [
            .. nodes.SelectMany(node =>
            {
                HashSet<string> taken =
                [
                    .. Users[node].Where(user => !inside.Contains(user)).SelectMany(user => Nodes[user].Inputs),
                ];
                return Nodes[node].Outputs.Where(name => name.Length > 0 && (taken.Contains(name) || _outputs.Contains(name)));
            }),
        ];
    }
}
