using System.Diagnostics;
using System.Text;
using System.Text.Json.Nodes;
using NetMQ;

namespace AttentionLab.Kernel.Tests.Jupyter;

/// <summary>The protocol, message by message, with one kernel for all tests.</summary>
public sealed class KernelTests(KernelClient kernel) : IClassFixture<KernelClient>
{
    [Fact]
    public void The_kernel_says_what_it_is()
    {
        foreach (NetMQSocket socket in (NetMQSocket[])[kernel.Shell, kernel.Control])
        {
            Received reply = kernel.Ask("kernel_info_request", [], socket).Reply;
            Assert.Equal("kernel_info_reply", reply.Type);
            Assert.Equal("5.4", reply["protocol_version"]);
            Assert.Equal("C#", (string?)reply.Content["language_info"]!["name"]);
            Assert.Equal(".cs", (string?)reply.Content["language_info"]!["file_extension"]);
            Assert.Equal("ok", reply["status"]);
        }
    }

    [Fact]
    public void A_cell_is_announced_shown_and_answered_in_order()
    {
        Exchange first = kernel.Execute(
            """Console.Write("out"); Console.Error.Write("err"); var shown = display("one"); shown.Update("two"); 40 + 2"""
        );
        Assert.Equal(
            ["status", "execute_input", "stream", "stream", "display_data", "update_display_data", "execute_result", "status"],
            first.Published.Select(m => m.Type)
        );
        Assert.Equal("busy", first.Published[0]["execution_state"]);
        Assert.StartsWith("Console.Write", first.Published[1]["code"], StringComparison.Ordinal);
        Assert.Equal(("stdout", "out"), (first.Outputs[0]["name"], first.Outputs[0]["text"]));
        Assert.Equal(("stderr", "err"), (first.Outputs[1]["name"], first.Outputs[1]["text"]));
        Assert.Equal(("one", "two", "42"), (first.Outputs[2].Text, first.Outputs[3].Text, first.Outputs[4].Text));
        Assert.Equal(
            first.Outputs[2].Content["transient"]!.ToJsonString(),
            first.Outputs[3].Content["transient"]!.ToJsonString()
        );
        Assert.Equal("ok", first.Status);
        Assert.Equal(
            [first.Count, first.Count],
            new[] { first.Published[1], first.Outputs[4] }.Select(m => (int)m.Content["execution_count"]!)
        );
        Assert.Equal(first.Count + 1, kernel.Execute("var next = 1;").Count);
    }

    [Fact]
    public void A_silent_cell_runs_and_shows_nothing()
    {
        int before = kernel.Execute("int quiet = 1;").Count;
        Exchange silent = kernel.Execute(
            "quiet = 7; display(1); Console.WriteLine(quiet); quiet",
            silent: true,
            storeHistory: true
        );
        Assert.Equal(["busy", "idle"], silent.Published.Select(m => m["execution_state"]));
        Assert.Equal(("ok", before), (silent.Status, silent.Count));
        Exchange failed = kernel.Execute("throw new FormatException(\"x\");", silent: true);
        Assert.Equal(2, failed.Published.Count);
        Assert.Equal(("error", "System.FormatException"), (failed.Status, failed.Reply["ename"]));
        Exchange after = kernel.Execute("quiet");
        Assert.Equal(("7", before + 1), (after.Outputs[0].Text, after.Count));
    }

    [Fact]
    public void A_cell_outside_history_is_not_counted()
    {
        int before = kernel.Execute("1").Count;
        Exchange outside = kernel.Execute("\"outside\"", storeHistory: false);
        Assert.Equal(("outside", before), (outside.Outputs[0].Text, outside.Count));
        Assert.Equal(before + 1, kernel.Execute("1").Count);
        Assert.DoesNotContain(
            "outside",
            kernel.Ask("history_request", new() { ["hist_access_type"] = "tail", ["n"] = 99 }).Reply["history"],
            StringComparison.Ordinal
        );
    }

    [Fact]
    public void User_expressions_are_evaluated_each_for_itself()
    {
        Exchange cell = kernel.Execute(
            "int six = 6;",
            expressions: new()
            {
                ["twice"] = "six * 2",
                ["none"] = "nothing",
                ["odd"] = 3,
            }
        );
        JsonNode values = cell.Reply.Content["user_expressions"]!;
        Assert.Equal(("ok", "12"), ((string?)values["twice"]!["status"], (string?)values["twice"]!["data"]!["text/plain"]));
        Assert.Equal(("error", "CS0103"), ((string?)values["none"]!["status"], (string?)values["none"]!["ename"]));
        Assert.Equal("3", (string?)values["odd"]!["data"]!["text/plain"]);
        Assert.Empty(cell.Outputs);
    }

    [Fact]
    public void An_error_is_shown_and_told()
    {
        Exchange failed = kernel.Execute("var kept = 5;\nthrow new InvalidOperationException(\"no way\");");
        Received shown = Assert.Single(failed.Outputs);
        Assert.Equal("error", shown.Type);
        Assert.Equal(
            ("error", "System.InvalidOperationException", "no way"),
            (failed.Status, failed.Reply["ename"], failed.Reply["evalue"])
        );
        Assert.Contains($"cell {failed.Count}, line 2", failed.Reply["traceback"], StringComparison.Ordinal);
        Assert.Equal(failed.Reply["traceback"], shown["traceback"]);
        Assert.Equal("5", kernel.Execute("kept").Outputs[0].Text);
    }

    [Fact]
    public void After_an_error_waiting_cells_are_given_up()
    {
        kernel.Execute("int ran = 0;");
        JsonObject[] sent =
        [
            .. new[] { "System.Threading.Thread.Sleep(500); throw new Exception();", "ran++;", "ran++;" }.Select(code =>
                kernel.Send(kernel.Shell, "execute_request", KernelClient.Cell(code))
            ),
        ];
        JsonObject question = kernel.Send(kernel.Shell, "kernel_info_request", []);
        Exchange[] ended = [.. sent.Append(question).Select(header => kernel.End(header))];
        Assert.Equal(["error", "aborted", "aborted", "ok"], ended.Select(exchange => exchange.Status));
        Assert.All(ended[1..3], aborted => Assert.Empty(aborted.Outputs));
        Assert.Equal("0", kernel.Execute("ran").Outputs[0].Text);

        JsonObject fails = kernel.Send(
            kernel.Shell,
            "execute_request",
            KernelClient.Cell("System.Threading.Thread.Sleep(300); throw new Exception();", stopOnError: false)
        );
        JsonObject follows = kernel.Send(kernel.Shell, "execute_request", KernelClient.Cell("++ran"));
        Assert.Equal("error", kernel.End(fails).Status);
        Assert.Equal("1", kernel.End(follows).Outputs[0].Text);
    }

    [Fact]
    public void A_cell_reads_lines_and_characters_from_the_client_that_runs_it()
    {
        JsonObject cell = kernel.Send(
            kernel.Shell,
            "execute_request",
            KernelClient.Cell("Console.ReadLine() + (char)Console.Read() + (char)Console.Read() + Console.ReadLine()")
        );
        foreach (string line in (string[])["é1", "xyz"])
        {
            Received question = kernel.Receive(kernel.Stdin);
            Assert.Equal("input_request", question.Type);
            KernelClient.AssertParent(cell, question);
            kernel.Send(kernel.Stdin, "input_reply", new() { ["value"] = line }, (JsonObject)question.Header);
        }

        Assert.Equal("é1xyz", kernel.End(cell).Outputs[0].Text);
    }

    [Fact]
    public void Reading_says_clearly_when_the_client_gives_no_input()
    {
        Exchange failed = kernel.Ask("execute_request", KernelClient.Cell("Console.ReadLine()", allowStdin: false));
        Assert.Contains("allow_stdin", failed.Reply["evalue"], StringComparison.Ordinal);
    }

    [Fact]
    public void An_interrupt_ends_a_wait_for_input_and_a_loop_and_keeps_the_state()
    {
        JsonObject reading = kernel.Send(
            kernel.Shell,
            "execute_request",
            KernelClient.Cell("long tally = 1; Console.ReadLine()")
        );
        kernel.Receive(kernel.Stdin);
        Interrupt(reading);
        JsonObject looping = kernel.Send(
            kernel.Shell,
            "execute_request",
            KernelClient.Cell("Console.Write(\"on\"); while (true) tally++;")
        );
        AwaitOutput(looping, "on");
        Interrupt(looping);
        Assert.Equal("True", kernel.Execute("tally > 1").Outputs[0].Text);

        void Interrupt(JsonObject cell)
        {
            JsonObject interrupt = kernel.Send(kernel.Control, "interrupt_request", []);
            Received reply = kernel.Receive(kernel.Control);
            Assert.Equal(("interrupt_reply", "ok"), (reply.Type, reply["status"]));
            KernelClient.AssertParent(interrupt, reply);
            Received end = kernel.Receive(kernel.Shell);
            Assert.Equal(("error", "Interrupted"), (end["status"], end["ename"]));
            KernelClient.AssertParent(cell, end);

            // Two requests were worked on at once: their messages mix.
            for (int idle = 0; idle < 2; )
            {
                idle += kernel.Receive(kernel.IoPub)["execution_state"] == "idle" ? 1 : 0;
            }
        }
    }

    [Fact]
    public void Late_output_belongs_to_the_cell_that_runs_or_ran_last()
    {
        kernel.Execute(
            "var go = new TaskCompletionSource(); var again = new TaskCompletionSource(); var late = Task.Run(async () => { "
                + "await go.Task; Console.Write(\"late\"); await again.Task; await Task.Delay(300); display(\"later\"); });"
        );
        JsonObject cell = kernel.Send(
            kernel.Shell,
            "execute_request",
            KernelClient.Cell("go.SetResult(); System.Threading.Thread.Sleep(300); again.SetResult();")
        );
        Assert.Equal("late", Assert.Single(kernel.End(cell).Outputs)["text"]);
        Received later = kernel.Receive(kernel.IoPub);
        Assert.Equal("later", later.Text);
        KernelClient.AssertParent(cell, later);
    }

    [Theory]
    [InlineData("async void Bad() { await Task.Delay(1); throw new FormatException(\"bad\"); } Bad();")]
    [InlineData("new System.Threading.Thread(() => throw new FormatException(\"bad\")).Start();")]
    [InlineData("System.Threading.ThreadPool.QueueUserWorkItem(_ => throw new FormatException(\"bad\"));")]
    public void What_nobody_caught_on_another_thread_is_shown_and_the_kernel_goes_on(string code)
    {
        Received shown = Assert.Single(kernel.Execute(code + " await Task.Delay(500);").Outputs);
        Assert.Equal("stderr", shown["name"]);
        Assert.Contains("System.FormatException\e[39m: bad", shown["text"], StringComparison.Ordinal);
        Assert.Equal("2", kernel.Execute("1 + 1").Outputs[0].Text);
    }

    [Fact]
    public void Much_text_comes_whole_in_few_messages()
    {
        Print("");

        // About as fast as the kernel sends, so that a line often finds nothing waiting before it.
        Print("var pace = System.Diagnostics.Stopwatch.StartNew(); while (pace.Elapsed.TotalMicroseconds < 20) { }");
        Assert.Equal("\ufffd!", kernel.Execute("Console.Write(\"\\ud800!\");").Outputs[0]["text"]);

        void Print(string between)
        {
            var watch = Stopwatch.StartNew();
            Exchange cell = kernel.Execute($"for (int i = 0; i < 50000; i++) {{ Console.WriteLine(i); {between} }}");
            Assert.Equal(
                string.Concat(Enumerable.Range(0, 50000).Select(i => $"{i}\n")),
                string.Concat(cell.Outputs.Select(m => m["text"]))
            );
            Assert.InRange(cell.Outputs.Count, 1, 10 + (watch.ElapsedMilliseconds / 20));
        }
    }

    [Fact]
    public void Native_text_belongs_to_the_cell_that_wrote_it()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Native output is left as it is on Windows.");
        Exchange cell = kernel.Execute(
            """[System.Runtime.InteropServices.DllImport("libc")] static extern int puts(string text); puts("from C"); 1"""
        );
        Assert.Contains(cell.Outputs, output => output["text"] == "from C\n");
    }

    [Theory]
    [InlineData("int a = 1;", "complete")]
    [InlineData("if (true) {", "incomplete")]
    [InlineData("int = ;", "invalid")]
    public void A_text_is_complete_incomplete_or_invalid(string code, string status) =>
        Assert.Equal(status, kernel.Ask("is_complete_request", new() { ["code"] = code }).Status);

    [Fact]
    public void Completion_and_hover_count_characters_as_the_protocol_does()
    {
        kernel.Execute("string word = \"w\";");
        const string Code = "var s = \"😀😀\"; word.ToUpperIn"; // each smiley is one character of the protocol, two in C#
        Received completed = kernel.Ask("complete_request", new() { ["code"] = Code, ["cursor_pos"] = Code.Length - 2 }).Reply;
        Assert.Equal(["ToUpperInvariant"], completed.Content["matches"]!.AsArray().Select(match => (string?)match));
        Assert.Equal(
            (Code.Length - 11, Code.Length - 2),
            ((int)completed.Content["cursor_start"]! + 0, (int)completed.Content["cursor_end"]!)
        );
        Received hover = kernel
            .Ask(
                "inspect_request",
                new()
                {
                    ["code"] = "Console.WriteLine(word)",
                    ["cursor_pos"] = 20,
                    ["detail_level"] = 0,
                }
            )
            .Reply;
        Assert.Equal("true", hover["found"]);
        Assert.Contains("string word", hover.Text, StringComparison.Ordinal);
        Assert.Equal("false", kernel.Ask("inspect_request", new() { ["code"] = " ", ["cursor_pos"] = 1 }).Reply["found"]);
    }

    [Theory]
    [InlineData("Console.Wr", "Console.WriteLine", "void Console.WriteLine()")]
    [InlineData("int a = 1;\nif (a > 0)\n{\n    Console.Wr", "int a = 1;\n WriteLine", null)] // not as many characters as in the line
    [InlineData("int a = 1;\nif (a > 0)\n{\n    Console.Wr", "int a = 1;\nWriteLine", null)]
    [InlineData("int a = 1;\nif (a > 0)\n{\n    Console.Wr", "int a = 1;\niWriteLine", "void Console.WriteLine()")]
    public void VS_Code_is_understood_when_it_asks_about_a_suggestion(string code, string asked, string? declaration)
    {
        Received suggested = kernel.Ask("complete_request", new() { ["code"] = code, ["cursor_pos"] = code.Length }).Reply;
        Assert.Equal(["Write", "WriteLine"], suggested.Content["matches"]!.AsArray().Select(match => (string?)match));
        Received shown = kernel.Ask("inspect_request", new() { ["code"] = asked, ["cursor_pos"] = asked.Length }).Reply;
        Assert.Equal(declaration, shown.Text?.Split(" (+")[0]);
    }

    [Theory]
    [InlineData("Console.Wr", "WriteLine", "function")]
    [InlineData("\"\".Firs", "First", "function")] // an extension
    [InlineData("int own = 1; { int inner = 2; inn", "inner", "variable")]
    [InlineData("using System.Thr", "Threading", "module")]
    [InlineData("DateTim", "DateTime", "struct")]
    [InlineData("\"\".Len", "Length", "property")]
    [InlineData("StringBuil", "StringBuilder", "class")]
    [InlineData("#!who", "#!whos", "keyword")]
    public void The_type_of_a_suggestion_is_told_in_words_that_clients_know(string code, string name, string type)
    {
        Received suggested = kernel.Ask("complete_request", new() { ["code"] = code, ["cursor_pos"] = code.Length }).Reply;
        JsonNode? entry = suggested.Content["metadata"]!["_jupyter_types_experimental"]!
            .AsArray()
            .First(item => (string?)item!["text"] == name);
        Assert.Equal(type, (string?)entry!["type"]);
    }

    [Fact]
    public void History_is_told_by_range_from_the_end_and_by_pattern()
    {
        int first = kernel.Execute("\"alpha one\"").Count;
        kernel.Execute("int alpha2 = 2;");
        kernel.Execute("int alpha2 = 2;");
        Assert.Equal(
            $"[1,{first + 1},int alpha2 = 2;][1,{first + 2},int alpha2 = 2;]",
            History(new() { ["hist_access_type"] = "tail", ["n"] = 2 })
        );
        Assert.Equal(
            $"[1,{first},\"alpha one\"]",
            History(
                new()
                {
                    ["hist_access_type"] = "range",
                    ["session"] = 0,
                    ["start"] = first,
                    ["stop"] = first + 1,
                }
            )
        );
        Assert.Equal(
            $"[1,{first + 2},int alpha2 = 2;]",
            History(
                new()
                {
                    ["hist_access_type"] = "search",
                    ["pattern"] = "int alpha?*",
                    ["unique"] = true,
                    ["n"] = 5,
                }
            )
        );
        JsonNode withOutput = kernel
            .Ask(
                "history_request",
                new()
                {
                    ["hist_access_type"] = "range",
                    ["start"] = first,
                    ["stop"] = first + 1,
                    ["output"] = true,
                }
            )
            .Reply.Content["history"]!;
        Assert.Equal("alpha one", (string?)withOutput[0]![2]![1]);
        Assert.Equal("error", kernel.Ask("history_request", new() { ["hist_access_type"] = "other" }).Status);

        string History(JsonObject request) =>
            string.Concat(
                kernel.Ask("history_request", request).Reply.Content["history"]!
                    .AsArray()
                    .Select(cell => $"[{cell![0]},{cell[1]},{cell[2]}]")
            );
    }

    [Fact]
    public void Comms_are_closed_as_soon_as_they_are_opened()
    {
        Assert.Equal("{}", kernel.Ask("comm_info_request", []).Reply["comms"]);
        JsonObject open = kernel.Send(
            kernel.Shell,
            "comm_open",
            new()
            {
                ["comm_id"] = "c1",
                ["target_name"] = "jupyter.widget",
                ["data"] = new JsonObject(),
            }
        );
        Received closed = Assert.Single(kernel.Published(open)[1..^1]);
        Assert.Equal(("comm_close", "c1"), (closed.Type, closed["comm_id"]));
    }

    [Fact]
    public void The_heartbeat_comes_back()
    {
        kernel.Heartbeat.SendMultipartMessage(
            new NetMQMessage([
                [],
                "ping"u8.ToArray(),
            ])
        );
        NetMQMessage? echo = null;
        Assert.True(kernel.Heartbeat.TryReceiveMultipartMessage(TimeSpan.FromSeconds(30), ref echo));
        Assert.Equal("ping", echo!.Last.ConvertToString());
    }

    [Fact]
    public void Forged_replayed_and_malformed_messages_are_dropped_and_nothing_stops()
    {
        const string Secret = "1 + 4711";
        string Header(string type = "execute_request") => KernelClient.Header(type).ToJsonString();
        string content = KernelClient.Cell(Secret).ToJsonString();
        foreach (NetMQSocket socket in (NetMQSocket[])[kernel.Shell, kernel.Control, kernel.Stdin])
        {
            socket.SendMultipartMessage(
                new NetMQMessage([
                    [],
                ])
            );
            socket.SendMultipartMessage(
                new NetMQMessage([
                    [0xff, 0xfe],
                    "<IDS|MSG>"u8.ToArray(),
                ])
            );
            kernel.SendFrames(socket, [Header("shutdown_request"), "{}", "{}", "{}"], signature: new string('0', 64));
            kernel.SendFrames(socket, [Header("shutdown_request"), "{}", "{}", "{}"], signature: "");
            kernel.SendFrames(socket, [Header(), "{}", "{}"]);
            kernel.SendFrames(socket, ["{", "{}", "{}", content]);
            kernel.SendFrames(socket, ["{\"msg_id\":\"1\"}", "{}", "{}", content]);
            kernel.SendFrames(socket, ["{\"msg_type\":\"\\ud800\",\"msg_id\":\"1\"}", "{}", "{}", content]);
            kernel.SendFrames(
                socket,
                [Encoding.UTF8.GetBytes(Header()), "{}"u8.ToArray(), "{}"u8.ToArray(), [.. "{\"code\":\""u8, 0xff, .. "\"}"u8]]
            );
            kernel.SendFrames(socket, ["{\"msg_type\":\"execute_request\",\"msg_id\":7}", "{}", "{}", content]);
            kernel.SendFrames(socket, [Header(), "[]", "{}", content]);
            kernel.SendFrames(socket, [Header(), "{}", "{}", "[]"]);
            kernel.SendFrames(socket, [Header(), "{}", "{}", "{\"code\":\"1\",\"code\":\"2\"}"]);
            kernel.SendFrames(socket, [Header(), "{}", "{}", new string('[', 5000) + new string(']', 5000)]);
        }

        JsonObject once = KernelClient.Header("execute_request");
        string[] frames = [once.ToJsonString(), "{}", "{}", KernelClient.Cell("\"once\"").ToJsonString()];
        kernel.SendFrames(kernel.Shell, frames);
        kernel.SendFrames(kernel.Shell, frames);
        Assert.Equal("once", kernel.End(once).Outputs[0].Text);
        JsonObject number = kernel.Send(kernel.Shell, "execute_request", new() { ["code"] = 5 });
        Assert.Equal("error", kernel.End(number).Status);
        JsonObject unknown = kernel.Send(kernel.Shell, "weather_request", []);
        Assert.Equal(2, kernel.Published(unknown).Count);
        kernel.Send(kernel.Stdin, "input_reply", []);
        Assert.Equal("2", kernel.Execute("1 + 1").Outputs[0].Text);

        Assert.Contains("Shell was dropped: its signature is wrong", kernel.Errors, StringComparison.Ordinal);
        Assert.Contains("Control was dropped: its signature is wrong", kernel.Errors, StringComparison.Ordinal);
        Assert.Contains("Shell was dropped: it was here before", kernel.Errors, StringComparison.Ordinal);
        Assert.Contains("its content is not valid JSON in UTF-8", kernel.Errors, StringComparison.Ordinal);
        Assert.Contains("weather_request on Shell is not known", kernel.Errors, StringComparison.Ordinal);
        Assert.DoesNotContain("4711", kernel.Errors, StringComparison.Ordinal);
        Assert.DoesNotContain("once", kernel.Errors, StringComparison.Ordinal);
    }

    private void AwaitOutput(JsonObject cell, string text)
    {
        Received message = kernel.Receive(kernel.IoPub);
        while (message["text"] != text)
        {
            KernelClient.AssertParent(cell, message);
            message = kernel.Receive(kernel.IoPub);
        }
    }
}
