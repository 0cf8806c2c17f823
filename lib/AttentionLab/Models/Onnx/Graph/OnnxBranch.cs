using AttentionLab.Core;

namespace AttentionLab.Models;

/// <summary>The two branches of a choice (<c>If</c>): graphs that also take values from around them, by name.</summary>
internal static class OnnxBranch
{
    private static readonly string[] Names = ["then_branch", "else_branch"];

    /// <summary>Whether a node is a choice.</summary>
    public static bool IsChoice(OnnxNode node) => node is { Operator: "If", Domain: "" };

    /// <summary>The branch that a condition chooses.</summary>
    public static OnnxGraph Of(OnnxNode node, bool condition) => Branch(node, Names[condition ? 0 : 1]);

    /// <summary>The network's name for a branch's weight: two branches may call theirs alike.</summary>
    public static string NameOf(OnnxGraph branch, OnnxTensor weight) => $"{branch.Offset}:{weight.Name}";

    /// <summary>The weights of a choice's branches, and of choices in these, under the network's names; none for other
    /// nodes.</summary>
    public static IEnumerable<(string Name, OnnxTensor Tensor)> WeightsOf(OnnxNode node) =>
        IsChoice(node)
            ? Names
                .Select(name => Branch(node, name))
                .SelectMany(branch =>
                    branch
                        .Initializers.Select(weight => (NameOf(branch, weight), weight))
                        .Concat(branch.Nodes.SelectMany(WeightsOf))
                )
            : [];

    /// <summary>
    /// A choice that takes its branches' weights, and the values that they take from outside, as further inputs, so that
    /// whatever follows inputs follows these, too.
    /// </summary>
    /// <exception cref="InvalidDataException">A branch is missing, has too few outputs, or makes a value twice.</exception>
    public static OnnxNode WithCaptured(OnnxNode node)
    {
        if (node.Inputs.Count != 1)
        {
            throw new InvalidDataException($"Node {node}: it has {node.Inputs.Count} inputs; a choice has a condition.");
        }

        List<string> captured =
        [
            .. Names
                .SelectMany(name => Captured(node, Branch(node, name)))
                .Concat(WeightsOf(node).Select(weight => weight.Name))
                .Distinct(),
        ];
        return node with { Inputs = [.. node.Inputs, .. captured], Captured = captured };
    }

    /// <summary>
    /// The chosen branch's nodes in place of the choice: its own values under names that no other has, its outputs under those of
    /// the choice.
    /// </summary>
    /// <param name="node">The choice.</param>
    /// <param name="condition">Which branch.</param>
    public static IReadOnlyList<OnnxNode> Inlined(OnnxNode node, bool condition)
    {
        OnnxGraph branch = Of(node, condition);
        var names = new Dictionary<string, string>();
        for (int i = 0; i < node.Captured.Count; i++)
        {
            names[node.Captured[i]] = node.Inputs[node.Inputs.Count - node.Captured.Count + i];
        }

        foreach (OnnxTensor weight in branch.Initializers)
        {
            names[weight.Name] = names[NameOf(branch, weight)];
        }

        var nodes = branch
            .Nodes.Select(inner =>
                inner with
                {
                    Inputs = [.. inner.Inputs.Select(Outside)],
                    Outputs = [.. inner.Outputs.Select(Outside)],
                }
            )
            .ToList();
        nodes.AddRange(
            node.Outputs.Select(
                (output, i) =>
                    new OnnxNode
                    {
                        Name = $"{node.Name}/Output_{i}",
                        Operator = "Identity",
                        Inputs = [Outside(branch.Outputs[i].Name)],
                        Outputs = [output],
                        Metadata = node.Metadata,
                        Offset = node.Offset,
                    }
            )
        );
        return nodes;

        string Outside(string name) =>
            name.Length == 0 ? name
            : names.TryGetValue(name, out string? outside) ? outside
            : names[name] = $"{node.Name}/{branch.Offset}/{name}";
    }

    private static OnnxGraph Branch(OnnxNode node, string name) =>
        node.Attributes.GetValueOrDefault(name)?.Graph ?? throw new InvalidDataException($"Node {node}: it has no {name}.");

    private static List<string> Captured(OnnxNode node, OnnxGraph branch)
    {
        if (branch.Outputs.Count < node.Outputs.Count)
        {
            throw new InvalidDataException(
                $"Node {node}: a branch has {branch.Outputs.Count} outputs, the node {node.Outputs.Count}."
            );
        }

        HashSet<string> made = [.. branch.Initializers.Select(tensor => tensor.Name)];
        var captured = new List<string>();
        foreach (OnnxNode inner in branch.Nodes)
        {
            captured.AddRange(inner.Inputs.Where(name => name.Length > 0 && !made.Contains(name)));
            foreach (string output in inner.Outputs.Where(output => output.Length > 0))
            {
                if (!made.Add(output) || captured.Contains(output))
                {
                    throw new InvalidDataException(
                        $"Node {node}: in a branch {inner} makes '{Excerpt.Of(output)}', which is there already."
                    );
                }
            }
        }

        captured.AddRange(branch.Outputs.Select(output => output.Name).Where(name => !made.Contains(name)));
        return captured;
    }
}
