using System.ComponentModel;
using System.Diagnostics;

namespace AttentionLab.Kernel.Tests.Jupyter;

/// <summary>Jupyter's own test of kernels, by a real client: tests/kernel-protocol.py.</summary>
public sealed class KernelProtocolTests
{
    [Fact]
    public async Task Jupyters_own_test_of_kernels_passes()
    {
        string? python = new[] { "python3", "/usr/bin/python3" }.FirstOrDefault(program =>
            Run(program, ["-c", "import jupyter_kernel_test"]).Code == 0
        );
        Assert.SkipWhen(
            python is null,
            "Python with the module jupyter_kernel_test is not here (Debian: python3-jupyter-kernel-test)."
        );
        using var workspace = new Workspace();
        Assert.Equal(0, await workspace.Run("install", "--prefix", workspace.Folder));
        (int code, string said) = Run(
            python!,
            [Path.Combine(Workspace.Repository, "tests", "kernel-protocol.py"), "-v"],
            ("JUPYTER_PATH", workspace.At("share/jupyter"))
        );
        TestContext.Current.TestOutputHelper?.WriteLine(said);
        Assert.True(code == 0, said);
    }

    private static (int Code, string Said) Run(
        string program,
        string[] arguments,
        params (string Name, string Value)[] environment
    )
    {
        var start = new ProcessStartInfo(program, arguments) { RedirectStandardError = true, RedirectStandardOutput = true };
        foreach ((string name, string value) in environment)
        {
            start.Environment[name] = value;
        }

        try
        {
            using var process = Process.Start(start)!;
            process.OutputDataReceived += (_, _) => { };
            process.BeginOutputReadLine();
            string said = process.StandardError.ReadToEnd();
            process.WaitForExit();
            return (process.ExitCode, said);
        }
        catch (Win32Exception)
        {
            return (-1, $"{program} is not here.");
        }
    }
}
