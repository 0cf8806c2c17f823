using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;

namespace AttentionLab.Kernel.Tests.Workers;

/// <summary>
/// Notebooks that try to end the run, made from a seed: damaged JSON, and cells that end, flood, nest, recurse or never return.
/// </summary>
internal static class HostileNotebooks
{
    private static readonly string[] Cells =
    [
        "Environment.Exit(0);",
        "Environment.Exit(137);",
        "Environment.FailFast(\"enough\");",
        "System.Diagnostics.Process.GetCurrentProcess().Kill();",
        "int Deep(int n) => Deep(n + 1) + 1;\nDeep(0)",
        "Func<int, int> f = null!; f = n => f(n + 1) + 1; f(0)",
        "new System.Threading.Thread(() => throw new Exception(\"thread\")).Start(); await Task.Delay(50);",
        "async void F() { await Task.Delay(5); throw new Exception(\"async void\"); }\nF(); await Task.Delay(100);",
        "_ = Task.Run(() => { System.Threading.Thread.Sleep(20); Environment.Exit(1); }); System.Threading.Thread.Sleep(5000);",
        "for (int i = 0; i < 50; i++) { new System.Threading.Thread(() => throw new Exception(\"many\")).Start(); }",
        "System.Threading.ThreadPool.UnsafeQueueUserWorkItem(_ => throw new Exception(\"pool\"), null);",
        "while (true) { }",
        "while (true) { try { System.Threading.Thread.Sleep(-1); } catch { } }",
        "while (true) { Console.WriteLine(new string('x', 1000)); }",
        "while (true) { Console.Error.Write('\\r'); }",
        "while (true) { \"<b>flood</b>\".DisplayAs(\"text/html\"); }",
        "Console.Write(new string('y', 20_000_000));",
        "Console.Write(\"\\ud800 \\udfff \\0 \\u001b]0;x\\u0007\");",
        "string.Concat(Enumerable.Repeat(\"\\udc00\", 1000))",
        "HTML(string.Concat(Enumerable.Repeat(\"<div>\", 100_000)))",
        "HTML(\"</div></section></main><script>while(true){}</script><plaintext>\")",
        "(string.Concat(Enumerable.Repeat(\"> \", 5000)) + \"deep\").DisplayAs(\"text/markdown\");",
        "(new string('[', 100_000) + new string(']', 100_000)).DisplayAs(\"application/json\");",
        "var self = new List<object>(); self.Add(self); self",
        "class T : IEnumerable<T> { public IEnumerator<T> GetEnumerator() { yield return this; } System.Collections.IEnumerator "
            + "System.Collections.IEnumerable.GetEnumerator() => GetEnumerator(); }\nnew T()",
        "record A(int P) { public A Node { get; set; } }\nvar a = new A(5); a.Node = a; a",
        "class B { public object Bad => throw new Exception(\"getter\"); public override string ToString() => throw new "
            + "Exception(\"text\"); }\nnew B()",
        "new byte[int.MaxValue].LongLength + new byte[int.MaxValue].LongLength",
        "System.IO.Directory.SetCurrentDirectory(\"/\");",
        "Console.SetOut(null!); Console.Out.Close(); Console.OpenStandardOutput().Close();",
        "System.IO.Directory.Delete(Environment.CurrentDirectory + \"/none\", true);",
        "throw null!;",
        "throw new StackOverflowException();",
        "class Odd : Exception { public override string Message => throw new Exception(\"message\"); }\nthrow new Odd();",
        "#!import self.ipynb",
        "#r \"nothing.dll\"",
        "#!fsharp\nlet x = 1",
        "((((((((((" + "1" + "))))))))))",
        "goto nowhere;",
        "System.Runtime.InteropServices.Marshal.WriteInt32(IntPtr.Zero, 1);",
        "unsafe { *(int*)8 = 1; }",
        "System.Threading.Thread.CurrentThread.Interrupt(); System.Threading.Thread.Sleep(10);",
        "AppDomain.CurrentDomain.ProcessExit += (_, _) => System.Threading.Thread.Sleep(60_000); Environment.Exit(2);",
        "1 + 1",
        "",
    ];

    private static readonly string[] Pieces =
    [
        "{",
        "}",
        "[",
        "]",
        "\"",
        "\\",
        "\\ud800",
        "null",
        "1e999",
        "-0",
        "\0",
        "\"cells\":3",
        "\"nbformat\":5",
        ",",
        "\ufeff",
        "😀",
        "\"tags\":[[]]",
        "\"metadata\":null",
        "\"outputs\":{}",
        "\"source\":{\"a\":1}",
        "#!meta",
    ];

    /// <summary>The text of a notebook.</summary>
    public static string Make(int seed)
    {
        var random = new Random(seed);
        var cells = new JsonArray();
        int count = random.Next(1, 4);
        for (int i = 0; i < count; i++)
        {
            cells.Add((JsonNode)Cell(random, i));
        }

        string json = new JsonObject
        {
            ["nbformat"] = 4,
            ["nbformat_minor"] = 5,
            ["metadata"] = new JsonObject(),
            ["cells"] = cells,
        }.ToJsonString();
        return random.Next(3) == 0 ? Damaged(json, random) : json;
    }

    private static JsonObject Cell(Random random, int index)
    {
        bool text = random.Next(8) == 0;
        var cell = new JsonObject
        {
            ["cell_type"] = text ? "markdown" : "code",
            ["id"] = string.Create(CultureInfo.InvariantCulture, $"c{index}"),
            ["metadata"] = random.Next(6) switch
            {
                0 => new JsonObject { ["tags"] = new JsonArray("raises-exception") },
                1 => new JsonObject { ["tags"] = new JsonArray("parameters") },
                2 => new JsonObject { ["vscode"] = new JsonObject { ["languageId"] = random.Next(2) == 0 ? "html" : "cobol" } },
                _ => new JsonObject(),
            },
            ["source"] = text
                ? string.Concat(Enumerable.Repeat(random.Next(2) == 0 ? "<div><script>" : "* > ", random.Next(1, 3000)))
                : Cells[random.Next(Cells.Length)],
        };
        if (!text)
        {
            cell["execution_count"] = null;
            cell["outputs"] = new JsonArray();
        }

        return cell;
    }

    private static string Damaged(string json, Random random)
    {
        var text = new StringBuilder(json);
        int changes = random.Next(1, 5);
        for (int i = 0; i < changes && text.Length > 4; i++)
        {
            int at = random.Next(text.Length);
            switch (random.Next(4))
            {
                case 0:
                    text.Length = at;
                    break;
                case 1:
                    text.Remove(at, Math.Min(random.Next(1, 20), text.Length - at));
                    break;
                case 2:
                    text.Insert(at, Pieces[random.Next(Pieces.Length)]);
                    break;
                default:
                    text[at] = (char)random.Next(1, 0x300);
                    break;
            }
        }

        return text.ToString();
    }
}
