using System.Runtime.InteropServices;
using AttentionLab.Kernel.Session;
using AttentionLab.Kernel.Workers;

namespace AttentionLab.Kernel.Commands;

/// <summary>
/// Ctrl+C and SIGTERM while a command runs. The first asks it to stop, so that it writes what it has; a command that has not
/// ended after its grace, or is asked again, is ended. One signal that comes twice at once, as <c>timeout</c> sends it, is one.
/// A terminal that is closed (SIGHUP) counts as SIGTERM.
/// </summary>
internal sealed class StopSignals : IDisposable
{
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(20); // longer than a cell's
    private static readonly TimeSpan Twice = TimeSpan.FromSeconds(1);

    private readonly TextWriter _error;
    private readonly CancellationTokenSource _stop;
    private readonly PosixSignalRegistration _interrupt,
        _terminate,
        _hangUp;
    private readonly Timer _end;
    private readonly Lock _lock = new();
    private long? _askedAt;
    private int _code = ExitCode.Stopped;

    /// <summary>From now on signals stop the command that looks at <see cref="Token"/>.</summary>
    /// <param name="error">Where it is said that a command was ended before it stopped.</param>
    /// <param name="cancellationToken">Another way to stop it.</param>
    /// <param name="interrupt">What Ctrl+C does instead, for a command that goes on after it.</param>
    public StopSignals(TextWriter error, CancellationToken cancellationToken, Action? interrupt = null)
    {
        _error = error;
        _stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        _end = new Timer(_ => End($"The command did not stop within {Grace.TotalSeconds:0} seconds and was ended."));
        _interrupt = On(PosixSignal.SIGINT, interrupt ?? (() => Ask(ExitCode.Stopped)));
        _terminate = On(PosixSignal.SIGTERM, () => Ask(ExitCode.Terminated));
        _hangUp = On(PosixSignal.SIGHUP, () => Ask(ExitCode.Terminated));
    }

    /// <summary>Cancelled by the first signal.</summary>
    public CancellationToken Token => _stop.Token;

    /// <summary>What a command that stopped returns, by the signal that stopped it.</summary>
    public int Stopped(int code) => code == ExitCode.Stopped ? _code : code;

    /// <inheritdoc/>
    public void Dispose()
    {
        _interrupt.Dispose();
        _terminate.Dispose();
        _hangUp.Dispose();
        _end.Dispose();
        _stop.Dispose();
    }

    private static PosixSignalRegistration On(PosixSignal signal, Action act) =>
        PosixSignalRegistration.Create(
            signal,
            context =>
            {
                context.Cancel = true;
                act();
            }
        );

    private void Ask(int code)
    {
        long now = Environment.TickCount64;
        lock (_lock)
        {
            if (_askedAt is null)
            {
                _askedAt = now;
                _code = code;
                _end.Change(Grace, Timeout.InfiniteTimeSpan);
                _ = OwnThread.Run(_stop.Cancel); // what it calls back may take long
                return;
            }
        }

        if (now - _askedAt >= Twice.TotalMilliseconds)
        {
            End("The command was asked to stop a second time and was ended before it had stopped.");
        }
    }

    // Not by a return from Main: C's own way out would tear down torch below threads that still compute, and abort.
    private void End(string why)
    {
        _error.WriteLine(why);
        _error.Flush();
        ProcessEnd.Now(_code);
    }
}
