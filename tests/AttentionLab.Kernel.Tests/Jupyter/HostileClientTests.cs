using System.Diagnostics;
using System.Globalization;
using System.Text.Json.Nodes;
using AttentionLab.Kernel.Commands;

namespace AttentionLab.Kernel.Tests.Jupyter;

/// <summary>Messages, cells and clients that would block a kernel, fill its memory or end it.</summary>
public sealed class HostileClientTests(KernelClient kernel) : IClassFixture<KernelClient>
{
    private const string Collect = "GC.Collect(2, GCCollectionMode.Aggressive, true, true);";

    [Fact]
    public void A_malformed_answer_leaves_the_question_open()
    {
        JsonObject cell = kernel.Send(kernel.Shell, "execute_request", KernelClient.Cell("Console.ReadLine()"));
        JsonNode question = kernel.Receive(kernel.Stdin).Header;
        kernel.Send(kernel.Stdin, "input_reply", [], (JsonObject)question);
        kernel.Send(kernel.Stdin, "input_reply", new() { ["value"] = 5 }, (JsonObject)question);
        kernel.SendFrames(
            kernel.Stdin,
            [KernelClient.Header("input_reply").ToJsonString(), question.ToJsonString(), "{}", """{"value":"\ud800"}"""]
        );
        kernel.Send(kernel.Stdin, "input_reply", new() { ["value"] = "right" }, (JsonObject)question);
        Assert.Equal("right", kernel.End(cell).Outputs[0].Text);
    }

    [Fact]
    public void Input_and_passwords_are_asked_for_with_a_prompt()
    {
        JsonObject cell = kernel.Send(
            kernel.Shell,
            "execute_request",
            KernelClient.Cell(
                """
                var name = await Kernel.GetInputAsync("Name?"); var secret = await Kernel.GetPasswordAsync("Secret?");
                display(secret); $"{name} {secret} {secret.GetClearTextPassword()}"
                """
            )
        );
        foreach (
            (string prompt, string password, string answer) in new[] { ("Name?", "false", "Ada"), ("Secret?", "true", "love") }
        )
        {
            Received question = kernel.Receive(kernel.Stdin);
            Assert.Equal((prompt, password), (question["prompt"], question["password"]));
            kernel.Send(kernel.Stdin, "input_reply", new() { ["value"] = answer }, (JsonObject)question.Header);
        }

        Exchange ended = kernel.End(cell);
        Assert.DoesNotContain("love", ended.Outputs[0].Text, StringComparison.Ordinal);
        Assert.Equal("Ada ************ love", ended.Outputs[1].Text);
    }

    [Fact]
    public void Half_a_surrogate_pair_is_refused_with_a_reason()
    {
        JsonObject header = KernelClient.Header("execute_request");
        kernel.SendFrames(kernel.Shell, [header.ToJsonString(), "{}", "{}", """{"code":"var s = \"\ud800\";"}"""]);
        Exchange refused = kernel.End(header);
        Assert.Equal("error", refused.Status);
        Assert.Contains("half of a surrogate pair", refused.Reply["evalue"], StringComparison.Ordinal);
        Assert.Equal("2", kernel.Execute("1 + 1").Outputs[0].Text);
    }

    [Theory]
    [InlineData("(", ")")]
    [InlineData("[", "]")]
    [InlineData("$\"{", "}\"")]
    [InlineData("List<", ">")]
    [InlineData("(", "")]
    public void Brackets_in_brackets_do_not_block(string open, string close)
    {
        string code = string.Concat(Enumerable.Repeat(open, 20_000)) + "1" + string.Concat(Enumerable.Repeat(close, 20_000));
        TimeSpan before = kernel.Process.TotalProcessorTime;
        Exchange refused = kernel.Execute(code);
        Assert.Equal("error", refused.Status);
        Assert.Contains("more than 500 brackets", refused.Reply["evalue"], StringComparison.Ordinal);
        Assert.Equal("invalid", kernel.Ask("is_complete_request", new() { ["code"] = code }).Status);
        Assert.Equal("ok", kernel.Ask("complete_request", new() { ["code"] = code, ["cursor_pos"] = 5 }).Status);
        Assert.Equal("ok", kernel.Ask("inspect_request", new() { ["code"] = code, ["cursor_pos"] = 5 }).Status);
        kernel.Process.Refresh();
        Assert.InRange((kernel.Process.TotalProcessorTime - before).TotalSeconds, 0, 30);
    }

    [Fact]
    public void Megabytes_of_code_are_refused_and_leave_nothing_behind()
    {
        kernel.Execute("1");
        kernel.Ask("complete_request", new() { ["code"] = "Console.", ["cursor_pos"] = 8 }); // it loads much, at some time
        long before = Memory(kernel);
        Exchange refused = kernel.Execute(new string('x', 40_000_000));
        Assert.Contains("40,000,000 characters", refused.Reply["evalue"], StringComparison.Ordinal);
        kernel.Execute("1");
        Assert.InRange(Memory(kernel) - before, long.MinValue, 200_000_000);
    }

    [Theory]
    [InlineData('m', 16_000)] // more than the messages that are kept for one subscriber
    [InlineData('中', 1_000)]
    [InlineData('\u001b', 500)]
    public void A_subscriber_that_never_reads_costs_a_bounded_amount_and_one_that_reads_misses_nothing(char first, int pieces)
    {
        const int Piece = 1 << 14;
        using var own = new KernelClient();
        own.ConnectDeafSubscriber();
        own.Execute(Collect);
        long before = Memory(own);
        JsonObject cell = own.Send(
            own.Shell,
            "execute_request",
            KernelClient.Cell(
                $"for (int i = 0; i < {pieces}; i++) Console.Write(new string((char)({(int)first} + (i & 1)), {Piece}));"
            )
        );
        long length = 0;
        Received message = own.Receive(own.IoPub);
        while (message["execution_state"] != "idle")
        {
            foreach (char character in message.Type == "stream" ? message["text"]! : "")
            {
                if (character != first + ((length++ / Piece) & 1))
                {
                    Assert.Fail($"Character {length} is U+{(int)character:X4}.");
                }
            }

            message = own.Receive(own.IoPub);
        }

        Assert.Equal((long)pieces * Piece, length);
        Received reply = own.Receive(own.Shell);
        KernelClient.AssertParent(cell, reply);
        own.Execute(Collect);
        long grown = Memory(own) - before;
        TestContext.Current.TestOutputHelper?.WriteLine($"{length:N0} characters, memory grew by {grown / 1e6:0} MB");
        Assert.InRange(grown, long.MinValue, 250_000_000);
        Assert.Equal("2", own.Execute("1 + 1").Outputs[0].Text);
    }

    [Fact]
    public void Large_displays_that_a_subscriber_never_reads_cost_a_bounded_amount_and_one_that_reads_misses_none()
    {
        const int Displays = 300,
            Size = 1_000_000; // as long as a value is shown whole; together far more than may wait for one subscriber
        using var own = new KernelClient();
        own.ConnectDeafSubscriber();
        own.Execute(Collect);
        long before = Memory(own);
        JsonObject cell = own.Send(
            own.Shell,
            "execute_request",
            KernelClient.Cell($"for (int i = 0; i < {Displays}; i++) display(new string((char)('a' + (i % 26)), {Size}));")
        );
        int seen = 0;
        Received message = own.Receive(own.IoPub);
        while (message["execution_state"] != "idle")
        {
            if (message.Type == "display_data")
            {
                Assert.Equal(Size, message.Text!.Length);
                Assert.Equal('a' + (seen++ % 26), message.Text[0]);
            }

            message = own.Receive(own.IoPub);
        }

        Assert.Equal(Displays, seen);
        KernelClient.AssertParent(cell, own.Receive(own.Shell));
        own.Execute(Collect);
        long grown = Memory(own) - before;
        TestContext.Current.TestOutputHelper?.WriteLine($"memory grew by {grown / 1e6:0} MB");
        Assert.InRange(grown, long.MinValue, 250_000_000);
        Assert.Equal("2", own.Execute("1 + 1").Outputs[0].Text);
    }

    [Fact]
    public void A_second_kernel_on_the_same_connection_file_names_the_port()
    {
        using var second = Process.Start(
            new ProcessStartInfo(
                "dotnet",
                [
                    Path.Combine(AppContext.BaseDirectory, "csharp-kernel.dll"),
                    "kernel",
                    "--connection-file",
                    kernel.ConnectionFile,
                ]
            )
            {
                RedirectStandardError = true,
            }
        )!;
        string error = second.StandardError.ReadToEnd();
        Assert.True(second.WaitForExit(TimeSpan.FromMinutes(3)));
        Assert.Equal(ExitCode.Failed, second.ExitCode);
        JsonNode ports = JsonNode.Parse(File.ReadAllText(kernel.ConnectionFile))!;
        Assert.Contains(
            $"Port {ports["shell_port"]} (shell_port of the connection file) is in use",
            error,
            StringComparison.Ordinal
        );
        Assert.Contains("End it", error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("TMPDIR", "/no/such/folder")]
    [InlineData("JPY_PARENT_PID", "99999999999999999999")]
    [InlineData("JPY_PARENT_PID", "-7")]
    [InlineData("JPY_PARENT_PID", "nobody")]
    public void A_kernel_starts_whatever_its_environment_says(string name, string value)
    {
        using var odd = new KernelClient(null, (name, value));
        Assert.Equal("2", odd.Execute("await Task.Delay(1500); 1 + 1").Outputs[0].Text);
        if (name == "JPY_PARENT_PID")
        {
            Assert.Contains($"JPY_PARENT_PID is \"{value}\"", odd.Errors, StringComparison.Ordinal);
        }
    }

    private static long Memory(KernelClient kernel)
    {
        kernel.Process.Refresh();
        return OperatingSystem.IsLinux()
            ? long.Parse(
                File.ReadLines($"/proc/{kernel.Process.Id}/status")
                    .First(line => line.StartsWith("VmRSS", StringComparison.Ordinal))
                    .Split(' ', StringSplitOptions.RemoveEmptyEntries)[1],
                CultureInfo.InvariantCulture
            ) * 1024
            : kernel.Process.WorkingSet64;
    }
}
