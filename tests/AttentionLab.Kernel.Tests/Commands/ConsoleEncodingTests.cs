using System.Diagnostics;
using System.Text;
using AttentionLab.Kernel.Notebooks;

namespace AttentionLab.Kernel.Tests.Commands;

/// <summary>What the program writes is UTF-8, also where the system still names another encoding.</summary>
public sealed class ConsoleEncodingTests : IDisposable
{
    private readonly Workspace _workspace = new();

    public void Dispose() => _workspace.Dispose();

    [Fact]
    public async Task Names_and_the_texts_of_cells_and_their_processes_are_written_in_UTF_8()
    {
        string child = OperatingSystem.IsWindows() ? "\"cmd\", \"/c echo Zoë\"" : "\"echo\", \"Zoë\"";
        _workspace.Notebook(
            "Jürgen/λ.ipynb",
            "Console.WriteLine(\"naïve ✓\");",
            $"System.Diagnostics.Process.Start({child}).WaitForExit();"
        );
        var start = new ProcessStartInfo(
            "dotnet",
            [
                Path.Combine(AppContext.BaseDirectory, "csharp-kernel.dll"),
                "run",
                _workspace.At("Jürgen/λ.ipynb"),
                "--out",
                _workspace.At("Größe"),
            ]
        )
        {
            RedirectStandardOutput = true,
            StandardOutputEncoding = Encoding.UTF8,
            Environment = { ["LC_ALL"] = "de_DE.ISO-8859-1" }, // which .NET heeds on Linux and macOS, installed or not
        };
        using Process run = Process.Start(start)!;
        string output = await run.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        await run.WaitForExitAsync(TestContext.Current.CancellationToken);
        Assert.Equal(0, run.ExitCode);
        Assert.Contains("λ.ipynb", output, StringComparison.Ordinal);
        Assert.Contains("Größe", output, StringComparison.Ordinal);
        Assert.Equal(
            ["naïve ✓\n", "Zoë\n"],
            Notebook
                .Read(_workspace.At("Größe/λ.ipynb"))
                .CodeCells.Select(cell => ((string)cell.Outputs[0]!["text"]!).ReplaceLineEndings("\n"))
        );
    }
}
