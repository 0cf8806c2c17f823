namespace AttentionLab.Kernel.Tests.Jupyter;

/// <summary>A reply, and what was published while its request was worked on.</summary>
public sealed record Exchange(Received Reply, List<Received> Published)
{
    /// <summary>What is published between busy and idle, except the cell's own text.</summary>
    public List<Received> Outputs => [.. Published[1..^1].Where(message => message.Type != "execute_input")];

    public string Status => Reply["status"]!;

    public int Count => (int)Reply.Content["execution_count"]!;
}
