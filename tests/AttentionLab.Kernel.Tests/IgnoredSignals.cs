using System.Globalization;

namespace AttentionLab.Kernel.Tests;

/// <summary>
/// Signals that this process ignores, and its children with it, since .NET leaves an ignored signal ignored: SIGINT in a shell's
/// background job, SIGHUP under nohup.
/// </summary>
internal static class IgnoredSignals
{
    /// <summary>Whether a signal is ignored; false where that cannot be known.</summary>
    /// <param name="signal">Its name as kill takes it: -HUP, -INT, -TERM.</param>
    public static bool Contain(string signal)
    {
        int number = signal switch
        {
            "-HUP" => 1,
            "-INT" => 2,
            "-TERM" => 15,
            _ => throw new ArgumentOutOfRangeException(nameof(signal), signal, "-HUP, -INT or -TERM"),
        };

        // SigIgn is a bit mask in hexadecimal; signal 1 is the lowest bit.
        return OperatingSystem.IsLinux()
            && File.ReadLines("/proc/self/status").First(line => line.StartsWith("SigIgn:", StringComparison.Ordinal)) is { } mask
            && (
                ulong.Parse(mask.AsSpan("SigIgn:".Length).Trim(), NumberStyles.HexNumber, CultureInfo.InvariantCulture)
                & (1UL << (number - 1))
            ) != 0;
    }
}
