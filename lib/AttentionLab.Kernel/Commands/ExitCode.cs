namespace AttentionLab.Kernel.Commands;

/// <summary>What a command returns to the shell.</summary>
internal static class ExitCode
{
    /// <summary>A notebook or a file failed.</summary>
    public const int Failed = 1;

    /// <summary>Wrong usage; nothing was run.</summary>
    public const int Usage = 2;

    /// <summary>Stopped by Ctrl+C.</summary>
    public const int Stopped = 130;

    /// <summary>Stopped by SIGTERM.</summary>
    public const int Terminated = 143;
}
