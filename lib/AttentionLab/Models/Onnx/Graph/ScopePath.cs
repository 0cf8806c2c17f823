using System.Text.RegularExpressions;

namespace AttentionLab.Models;

/// <summary>Where in the network a node belongs: the path of the module whose <c>forward</c> it came from.</summary>
/// <param name="Parts">The path, as PyTorch names modules; empty for the network itself.</param>
/// <param name="Leaf">The node's own name inside that module.</param>
/// <param name="IsLoose">
/// Whether the path was taken from the node's weights: their names say where they belong, not what else belongs there.
/// </param>
internal sealed partial record ScopePath(IReadOnlyList<string> Parts, string Leaf, bool IsLoose)
{
    private const int Deepest = 32;

    /// <summary>
    /// Reads a node's path from newer exporters' metadata, from scopes in its name (torch 1.13 to 2.5, tf2onnx), or from the name
    /// of its weight.
    /// </summary>
    /// <param name="node">The node.</param>
    /// <param name="index">Its place in the graph, which names a node without a name.</param>
    /// <param name="weights">The names of the weights that it takes.</param>
    public static ScopePath Of(OnnxNode node, int index, IReadOnlyList<string> weights)
    {
        string leaf = node.Name.Length > 0 ? node.Name.Split('/')[^1] : "";
        leaf = leaf.Length > 0 ? leaf : $"{node.Operator}_{index}";
        if (OfMetadata(node) is { } scopes)
        {
            return new ScopePath(Dotted(scopes), Plain(leaf), false);
        }

        string[] segments = [.. node.Name.Split('/', StringSplitOptions.RemoveEmptyEntries).SkipLast(1).Take(Deepest)];
        if (segments.Length > 0)
        {
            return new ScopePath(OfSegments(segments), Plain(leaf), false);
        }

        string? named = weights.FirstOrDefault(weight =>
            weight.LastIndexOf('.') > 0 && !weight.Contains(':', StringComparison.Ordinal)
        );
        return named is null || node.Name.Contains('/', StringComparison.Ordinal)
            ? new ScopePath([], Plain(leaf), false)
            : new ScopePath(Dotted(named[..named.LastIndexOf('.')]), Plain(leaf), true);
    }

    /// <summary>A name as modules may have it: without dots, not empty.</summary>
    public static string Plain(string name)
    {
        string plain = name.Replace('.', '_').Trim();
        return plain.Length == 0 ? "_" : plain;
    }

    /// <summary>The parts of a path that is written with dots.</summary>
    public static string[] Dotted(string path) =>
        [.. path.Split('.', StringSplitOptions.RemoveEmptyEntries).Take(Deepest).Select(Plain)];

    /// <summary>
    /// Scopes as torch nests them: <c>features</c>, <c>features.1</c>, <c>block</c>, <c>block.0</c> is features.1.block.0.
    /// </summary>
    private static string[] OfSegments(string[] segments)
    {
        var parts = new List<string>();
        string before = "";
        foreach (string segment in segments)
        {
            bool continues = before.Length > 0 && segment.StartsWith($"{before}.", StringComparison.Ordinal);
            parts.AddRange(Dotted(continues ? segment[(before.Length + 1)..] : segment));
            before = segment;
        }

        return [.. parts.Take(Deepest)];
    }

    /// <summary>
    /// <c>pkg.torch.onnx.name_scopes</c> lists the paths from the network to the node, as a Python list of texts, the node's
    /// own name last; <c>namespace</c> has path and class for each, between slashes.
    /// </summary>
    private static string? OfMetadata(OnnxNode node)
    {
        if (node.Metadata.TryGetValue("pkg.torch.onnx.name_scopes", out string? list))
        {
            string[] names = [.. Quoted().Matches(list).Select(match => match.Groups[1].Value)];
            return names.Length > 1 ? names[^2] : "";
        }

        if (node.Metadata.TryGetValue("namespace", out string? text))
        {
            string[] scopes = [.. text.Split('/').SkipLast(1).Select(scope => scope.Split(':')[0].Trim())];
            return scopes.LastOrDefault(scope => scope.Length > 0) ?? "";
        }

        return null;
    }

    [GeneratedRegex("['\"]([^'\"]*)['\"]")]
    private static partial Regex Quoted();
}
