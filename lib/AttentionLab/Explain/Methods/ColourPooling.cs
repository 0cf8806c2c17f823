namespace AttentionLab.Explain;

/// <summary>How a number for each colour of a pixel becomes one for the pixel.</summary>
public enum ColourPooling
{
    /// <summary>The largest absolute value: how much the pixel matters, unsigned.</summary>
    MaxAbsolute,

    /// <summary>The sum: for or against, signed.</summary>
    Sum,
}
