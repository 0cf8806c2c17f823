using System.Diagnostics;
using System.Globalization;
using System.Text.Json.Nodes;

namespace AttentionLab.Kernel.Tests.Jupyter;

/// <summary>
/// Interrupts over cells of every kind; none may end the kernel or lose a variable. The suite sends a few; a long run is
/// <c>INTERRUPTS=1000 dotnet test tests/AttentionLab.Kernel.Tests --filter "FullyQualifiedName~InterruptTests"</c>,
/// and with <c>BUSY=4</c> beside four threads that compute. It prints how many of each kind were sent.
/// </summary>
public sealed class InterruptTests
{
    // Those marked so stand inside a library that looks at nothing: the kernel says so, and goes on.
    private const string Unstoppable = "/*unstoppable*/ ";

    private static readonly string[] Cells =
    [
        "int F(int n)=>n<2?1:F(n-1)+F(n-2); F(60)",
        Unstoppable + "System.Text.RegularExpressions.Regex.IsMatch(new string('a',40)+\"!\",\"^(a+)+$\")",
        "Func<int, int> f = null; f = n => n < 2 ? 1 : f(n - 1) + f(n - 2); f(60)",
        "while (true) { }",
        "int F(int n) { return n < 2 ? 1 : F(n - 1) + F(n - 2); } F(60)",
        "while (true) { try { while (true) { } } catch (Exception) { } finally { } }",
        "IEnumerable<int> All() { while (true) yield return 1; } All().Count()",
        "class P { public int this[int n] => n < 2 ? 1 : this[n - 1] + this[n - 2]; } new P()[60]",
        "class P { public P(int n) { if (n > 1) { new P(n - 1); new P(n - 2); } } } new P(60)",
        "class P { public static long operator +(P a, int n) => n < 2 ? 1 : (a + (n - 1)) + (a + (n - 2)); } new P() + 60",
        "Enumerable.Repeat(1.0, int.MaxValue).Select(x => x + 1).Concat(Enumerable.Repeat(1.0, int.MaxValue)).Sum()",
        "(from i in Enumerable.Repeat(1, int.MaxValue) from j in Enumerable.Repeat(1, 9) where i + j < 0 select i).Count()",
        "System.Threading.Thread.Sleep(-1);",
        "Task.Delay(-1).Wait();",
        "await Task.Delay(-1, KernelInvocationContext.Current.CancellationToken);",
        "await Task.Delay(1); while (true) ;",
        "async Task<int> Spin() { await Task.Yield(); while (true) { } } Spin().Result",
        "Parallel.For(0, int.MaxValue, i => System.Threading.Thread.SpinWait(1000));",
        "Task.WaitAll([.. Enumerable.Range(0, 64).Select(_ => Task.Run(() => { while (true) { } }))]);",
        "Enumerable.Range(0, int.MaxValue).AsParallel().Select(i => Math.Sin(i)).Sum()",
        "var text = new List<string>(); while (true) { text.Clear(); for (int i = 0; i < 1000; i++) text.Add(i.ToString()); }",
        "while (true) { Console.Write('.'); }",
        "while (true) { try { throw new FormatException(); } catch (FormatException) { } }",
        "new int[1 << 20].ToList().Sort((a, b) => { int s = 0; for (int i = 0; i < 10000; i++) s += i; return s & 1; });",
        "Console.ReadLine()",
        "double N() { double x = 1, y = 0; while (x != y) { y = x; x = -x; } return x; } N()",
        "int Z(int n, int d) { int s = 0; for (int i = 0; i < n; i += d) s++; return s; } Z(9, 0)",
        "int C(int n) { int s = 0; for (int i = 0; i <= n; i++) s++; return s; } C(int.MaxValue)",
        "long W(long n) { long i = n, s = 0; while (i >= long.MinValue) { i--; s += i; } return s; } W(0)",
        "int O(int n) { int s = 0; for (int i = 0; i < n; i++) for (int j = 0; j <= n; j++) s ^= j; return s; } O(2000000)",
    ];

    [Fact]
    public void No_interrupt_ends_the_kernel_or_loses_a_variable()
    {
        int count = Setting("INTERRUPTS", Cells.Length);
        bool stopped = false;
        Thread[] busy = [.. Enumerable.Range(0, Setting("BUSY", 0)).Select(_ => new Thread(Compute))];
        foreach (Thread thread in busy)
        {
            thread.Start();
        }

        var random = new Random(7);
        var watch = Stopwatch.StartNew();
        var kernel = new KernelClient();
        (double Seconds, string Cell) slowest = default;
        int restarts = 0;
        try
        {
            kernel.Execute("int kept = 5;");
            for (int i = 0; i < count; i++)
            {
                string cell = Cells[i % Cells.Length];
                bool unstoppable = cell.StartsWith(Unstoppable, StringComparison.Ordinal);
                if (unstoppable && restarts * 20 > i)
                {
                    continue; // each holds a processor until the kernel is started anew
                }

                JsonObject sent = kernel.Send(
                    kernel.Shell,
                    "execute_request",
                    KernelClient.Cell($"Console.Write(\"on\"); {cell}")
                );
                while (kernel.Receive(kernel.IoPub)["text"]?.StartsWith("on", StringComparison.Ordinal) != true) { }

                Thread.Sleep(random.Next(200));
                long start = Stopwatch.GetTimestamp();
                kernel.Send(kernel.Control, "interrupt_request", []);
                Received reply = kernel.Receive(kernel.Shell);
                double seconds = Stopwatch.GetElapsedTime(start).TotalSeconds;
                slowest = !unstoppable && seconds > slowest.Seconds ? (seconds, cell) : slowest;
                Assert.Equal((cell, "error", "Interrupted"), (cell, reply["status"], reply["ename"]));
                Assert.Equal(unstoppable, reply["evalue"]!.Contains("cannot be stopped", StringComparison.Ordinal));
                Assert.Equal("interrupt_reply", kernel.Receive(kernel.Control).Type);
                KernelClient.AssertParent(sent, reply);

                // What was still on its way belongs to the interrupted cell.
                JsonObject ask = kernel.Send(kernel.Shell, "execute_request", KernelClient.Cell("kept"));
                Received answer = kernel.Receive(kernel.Shell);
                Assert.Equal("ok", answer["status"]);
                Received message = kernel.Receive(kernel.IoPub);
                string? kept = null;
                while (message.Parent.ToJsonString() != ask.ToJsonString() || message["execution_state"] != "idle")
                {
                    kept = message.Type == "execute_result" ? message.Text : kept;
                    message = kernel.Receive(kernel.IoPub);
                }

                Assert.Equal("5", kept);
                if (unstoppable)
                {
                    restarts++;
                    kernel.Restart();
                    kernel.Execute("int kept = 5;");
                }
            }
        }
        finally
        {
            stopped = true;
            TestContext.Current.TestOutputHelper?.WriteLine(
                $"{count} interrupts, {restarts} of them of cells that cannot be stopped; slowest stop {slowest.Seconds:0.0} s, of {slowest.Cell}; "
                    + $"{watch.Elapsed:m\\:ss} in all; {busy.Length} busy threads. The kernel's last words: {kernel.Errors}"
            );
            kernel.Dispose();
        }

        void Compute()
        {
            while (!Volatile.Read(ref stopped)) { }
        }
    }

    private static int Setting(string name, int otherwise) =>
        Environment.GetEnvironmentVariable(name) is { Length: > 0 } text
            ? int.Parse(text, CultureInfo.InvariantCulture)
            : otherwise;
}
