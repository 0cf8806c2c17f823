namespace AttentionLab.Kernel.Tests.Compatibility;

/// <summary>How something of .NET Interactive is here.</summary>
public enum Standing
{
    /// <summary>It shows the same.</summary>
    Same,

    /// <summary>It is here and shows something else, or more.</summary>
    Different,

    /// <summary>A cell that asks for it fails, with a sentence that says what to do.</summary>
    Refused,
}
