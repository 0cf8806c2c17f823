namespace AttentionLab.Models;

/// <summary>What runs as one step of a scope: a single node, or the nodes of a scope inside it.</summary>
/// <param name="Nodes">Numbers of the nodes, in order.</param>
/// <param name="Path">The inner scope's path below the outer one; empty for a single node.</param>
internal sealed record ScopeUnit(IReadOnlyList<int> Nodes, IReadOnlyList<string> Path)
{
    /// <summary>Whether it is a scope.</summary>
    public bool IsScope => Path.Count > 0;
}
