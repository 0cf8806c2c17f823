namespace AttentionLab.Kernel.Tests.Compatibility;

/// <summary>The rows of lib/docs/compatibility.md, each with cells that show it.</summary>
internal static class CompatibilityRows
{
    /// <summary>What the cells of rows may use.</summary>
    public const string Usings = """
        using Microsoft.DotNet.Interactive;
        using Microsoft.DotNet.Interactive.Commands;
        using Microsoft.DotNet.Interactive.Events;
        using Microsoft.DotNet.Interactive.Formatting;
        using System.IO;
        """;

    /// <summary>Rows that need more than cells, with the test that shows each.</summary>
    public static readonly IReadOnlyDictionary<string, string> TestedElsewhere = new Dictionary<string, string>
    {
        ["#r \"nuget: Id, Version\""] = nameof(Session.PackagesTests.What_was_restored_is_shown_with_its_versions),
        ["#i \"nuget: source\""] = nameof(
            Session.PackagesTests.A_package_from_a_folder_is_restored_with_its_own_packages_and_known_the_second_time
        ),
        ["#i @csharp:name"] = nameof(Session.PackagesTests.A_source_or_a_package_may_be_a_variable),
        ["extensions of packages"] = nameof(Session.PackageExtensionsTests.A_packages_extension_registers_its_formatters),
        ["extension.dib"] = nameof(Session.PackageExtensionsTests.A_packages_script_runs_before_the_cell),
        ["Kernel.GetInputAsync, GetPasswordAsync"] = nameof(
            Jupyter.HostileClientTests.Input_and_passwords_are_asked_for_with_a_prompt
        ),
        ["#!set --value @input:question"] = nameof(
            Session.SharedValuesTests.A_question_is_a_text_an_object_or_the_variables_name
        ),
        ["DisplayedValue.Update"] = nameof(
            Session.CSharpEngineTests.A_displayed_value_is_replaced_in_place_also_from_a_later_cell
        ),
        ["KernelInvocationContext.Current.CancellationToken"] = nameof(Session.CSharpEngineTests.A_cell_sees_that_it_shall_stop),
    };

    /// <summary>A notebook with text and code, for <c>#!import</c>.</summary>
    public static string ImportedNotebook { get; } =
        Imported(
            "imported.ipynb",
            Workspace
                .Json("md:imported *text*", "int imported = 8;")
                .Replace(
                    "\"metadata\":{},\"cells\"",
                    "\"metadata\":{\"kernelspec\":{\"name\":\".net-csharp\",\"language\":\"C#\"}},\"cells\"",
                    StringComparison.Ordinal
                )
        );

    public static readonly IReadOnlyList<CompatibilityRow> All =
    [
        new("a value as the last expression", Standing.Same, "7", "3 + 4"),
        new("top-level await", Standing.Same, "5", "await Task.FromResult(5)"),
        new("Console.Write", Standing.Same, "written", "Console.Write(\"written\");"),
        new("display(value)", Standing.Same, "one | 2", "display(\"one\"); display(2);"),
        new("value.Display()", Standing.Same, "shown", "\"shown\".Display();"),
        new("display(value, mimeType)", Standing.Same, "6", "display(6, \"text/plain\");"),
        new("text.DisplayAs(mimeType)", Standing.Same, "bold", "\"<b>bold</b>\".DisplayAs(\"text/html\");"),
        new("sequence.DisplayTable()", Standing.Same, "A B 1 x", "new[] { new { A = 1, B = \"x\" } }.DisplayTable();"),
        new("array.DisplayTable()", Standing.Same, "value 3 1 2", "new[] { 3, 1, 2 }.DisplayTable();"),
        new(
            "ExpandoObject",
            Standing.Same,
            "Name n",
            "dynamic expando = new System.Dynamic.ExpandoObject(); expando.Name = \"n\"; expando"
        ),
        new(
            "JsonNode",
            Standing.Different,
            "{\"a\":[1,null]} a [1,null]",
            "System.Text.Json.Nodes.JsonNode.Parse(\"{\\\"a\\\":[1,null]}\")"
        )
        {
            There = "Options <null> Parent",
        },
        new(
            "DataTable",
            Standing.Different,
            "Id Name 1 one 2",
            "var data = new System.Data.DataTable(); data.Columns.Add(\"Id\", typeof(int)); data.Columns.Add(\"Name\");"
                + " data.Rows.Add(1, \"one\"); data.Rows.Add(2); data"
        )
        {
            There = "CaseSensitive False",
        },
        new("HTML(text)", Standing.Same, "hi", "HTML(\"<i>hi</i>\")"),
        new("Javascript(script)", Standing.Same, "<script type=\"text/javascript\">1+1</script>", "Javascript(\"1+1\");"),
        new("CSS(rules)", Standing.Different, "<style>.a { color: red }</style>", "CSS(\".a { color: red }\");")
        {
            There = ".a { color: red }",
        },
        new("LaTeXString", Standing.Same, "\\alpha + 1", "(LaTeXString)@\"\\alpha + 1\""),
        new("PasswordString", Standing.Same, "************", "new PasswordString(\"abc\").ToString()"),
        new("KernelInvocationContext.Current.Display(value)", Standing.Same, "9", "KernelInvocationContext.Current.Display(9);"),
        new(
            "KernelInvocationContext.Current.Display(…).Update",
            Standing.Same,
            "after",
            "var updated = KernelInvocationContext.Current.Display(\"before\"); updated.Update(\"after\");"
        ),
        new("Kernel.Current", Standing.Same, "csharp", "Kernel.Current.Name"),
        new("Kernel.Root", Standing.Same, ".NET", "Kernel.Root.Name"),
        new(
            "kernel.RootKernel, ParentKernel",
            Standing.Same,
            ".NET True",
            "Kernel.Current.ParentKernel.Name + \" \" + (Kernel.Current.RootKernel == Kernel.Root && Kernel.Root.ParentKernel is null)"
        ),
        new(
            "Kernel.Root.FindKernelByName, FindKernels",
            Standing.Same,
            "csharp csharp True 1",
            "Kernel.Root.FindKernelByName(\"csharp\").Name + \" \" + Kernel.Current.FindKernelByName(\"csharp\").Name + \" \" + "
                + "(Kernel.Root.FindKernelByName(\"nobody\") is null) + \" \" + Kernel.Root.FindKernels(k => k.Name == "
                + "\"csharp\").Count()"
        ),
        new(
            "Kernel.Root.SendAsync(new SubmitCode(…))",
            Standing.Same,
            "11",
            "await Kernel.Root.SendAsync(new SubmitCode(\"5 + 6\"));"
        ),
        new("kernel.SubmitCodeAsync(…)", Standing.Same, "12", "await Kernel.Current.SubmitCodeAsync(\"display(12)\");"),
        new(
            "what submitted code declares",
            Standing.Same,
            "2",
            """
            await Kernel.Root.SendAsync(new SubmitCode("int sent = 2;"));
            await Kernel.Root.SendAsync(new SubmitCode("Console.Write(sent)"));
            """
        ),
        new(
            "KernelCommandResult.Events",
            Standing.Different,
            "CommandFailed 'nonsense' does not exist",
            """
            var events = (await Kernel.Root.SendAsync(new SubmitCode("nonsense"))).Events;
            var failed = (CommandFailed)events.Last();
            Console.Write(failed.GetType().Name + failed.Message[failed.Message.IndexOf(" 'nonsense")..]);
            """
        )
        {
            There = "CommandFailed 'nonsense' does not exist",
        },
        new(
            "Formatter.Register<T>(…)",
            Standing.Same,
            "P is 3",
            "record P(int X); Formatter.Register<P>((p, writer) => writer.Write($\"P is {p.X}\"), \"text/html\");",
            "new P(3)"
        ),
        new(
            "Formatter.Register(typeof(Box<>), …)",
            Standing.Same,
            "a box",
            "class Box<T> { } Formatter.Register(typeof(Box<>), (object box, TextWriter writer) => writer.Write(\"a box\"), \"text/html\");",
            "new Box<int>()"
        ),
        new(
            "Formatter.SetPreferredMimeTypesFor",
            Standing.Same,
            "plainly Q",
            "class Q { public override string ToString() => \"plainly Q\"; } Formatter.SetPreferredMimeTypesFor(typeof(Q), \"text/plain\");"
                + " Formatter.Register<Q>(q => q.ToString(), \"text/plain\");",
            "new Q()"
        ),
        new(
            "Formatter<T>.Register(…)",
            Standing.Different,
            "R is here",
            "class R { } Formatter<R>.Register((r, writer) => writer.Write(\"R is here\"), \"text/html\");",
            "new R()"
        )
        {
            There = "'R' could not be found",
        },
        new("#r \"path.dll\"", Standing.Same, "a", $"#r \"{Library}\"\nMarkdig.Markdown.ToPlainText(\"*a*\").Trim()"),
        new(
            "#r \"name.dll\" of the framework",
            Standing.Same,
            "named",
            "#r \"System.Data.dll\"\nnew System.Data.DataTable(\"named\").TableName"
        ),
        new(
            "Newtonsoft.Json",
            Standing.Same,
            "{\"a\":1}",
            "Console.Write(Newtonsoft.Json.JsonConvert.SerializeObject(new { a = 1 }));"
        ),
        new("#!import", Standing.Same, "imported text | 8", $"#!import \"{ImportedNotebook}\"\nimported"),
        new("#!time", Standing.Different, "ms, of which compilation", "#!time\n1") { There = "Wall time: " },
        new("#!who", Standing.Different, "whoA whoB", "int whoA = 1, whoB = 2;", "#!who") { There = "whoA , whoB" },
        new("#!whos", Standing.Same, "whosA System.Int32 3", "int whosA = 3;", "#!whos"),
        new("#!value", Standing.Same, "stored text", "#!value --name stored\nstored text"),
        new("#!set --value text", Standing.Same, "String 5", "#!set --name five --value 5", "five.GetType().Name + \" \" + five"),
        new(
            "#!set --value @value:name",
            Standing.Same,
            "hello",
            "#!value --name greeting\nhello",
            "#!set --name greeted --value @value:greeting",
            "greeted"
        ),
        new(
            "#!set of JSON",
            Standing.Same,
            "JsonDocument",
            "#!value --name json --mime-type application/json\n{\"a\": 1}",
            "#!set --name document --value @value:json",
            "document.GetType().Name"
        ),
        new(
            "#!set --value @csharp:name",
            Standing.Same,
            "4",
            "int two = 2;",
            "#!set --name too --value @csharp:two",
            "too + two"
        ),
        new("#!share --from", Standing.Same, "shared", "#!value --name first\nshared", "#!share --from value first", "first"),
        new(
            "#!share --from csharp",
            Standing.Same,
            "of the same name",
            "string mine = \"of the same name\";",
            "#!share --from csharp mine",
            "mine"
        ),
        new(
            "#!set --byref",
            Standing.Same,
            "True",
            "var referred = new object();",
            "#!set --byref --name referring --value @csharp:referred",
            "object.ReferenceEquals(referring, referred)"
        ),
        new(
            "#!value --from-value @csharp:name",
            Standing.Same,
            "carried",
            "string carrier = \"carried\";",
            "#!value --from-value @csharp:carrier --name kept"
        ),
        new(
            "#!set, #!share in a script",
            Standing.Different,
            "<script type=\"text/javascript\">var two = 2;</script>",
            "int two = 2;",
            "#!javascript\n#!share --from csharp two"
        ),
        new("#!about", Standing.Different, "AttentionLab.Kernel", "#!about") { There = ".NET Interactive" },
        new("#!lsmagic", Standing.Different, "#!lsmagic", "#!lsmagic") { There = "csharp kernel" },
        new("#!csharp, #!c#", Standing.Same, "13", "#!csharp\n13"),
        new("#!markdown", Standing.Same, "emphasis", "#!markdown\n*emphasis*"),
        new("#!html", Standing.Same, "strong", "#!html\n<b>strong</b>"),
        new("#!mermaid", Standing.Different, "graph TD A-->B", "#!mermaid\ngraph TD\nA-->B") { There = "mermaid" },
        new("#!javascript, #!js", Standing.Different, "<script type=\"text/javascript\">2+2</script>", "#!javascript\n2+2"),
        new("a directive that is not known", Standing.Refused, "#!nonsense is not known here. Known are #r", "#!nonsense")
        {
            There = "Unknown magic command '#!nonsense'",
        },
        new("#!fsharp, #!f#", Standing.Refused, "write the cell in C#", "#!fsharp\n1 + 1") { There = "2" },
        new("#!pwsh, #!powershell", Standing.Refused, "System.Diagnostics.Process.Start", "#!pwsh\necho 1") { There = "1" },
        new("#!sql", Standing.Refused, "Microsoft.Data.Sqlite", "#!sql\nselect 1"),
        new("#!kql", Standing.Refused, "Microsoft.Azure.Kusto.Data", "#!kql\nT"),
        new("#!http", Standing.Refused, "System.Net.Http.HttpClient", "#!http\nGET http://localhost"),
        new("#!connect", Standing.Refused, "C# is the only kernel here", "#!connect jupyter"),
        new("#!quit", Standing.Refused, "shut it down in the editor", "#!quit"),
        new(
            "code for html, javascript, mermaid",
            Standing.Same,
            "strong",
            "await Kernel.Root.SendAsync(new SubmitCode(\"<b>strong</b>\", \"html\"));"
        ),
        new(
            "code for another kernel",
            Standing.Refused,
            "csharp, html, javascript, mermaid and markdown are",
            "Console.Write(((CommandFailed)(await Kernel.Root.SendAsync(new SubmitCode(\"1\", \"fsharp\"))).Events.Last()).Message);"
        ),
        new(
            "usings for what is listed here",
            Standing.Different,
            "text/plain",
            "global::System.Console.Write(Formatter.DefaultMimeType is null ? \"\" : \"text/plain\");"
        ),
    ];

    private static string Library => Path.Combine(AppContext.BaseDirectory, "Markdig.dll");

    private static string Imported(string name, string text)
    {
        string path = Path.Combine(AppContext.BaseDirectory, name);
        File.WriteAllText(path, text);
        return path.Replace('\\', '/');
    }
}
