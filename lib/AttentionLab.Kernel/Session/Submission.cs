namespace AttentionLab.Kernel.Session;

/// <summary>Whether a text can be run as a cell.</summary>
internal enum Submission
{
    /// <summary>It can.</summary>
    Complete,

    /// <summary>It lacks its end.</summary>
    Incomplete,

    /// <summary>It is wrong, and no end would mend it.</summary>
    Invalid,
}
