using System.Diagnostics;
using System.Globalization;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace AttentionLab.Kernel.Tests.Jupyter;

/// <summary>How a kernel starts, ends and dies.</summary>
public sealed partial class KernelProcessTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    [Fact]
    public void A_shutdown_ends_a_busy_kernel_and_it_starts_again_on_the_same_ports()
    {
        using var kernel = new KernelClient();
        Assert.Equal("7", kernel.Execute("int seven = 7; seven").Outputs[0].Text);
        JsonObject busy = kernel.Send(
            kernel.Shell,
            "execute_request",
            KernelClient.Cell("Console.Write(1); while (true) { try { System.Threading.Thread.Sleep(-1); } catch { } }")
        );
        while (kernel.Receive(kernel.IoPub).Type != "stream") { }

        kernel.Send(kernel.Control, "shutdown_request", new() { ["restart"] = true });
        Received reply = kernel.Receive(kernel.Control);
        Assert.Equal(("shutdown_reply", "ok", "true"), (reply.Type, reply["status"], reply["restart"]));
        Assert.True(kernel.Process.WaitForExit(Patience));
        Assert.Equal(0, kernel.Process.ExitCode);
        Assert.DoesNotContain("unexpectedly", kernel.Errors, StringComparison.Ordinal);

        kernel.Restart();
        Exchange fresh = kernel.Execute("seven");
        Assert.Equal(("error", 1, "CS0103"), (fresh.Status, fresh.Count, fresh.Reply["ename"]));
    }

    [Fact]
    public void An_interrupt_counts_while_the_first_cell_waits_for_the_compiler()
    {
        using var kernel = new KernelClient();
        kernel.Send(kernel.Shell, "execute_request", KernelClient.Cell("while (true) { }"));
        while (kernel.Receive(kernel.IoPub).Type != "execute_input") { }

        kernel.Send(kernel.Control, "interrupt_request", []);
        Assert.Equal("Interrupted", kernel.Receive(kernel.Shell)["ename"]);
    }

    [Fact]
    public void A_native_crash_is_told_on_standard_error_and_in_a_log_that_is_named()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "On Windows standard error is left as it is.");
        using var kernel = new KernelClient();
        kernel.Send(
            kernel.Shell,
            "execute_request",
            KernelClient.Cell(
                """
                [System.Runtime.InteropServices.DllImport("libc")] static extern nint write(int file, string text, nint count);
                [System.Runtime.InteropServices.DllImport("libc")] static extern void abort();
                write(2, "last words\n", 11); abort();
                """
            )
        );
        Assert.True(kernel.Process.WaitForExit(Patience));
        Assert.NotEqual(0, kernel.Process.ExitCode);
        var watch = Stopwatch.StartNew();
        while (!LogName().IsMatch(kernel.Errors) && watch.Elapsed < Patience)
        {
            Thread.Sleep(50);
        }

        Assert.Contains("last words", kernel.Errors, StringComparison.Ordinal);
        string log = LogName().Match(kernel.Errors).Groups[1].Value;
        Assert.Contains("last words", File.ReadAllText(log), StringComparison.Ordinal);
        File.Delete(log);
    }

    [Fact]
    public void An_empty_log_of_a_killed_kernel_is_cleared_at_the_next_start_and_one_with_last_words_is_kept()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "On Windows standard error is left as it is.");
        using var gone = Process.Start("sleep", "0");
        gone.WaitForExit();
        string temporary = Directory.CreateTempSubdirectory("attentionlab-logs-").FullName;
        string empty = Log(gone.Id, ""),
            words = Log(gone.Id, "last words"),
            running = Log(Environment.ProcessId, "");
        string restore = Directory.CreateDirectory(Path.Combine(temporary, $"attentionlab-packages-{gone.Id}-abc")).FullName;
        using (new KernelClient(null, ("TMPDIR", temporary)))
        {
            Assert.Equal([false, true, true], new[] { empty, words, running }.Select(File.Exists));
            Assert.False(Directory.Exists(restore));
        }

        Directory.Delete(temporary, recursive: true);

        string Log(int process, string text)
        {
            string path = Path.Combine(temporary, $"attentionlab-kernel-{process}-{Guid.NewGuid():N}.log");
            File.WriteAllText(path, text);
            return path;
        }
    }

    [Fact]
    public void Ctrl_C_twice_interrupts_the_cell_and_a_lost_jupyter_ends_the_kernel()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "A handle is named there, which another process would have to pass on.");
        Assert.SkipWhen(
            IgnoredSignals.Contain("-INT"),
            "SIGINT is ignored here, as in a shell's background job, and .NET leaves it so."
        );
        using var jupyter = Process.Start("sleep", "1000");
        using var kernel = new KernelClient(null, ("JPY_PARENT_PID", $"{jupyter.Id}"));
        JsonObject cell = kernel.Send(kernel.Shell, "execute_request", KernelClient.Cell("Console.Write(1); while (true) ;"));
        while (kernel.Receive(kernel.IoPub).Type != "stream") { }

        Twice("-INT", kernel.Process);
        Assert.Equal("Interrupted", kernel.End(cell).Reply["ename"]);
        Assert.Equal("2", kernel.Execute("1 + 1").Outputs[0].Text);
        jupyter.Kill();
        Assert.True(kernel.Process.WaitForExit(Patience));
        Assert.Equal(0, kernel.Process.ExitCode);
    }

    [Theory]
    [InlineData("-TERM")]
    [InlineData("-HUP")]
    public void Two_requests_to_end_are_one_and_no_crash(string signal)
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Signals are sent by kill.");
        Assert.SkipWhen(IgnoredSignals.Contain(signal), $"{signal} is ignored here, as under nohup, and .NET leaves it so.");
        using var kernel = new KernelClient();
        kernel.Send(
            kernel.Shell,
            "execute_request",
            KernelClient.Cell("Console.Write(1); while (true) { try { System.Threading.Thread.Sleep(-1); } catch { } }")
        );
        while (kernel.Receive(kernel.IoPub).Type != "stream") { }

        Twice(signal, kernel.Process);
        Assert.True(kernel.Process.WaitForExit(Patience));
        kernel.Process.WaitForExit(); // and until its standard error was read
        Assert.Equal((0, ""), (kernel.Process.ExitCode, kernel.Errors.Trim()));
    }

    [Fact]
    public void A_kernel_ends_when_its_parent_is_gone()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Uses sh.");
        using var kernel = new KernelClient(command => new ProcessStartInfo(
            "sh",
            ["-c", "\"$@\" & echo $! > id; read line", "sh", .. command]
        )
        {
            RedirectStandardInput = true,
        });
        using Process own = Process.GetProcessById(
            int.Parse(File.ReadAllText(Path.Combine(kernel.Folder, "id")), CultureInfo.InvariantCulture)
        );
        kernel.Process.StandardInput.Close();
        Assert.True(own.WaitForExit(Patience));
    }

    private static void Twice(string signal, Process process)
    {
        using var kill = Process.Start("kill", [signal, $"{process.Id}", $"{process.Id}"]);
        kill.WaitForExit();
    }

    [GeneratedRegex(@"kept in (\S+)")]
    private static partial Regex LogName();
}
