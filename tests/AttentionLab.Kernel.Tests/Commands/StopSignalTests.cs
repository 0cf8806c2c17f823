using System.Diagnostics;
using System.Globalization;

namespace AttentionLab.Kernel.Tests.Commands;

/// <summary>SIGTERM and SIGHUP, once and again, while a cell runs that nothing stops.</summary>
public sealed class StopSignalTests : IDisposable
{
    private const string Unstoppable =
        "using System.IO; File.WriteAllText(\"started\", \"\"); "
        + "System.Text.RegularExpressions.Regex.IsMatch(new string('a', 40) + \"!\", \"^(a+)+$\")";

    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);

    private readonly Workspace _workspace = new();

    public void Dispose() => _workspace.Dispose();

    [Theory]
    [InlineData("-TERM", 1, 143, "")]
    [InlineData("-HUP", 1, 143, "")]
    [InlineData("-TERM", 2, 143, "a second time")]
    public async Task A_run_ends_with_the_signals_code(string signal, int times, int code, string sentence)
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Signals are sent by kill.");
        Assert.SkipWhen(IgnoredSignals.Contain(signal), $"{signal} is ignored here, as under nohup, and .NET leaves it so.");
        CancellationToken token = TestContext.Current.CancellationToken;
        _workspace.Notebook("book/a.ipynb", Unstoppable);
        string started = _workspace.At("book/started");
        using var run = Process.Start(
            new ProcessStartInfo(
                "dotnet",
                [
                    Path.Combine(AppContext.BaseDirectory, "csharp-kernel.dll"),
                    "run",
                    _workspace.At("book"),
                    "--out",
                    _workspace.Out,
                ]
            )
            {
                RedirectStandardOutput = true,
                RedirectStandardError = true,
            }
        )!;
        Task<string> output = run.StandardOutput.ReadToEndAsync(token),
            error = run.StandardError.ReadToEndAsync(token);
        while (!File.Exists(started))
        {
            Assert.False(run.HasExited, "The run ended before its cell began.");
            await Task.Delay(20, token);
        }

        for (int time = 0; time < times; time++)
        {
            using var kill = Process.Start("kill", [signal, run.Id.ToString(CultureInfo.InvariantCulture)]);
            await kill.WaitForExitAsync(token);
            await Task.Delay(1200, token);
        }

        try
        {
            await run.WaitForExitAsync(token).WaitAsync(Patience, token);
        }
        finally
        {
            run.Kill(entireProcessTree: true); // nothing when it has ended
        }

        Assert.Equal(code, run.ExitCode);
        Assert.Contains(sentence, await error, StringComparison.Ordinal);
        await output;
    }
}
