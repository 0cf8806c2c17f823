using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using AttentionLab.Kernel.Tests.Jupyter;

namespace AttentionLab.Kernel.Tests.Compatibility;

/// <summary>lib/docs/compatibility.md holds: what an editor asks, and what it gets to see.</summary>
public sealed partial class EditorRowsTests
{
    private readonly Dictionary<string, Action<KernelClient, string>> _rows = new()
    {
        ["name"] = NameStandsInTheKernelspec,
        ["completion"] = NamesAreCompleted,
        ["hover"] = HoverTellsWhatAMethodDoes,
        ["signature help"] = HoverShowsTheDeclaration,
        ["diagnostics"] = AnErrorNamesItsPlace,
        ["variables"] = VariablesAreListed,
        ["input"] = InputIsAskedFor,
        ["interrupt"] = AnEndlessLoopIsInterrupted,
        ["restart"] = ARestartForgets,
        ["debugging"] = NoDebuggerIsPromised,
    };

    [Fact]
    public void Each_row_of_the_page_holds()
    {
        string page = File.ReadAllText(Path.Combine(Workspace.Repository, "lib", "docs", "compatibility.md"));
        string section = page[page.IndexOf("## In the editor", StringComparison.Ordinal)..];
        section = section[..section.IndexOf("\n## ", StringComparison.Ordinal)];
        Match[] rows = [.. Row().Matches(section).Cast<Match>()];
        Assert.Equal(_rows.Keys, rows.Select(row => row.Groups["name"].Value));

        using var kernel = new KernelClient();
        kernel.Execute("int x = 3;\nrecord Grid(int Column);");
        foreach (Match row in rows)
        {
            _rows[row.Groups["name"].Value](kernel, row.Groups["asked"].Value);
        }
    }

    private static void NameStandsInTheKernelspec(KernelClient kernel, string asked)
    {
        Assert.Equal("kernel.json", asked);
        using var workspace = new Workspace();
        Assert.Equal(0, workspace.Run("install", "--prefix", workspace.Folder).GetAwaiter().GetResult());
        JsonNode spec = JsonNode.Parse(File.ReadAllText(workspace.At("share/jupyter/kernels/.net-csharp/kernel.json")))!;
        Assert.Equal("C# (.NET 10)", (string?)spec["display_name"]);
    }

    private static void NamesAreCompleted(KernelClient kernel, string asked)
    {
        Assert.Equal(["Write", "WriteLine"], Completions(kernel, asked));
        Assert.Contains("Grid", Completions(kernel, "Gri"));
        Assert.Contains("Column", Completions(kernel, "new Grid(x).Col"));
        Assert.Contains("#!whos", Completions(kernel, "#!who"));
        Directory.CreateDirectory(Path.Combine(kernel.Folder, "packages"));
        Assert.Contains(Completions(kernel, "#r \"./pack"), name => name.Contains("packages", StringComparison.Ordinal));
    }

    private static void HoverTellsWhatAMethodDoes(KernelClient kernel, string asked)
    {
        string shown = Hover(kernel, asked, asked.IndexOf("Max", StringComparison.Ordinal));
        Assert.Contains("overload", shown, StringComparison.Ordinal);
        Assert.Contains("Returns the larger of two 32-bit signed integers", shown, StringComparison.Ordinal);
        Assert.Contains("val1 or val2, whichever is larger", shown, StringComparison.Ordinal);
        const string Throwing = "int.Parse(\"1\")";
        Assert.Contains("FormatException", Hover(kernel, Throwing, Throwing.IndexOf("Parse", StringComparison.Ordinal)));
    }

    private static void HoverShowsTheDeclaration(KernelClient kernel, string asked) =>
        Assert.Contains("int Math.Max(int val1, int val2)", Hover(kernel, "Math.Max(1, 2)", 5), StringComparison.Ordinal);

    private static void AnErrorNamesItsPlace(KernelClient kernel, string asked)
    {
        Received error = kernel.Execute($"int a = 1;\n{asked}").Outputs[^1];
        string shown = Colour()
            .Replace(string.Join('\n', error.Content["traceback"]!.AsArray().Select(part => part!.ToString())), "");
        Match found = Position().Match(shown);
        Assert.True(found.Success, shown);
        Assert.Equal("The name 'c' does not exist in the current context", found.Groups["message"].Value);
        Assert.Equal(asked, found.Groups["line"].Value);
        Assert.Equal(asked.IndexOf('c', StringComparison.Ordinal), found.Groups["before"].Length);
    }

    private static void VariablesAreListed(KernelClient kernel, string asked)
    {
        string shown = kernel.Execute(asked).Outputs[^1].Content["data"]!.ToJsonString();
        Assert.All((string[])["x", "System.Int32", "3"], word => Assert.Contains(word, shown, StringComparison.Ordinal));
    }

    private static void InputIsAskedFor(KernelClient kernel, string asked)
    {
        Assert.Equal(("Ada", false), Answer(kernel, asked, "Name?"));
        Assert.Equal(("Ada", false), Answer(kernel, "Console.ReadLine()", ""));
        Assert.Equal(("Ada", true), Answer(kernel, "(await Kernel.GetPasswordAsync(\"Word?\")).GetClearTextPassword()", "Word?"));
    }

    private static void AnEndlessLoopIsInterrupted(KernelClient kernel, string asked)
    {
        JsonObject cell = kernel.Send(kernel.Shell, "execute_request", KernelClient.Cell($"Console.Write(\"on\"); {asked}"));
        while (kernel.Receive(kernel.IoPub).Type != "stream") { }

        kernel.Send(kernel.Control, "interrupt_request", []);
        Assert.Equal("ok", kernel.Receive(kernel.Control)["status"]);
        Received end = kernel.Receive(kernel.Shell);
        KernelClient.AssertParent(cell, end);
        Assert.Equal("Interrupted", end["ename"]);
        for (int idle = 0; idle < 2; ) // of the cell and of the request
        {
            idle += kernel.Receive(kernel.IoPub)["execution_state"] == "idle" ? 1 : 0;
        }

        Assert.Equal("3", kernel.Execute("x").Outputs[0].Text);
    }

    private static void ARestartForgets(KernelClient kernel, string asked)
    {
        int before = kernel.Process.Id;
        kernel.Restart();
        Assert.NotEqual(before, kernel.Process.Id);
        Assert.Equal("CS0103", kernel.Execute("x").Reply["ename"]);
    }

    private static void NoDebuggerIsPromised(KernelClient kernel, string asked) =>
        Assert.Equal("false", kernel.Ask("kernel_info_request", []).Reply["debugger"]);

    private static string[] Completions(KernelClient kernel, string code)
    {
        Received reply = kernel.Ask("complete_request", new() { ["code"] = code, ["cursor_pos"] = code.Length }).Reply;
        return [.. reply.Content["matches"]!.AsArray().Select(match => match!.ToString())];
    }

    private static string Hover(KernelClient kernel, string code, int position)
    {
        JsonObject question = new()
        {
            ["code"] = code,
            ["cursor_pos"] = position + 1,
            ["detail_level"] = 0,
        };
        return kernel.Ask("inspect_request", question).Reply.Text ?? "";
    }

    private static (string Value, bool IsHidden) Answer(KernelClient kernel, string code, string prompt)
    {
        JsonObject cell = kernel.Send(kernel.Shell, "execute_request", KernelClient.Cell(code));
        Received question = kernel.Receive(kernel.Stdin);
        Assert.Equal(("input_request", prompt), (question.Type, question["prompt"]));
        kernel.Send(kernel.Stdin, "input_reply", new() { ["value"] = "Ada" }, (JsonObject)question.Header);
        return (kernel.End(cell).Outputs[^1].Text!, (bool)question.Content["password"]!);
    }

    [GeneratedRegex(@"^\| (?<name>\w[\w ]*) \|(?: `(?<asked>[^`]*)`)?[^|]*\|", RegexOptions.Multiline)]
    private static partial Regex Row();

    [GeneratedRegex(@"\e\[[\d;]*m")]
    private static partial Regex Colour();

    [GeneratedRegex(@"cell \d+, line 2: error CS0103: (?<message>.*)\r?\n +(?<line>int .*)\r?\n    (?<before> *)\^")]
    private static partial Regex Position();
}
