namespace AttentionLab.Explain;

/// <summary>Where a layer's output has its places.</summary>
public enum SpatialOrder
{
    /// <summary>N×C×h×w, as convolutions output.</summary>
    ChannelsFirst,

    /// <summary>N×h×w×C, as Swin's blocks output.</summary>
    ChannelsLast,

    /// <summary>N×T×C: leading tokens (class, distillation, registers), then one token for each place, row by row.</summary>
    Tokens,
}
