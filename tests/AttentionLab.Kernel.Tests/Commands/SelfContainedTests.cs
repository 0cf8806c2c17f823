using System.Diagnostics;
using System.Runtime.InteropServices;
using AttentionLab.Kernel.Tests.Jupyter;

namespace AttentionLab.Kernel.Tests.Commands;

/// <summary>The notebook engine published with its own runtime, where the framework lies among its own files.</summary>
public sealed class SelfContainedTests
{
    [Fact]
    public async Task It_registers_its_executable_runs_cells_and_completes_code()
    {
        using var workspace = new Workspace();
        string executable = Publish(workspace);
        using (Process install = Start(executable, "install", "--prefix", workspace.At("environment")))
        {
            await install.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
            await install.WaitForExitAsync(TestContext.Current.CancellationToken);
            Assert.Equal(0, install.ExitCode);
        }

        string spec = Assert.Single(Directory.GetFiles(workspace.At("environment"), "kernel.json", SearchOption.AllDirectories));
        Assert.Contains(
            $"\"argv\": [\n    \"{executable}\",\n    \"kernel\",",
            (await File.ReadAllTextAsync(spec, TestContext.Current.CancellationToken)).ReplaceLineEndings("\n"),
            StringComparison.Ordinal
        );

        using var kernel = new KernelClient(command => new ProcessStartInfo(executable, command[2..]));
        Assert.Equal("42", kernel.Execute("6 * 7").Outputs[0].Text);
        Exchange completed = kernel.Ask("complete_request", new() { ["code"] = "Console.WriteL", ["cursor_pos"] = 14 });
        Assert.Equal("""["WriteLine"]""", completed.Reply["matches"]);
        completed = kernel.Ask("complete_request", new() { ["code"] = "\"\".Firs", ["cursor_pos"] = 7 });
        Assert.Contains("\"First\"", completed.Reply["matches"], StringComparison.Ordinal);
    }

    private static string Publish(Workspace workspace)
    {
        using Process publish = Start(
            "dotnet",
            "publish",
            Path.Combine(Workspace.Repository, "lib", "AttentionLab.Kernel"),
            "--runtime",
            RuntimeInformation.RuntimeIdentifier,
            "--self-contained",
            "--artifacts-path",
            workspace.At("artifacts"), // beside the build, whose files stay as they are
            "--output",
            workspace.At("published"),
            "-p:CompileRoslyn=false", // so that Roslyn's own files are tried too
            "-p:RunAnalyzers=false"
        );
        string output = publish.StandardOutput.ReadToEnd();
        publish.WaitForExit();
        Assert.SkipWhen(
            output.Contains("error NU1", StringComparison.Ordinal),
            $"The runtime's package cannot be had here: {output}"
        );
        Assert.True(publish.ExitCode == 0, output);
        return workspace.At(OperatingSystem.IsWindows() ? "published/csharp-kernel.exe" : "published/csharp-kernel");
    }

    private static Process Start(string program, params string[] arguments) =>
        Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true })!;
}
