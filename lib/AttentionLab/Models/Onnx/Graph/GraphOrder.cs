using AttentionLab.Core;

namespace AttentionLab.Models;

/// <summary>The nodes that outputs need, in an order in which each comes after those whose values it takes.</summary>
internal static class GraphOrder
{
    /// <summary>Orders nodes as the file does where that is possible.</summary>
    /// <exception cref="InvalidDataException">A value is missing or made twice, or nodes wait for each other in a
    /// circle.</exception>
    public static IReadOnlyList<OnnxNode> Needed(
        IReadOnlyList<OnnxNode> nodes,
        IReadOnlyList<OnnxValueInfo> inputs,
        IReadOnlyList<OnnxValueInfo> outputs,
        IReadOnlySet<string> initialised
    )
    {
        Dictionary<string, OnnxNode> makers = Makers(nodes, inputs, initialised);
        var states = new Dictionary<OnnxNode, bool>(ReferenceEqualityComparer.Instance); // false while its inputs are looked for
        var path = new Stack<(OnnxNode Node, int Next)>();
        foreach (OnnxValueInfo output in outputs)
        {
            if (Maker(output.Name, "The network's output") is { } last && states.TryAdd(last, false))
            {
                path.Push((last, 0));
            }

            while (path.TryPop(out (OnnxNode Node, int Next) at))
            {
                if (at.Next == at.Node.Inputs.Count)
                {
                    states[at.Node] = true;
                    continue;
                }

                path.Push((at.Node, at.Next + 1));
                string name = at.Node.Inputs[at.Next];
                if (name.Length == 0 || Maker(name, $"Node {at.Node}: its input") is not { } maker)
                {
                    continue;
                }

                if (states.TryAdd(maker, false))
                {
                    path.Push((maker, 0));
                }
                else if (!states[maker])
                {
                    throw new InvalidDataException(
                        $"Node {at.Node} waits for node {maker}, which waits for it: the graph has a circle."
                    );
                }
            }
        }

        return Sorted([.. nodes.Where(states.ContainsKey)], makers);

        OnnxNode? Maker(string name, string who) =>
            makers.TryGetValue(name, out OnnxNode? maker) ? maker
            : initialised.Contains(name) || inputs.Any(input => input.Name == name) ? null
            : throw new InvalidDataException(
                $"{who} '{Excerpt.Of(name)}' is neither made by a node nor an input nor among the weights."
            );
    }

    private static Dictionary<string, OnnxNode> Makers(
        IReadOnlyList<OnnxNode> nodes,
        IReadOnlyList<OnnxValueInfo> inputs,
        IReadOnlySet<string> initialised
    )
    {
        var makers = new Dictionary<string, OnnxNode>();
        HashSet<string> given = [.. inputs.Select(input => input.Name), .. initialised];
        foreach (OnnxNode node in nodes)
        {
            foreach (string output in node.Outputs.Where(output => output.Length > 0))
            {
                if (given.Contains(output) || !makers.TryAdd(output, node))
                {
                    throw new InvalidDataException($"Node {node} makes '{Excerpt.Of(output)}', which is there already.");
                }
            }
        }

        return makers;
    }

    private static List<OnnxNode> Sorted(OnnxNode[] nodes, Dictionary<string, OnnxNode> makers)
    {
        var waiting = new Dictionary<OnnxNode, int>(ReferenceEqualityComparer.Instance);
        var users = new Dictionary<OnnxNode, List<OnnxNode>>(ReferenceEqualityComparer.Instance);
        var place = new Dictionary<OnnxNode, int>(ReferenceEqualityComparer.Instance);
        var ready = new PriorityQueue<OnnxNode, int>();
        for (int i = 0; i < nodes.Length; i++)
        {
            place[nodes[i]] = i;
            OnnxNode[] before = [.. nodes[i].Inputs.Select(name => makers.GetValueOrDefault(name)).OfType<OnnxNode>()];
            waiting[nodes[i]] = before.Length;
            foreach (OnnxNode maker in before)
            {
                (users.TryGetValue(maker, out List<OnnxNode>? list) ? list : users[maker] = []).Add(nodes[i]);
            }

            if (before.Length == 0)
            {
                ready.Enqueue(nodes[i], i);
            }
        }

        var sorted = new List<OnnxNode>(nodes.Length);
        while (ready.TryDequeue(out OnnxNode? node, out _))
        {
            sorted.Add(node);
            foreach (OnnxNode user in users.GetValueOrDefault(node) ?? [])
            {
                if (--waiting[user] == 0)
                {
                    ready.Enqueue(user, place[user]);
                }
            }
        }

        return sorted;
    }
}
