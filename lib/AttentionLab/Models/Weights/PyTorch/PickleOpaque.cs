namespace AttentionLab.Models;

/// <summary>A harmless Python value that weights have no use for: a set, bytes, a device.</summary>
internal sealed record PickleOpaque
{
    public static readonly PickleOpaque Value = new();
}
