namespace AttentionLab.Kernel.Jupyter;

/// <summary>The sockets that carry messages. (The fifth, the heartbeat, carries bytes.)</summary>
internal enum MessageChannel
{
    /// <summary>Requests, answered in turn.</summary>
    Shell,

    /// <summary>Requests that do not wait for a running cell: interrupt and shutdown.</summary>
    Control,

    /// <summary>What every client sees: outputs and status.</summary>
    IoPub,

    /// <summary>The kernel asks, a client's reader answers.</summary>
    Stdin,
}
