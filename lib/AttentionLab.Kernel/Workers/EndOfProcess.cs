using System.Globalization;
using AttentionLab.Kernel.Session;

namespace AttentionLab.Kernel.Workers;

/// <summary>Why a cell's process ended under it, in words.</summary>
internal static class EndOfProcess
{
    /// <summary>The name such an error has in a notebook.</summary>
    public const string ErrorName = "ProcessEnded";

    private const int ShownLines = 24;

    /// <summary>The error of the cell that ran.</summary>
    /// <param name="exitCode">The process's exit code; on Linux and macOS 128 + the signal that ended it.</param>
    /// <param name="lastWords">What the process wrote to its standard error.</param>
    /// <param name="cell">The cell that ran.</param>
    public static CellError Describe(int exitCode, string lastWords, string cell)
    {
        string[] lines = lastWords.TrimEnd().ReplaceLineEndings("\n").Split('\n', StringSplitOptions.RemoveEmptyEntries);
        string message = "The process that ran the cells ended: " + Reason(exitCode, lastWords);
        IEnumerable<string> shown =
            lines.Length <= ShownLines
                ? lines
                : [.. lines[..(ShownLines / 2)], $"… {lines.Length - ShownLines} lines …", .. lines[^(ShownLines / 2)..]];
        return new CellError(ErrorName, message, cell, [$"{cell}: \e[31m{message}\e[39m", .. shown]);
    }

    private static string Reason(int exitCode, string lastWords)
    {
        if (lastWords.Contains("Stack overflow", StringComparison.Ordinal) || exitCode == unchecked((int)0xC00000FD))
        {
            return "the stack overflowed, as endless recursion makes it.";
        }

        if (lastWords.Contains("Out of memory", StringComparison.OrdinalIgnoreCase))
        {
            return "memory ran out.";
        }

        string? signal = OperatingSystem.IsWindows()
            ? null
            : (exitCode - 128) switch
            {
                3 => "SIGQUIT",
                4 => "SIGILL, an instruction that the processor does not have",
                6 => "SIGABRT, as when native code aborts",
                7 => "SIGBUS, a bad memory access",
                8 => "SIGFPE, an arithmetic error in native code",
                9 => "SIGKILL, as when memory runs out or someone ends the process",
                11 => "SIGSEGV, a bad memory access",
                15 => "SIGTERM, someone asked it to end",
                _ => null,
            };
        return signal
            ?? string.Create(CultureInfo.InvariantCulture, $"exit code {exitCode}, as Environment.Exit({exitCode}) gives.");
    }
}
