namespace AttentionLab.Explain;

/// <summary>Whether a method can explain a model.</summary>
/// <param name="IsApplicable">Yes or no.</param>
/// <param name="Reason">In words why not; null where it can.</param>
public sealed record Applicability(bool IsApplicable, string? Reason)
{
    /// <summary>It can.</summary>
    public static Applicability Yes { get; } = new(true, null);

    /// <summary>It cannot.</summary>
    public static Applicability No(string reason) => new(false, reason);

    /// <summary>"yes", or "no: " and the reason.</summary>
    public override string ToString() => IsApplicable ? "yes" : $"no: {Reason}";
}
