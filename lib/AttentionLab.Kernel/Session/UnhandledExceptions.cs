using System.Runtime.ExceptionServices;

namespace AttentionLab.Kernel.Session;

/// <summary>
/// What a thread, a timer or an async void method of a cell throws and nobody catches: it would end the process, and with it all
/// that the reader's cells made. While a notebook is open, it is shown in the cell that runs.
/// </summary>
internal static class UnhandledExceptions
{
    /// <summary>From now on, for the life of the process. The runtime takes one such handler, once.</summary>
    public static void GoToCells() => ExceptionHandling.SetUnhandledExceptionHandler(ShowInCell);

    private static bool ShowInCell(Exception exception)
    {
        if (RunningCell.Current is not { } cell)
        {
            return false;
        }

        // How a thread of a stopped cell ends: expected, so not shown.
        if (
            exception is not OperationCanceledException { CancellationToken.IsCancellationRequested: true }
            && !(exception is ThreadInterruptedException && cell.CancellationToken.IsCancellationRequested)
        )
        {
            cell.Output.Write("stderr", string.Join('\n', CellError.FromException(exception, "unhandled").Traceback) + "\n");
        }

        return true;
    }
}
