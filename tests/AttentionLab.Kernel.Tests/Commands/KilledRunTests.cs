using System.Diagnostics;
using System.Globalization;

namespace AttentionLab.Kernel.Tests.Commands;

/// <summary>Runs that end at any moment, as by a power cut or the task manager.</summary>
public sealed class KilledRunTests : IDisposable
{
    private const int Kills = 6;
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    private readonly Workspace _workspace = new();

    public void Dispose() => _workspace.Dispose();

    [Fact]
    public async Task Whenever_a_run_is_killed_its_cells_end_and_the_next_run_leaves_nothing_but_its_results()
    {
        string processes = _workspace.At("processes.txt");
        _workspace.Notebook(
            "book/a.ipynb",
            "using System.IO; File.AppendAllText(\"../processes.txt\", $\"{Environment.ProcessId}\\n\");",
            "new string('x', 3_000_000)",
            "await Task.Delay(300);"
        );
        _workspace.Notebook("book/b.ipynb", "new string('y', 3_000_000)", "await Task.Delay(300);");
        var random = new Random(1);
        int left = 0;
        for (int i = 0; i < Kills; i++)
        {
            long before = Length(processes);
            using Process run = Start("run", _workspace.At("book"), "--out", _workspace.Out);
            while (!run.HasExited && Length(processes) == before)
            {
                await Task.Delay(5, TestContext.Current.CancellationToken);
            }

            await Task.Delay(random.Next(900), TestContext.Current.CancellationToken);
            run.Kill(); // not the processes that it started: they must end by themselves
            await run.WaitForExitAsync(TestContext.Current.CancellationToken);
            left += Directory.GetFiles(_workspace.Out, ".*", SearchOption.AllDirectories).Length > 0 ? 1 : 0;
        }

        Assert.True(left > 0, "No kill left anything: then this test shows nothing.");
        foreach (string id in await File.ReadAllLinesAsync(processes, TestContext.Current.CancellationToken))
        {
            Assert.True(HasEnded(int.Parse(id, CultureInfo.InvariantCulture)), $"Process {id} of a killed run goes on.");
        }

        _workspace.Write("out/.half.html.0123456789abcdef0123456789abcdef.partial", "half");
        Assert.Equal(0, await _workspace.Run("run", _workspace.At("book"), "--out", _workspace.Out));
        Assert.Equal(
            ["a.html", "a.ipynb", "b.html", "b.ipynb", "index.html"],
            Directory
                .GetFileSystemEntries(_workspace.Out, "*", SearchOption.AllDirectories)
                .Select(path => Path.GetRelativePath(_workspace.Out, path).Replace('\\', '/'))
                .Order(StringComparer.Ordinal)
        );
    }

    private static long Length(string file) => File.Exists(file) ? new FileInfo(file).Length : 0;

    private static bool HasEnded(int process)
    {
        try
        {
            using var own = Process.GetProcessById(process);
            return own.WaitForExit(Patience);
        }
        catch (ArgumentException)
        {
            return true; // there is none of that number
        }
    }

    private static Process Start(params string[] arguments) =>
        Process.Start(
            new ProcessStartInfo("dotnet", [Path.Combine(AppContext.BaseDirectory, "csharp-kernel.dll"), .. arguments])
            {
                RedirectStandardOutput = true,
                RedirectStandardError = true,
            }
        )!;
}
