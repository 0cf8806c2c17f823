using System.Text.Json.Nodes;
using AttentionLab.Kernel.Notebooks;
using AttentionLab.Kernel.Session;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;

namespace AttentionLab.Kernel.Tests.Session;

public sealed class ReferenceTests
{
    [Fact]
    public async Task A_library_the_host_does_not_know_finds_what_lies_beside_it()
    {
        using var workspace = new Workspace();
        string unique = "L" + Guid.NewGuid().ToString("N");
        string inner = Compile(workspace, unique + "Inner", "public class Inner { public int Value => 20; }");
        Compile(
            workspace,
            unique,
            "public class Outer { public Inner Get() => new Inner(); public static string Name(object o) => o.GetType().Name; }",
            inner
        );
        workspace.Notebook(
            "a.ipynb",
            $"#r \"libs/{unique}.dll\"\nvar outer = new Outer();\nouter.Get().Value + 1",
            "Outer.Name(outer)"
        );
        workspace.Notebook("b.ipynb", $"Console.Write(1);\n#r \"libs/{unique}.dll\"\nOuter.Name(1)");

        Assert.Equal(0, await workspace.RunAll());
        Assert.Equal("21", (string?)workspace.Outputs("a.ipynb", 1)[0]!["data"]!["text/plain"]);
        Assert.Equal("Outer", (string?)workspace.Outputs("a.ipynb", 2)[0]!["data"]!["text/plain"]);
        Assert.Equal("Int32", (string?)workspace.Outputs("b.ipynb", 1)[1]!["data"]!["text/plain"]);
    }

    [Fact]
    public async Task A_library_that_is_there_in_an_older_version_is_named_once()
    {
        using var workspace = new Workspace();
        string unique = "L" + Guid.NewGuid().ToString("N");
        foreach (string version in (string[])["1.0.0.0", "2.1.0.0"])
        {
            string library = Compile(
                workspace,
                unique,
                $"[assembly: System.Reflection.AssemblyVersion(\"{version}\")] public class C;"
            );
            File.Move(library, workspace.At($"{version}.dll"));
        }

        workspace.Notebook(
            "a.ipynb",
            "#r \"1.0.0.0.dll\"",
            "#r \"2.1.0.0.dll\"\ntypeof(C).Assembly.GetName().Version",
            "#r \"2.1.0.0.dll\"\n1"
        );
        Assert.Equal(0, await workspace.RunAll());
        Assert.Empty(workspace.Outputs("a.ipynb", 1));
        Assert.Equal(
            $"{unique} 1.0.0.0 is there already, of an earlier cell; what needs 2.1.0.0 may fail. Restart, and run the cell that "
                + "references the newer one first.\n",
            (string?)workspace.Outputs("a.ipynb", 2)[0]!["text"]
        );
        Assert.Single(workspace.Outputs("a.ipynb", 3));
    }

    [Fact]
    public async Task A_library_that_was_built_for_a_newer_one_than_is_referenced_says_which()
    {
        using var workspace = new Workspace();
        string unique = "L" + Guid.NewGuid().ToString("N"),
            older = Used("1.0.0.0"),
            newer = Used("2.1.0.0");
        string user = CompileSigned(workspace, $"{unique}User", "public class User { public Used Get() => new(); }", newer);

        CellError error = await Workspace.LastError($"#r \"{older}\"\n#r \"{user}\"\nnew User().Get()");

        Assert.Equal("CS1705", error.Name);
        Assert.EndsWith(
            $"{unique}User was built for a newer {unique} than is referenced: restart, and reference that in version 2.1 or newer, or "
                + $"{unique}User in an older one.",
            error.Message,
            StringComparison.Ordinal
        );

        string Used(string version)
        {
            string library = CompileSigned(
                    workspace,
                    unique,
                    $"[assembly: System.Reflection.AssemblyVersion(\"{version}\")] public class Used;"
                ),
                moved = workspace.At($"{version}.dll");
            File.Move(library, moved);
            return moved;
        }
    }

    [Theory]
    [InlineData("#r \"missing.dll\"", "does not exist")]
    [InlineData("#r \"text.dll\"", "is not a .NET assembly")]
    [InlineData("#r \"nuget: X 1.0 2.0\"", "write it as")]
    [InlineData("#r \"nuget: \"", "write it as")]
    [InlineData("#r \"nuget: A\\\" Version=\\\"1\"", "write it as")]
    [InlineData("#i \"somewhere\"", "needs a source")]
    [InlineData("#r", "needs a path")]
    public async Task A_reference_that_cannot_be_followed_says_why(string cell, string reason)
    {
        using var workspace = new Workspace();
        workspace.Write("text.dll", "not a library");
        using var engine = new CSharpEngine(workspace.Folder);
        ExecutionResult result = await engine.ExecuteAsync(
            "\n" + cell,
            "cell 1",
            new NotebookOutputs(),
            TestContext.Current.CancellationToken
        );
        Assert.Contains(reason, result.Error?.Message, StringComparison.Ordinal);
        Assert.Equal("cell 1, line 2", result.Error?.Location);
    }

    [Fact]
    public async Task Import_runs_notebooks_and_files_where_it_stands()
    {
        using var workspace = new Workspace();
        workspace.Notebook("parts/first.ipynb", "int a = 1;", "md:text", "#!import more/second.csx\nint c = a + b;");
        workspace.Write("parts/more/second.csx", "int b = a + 10;\nConsole.Write(\"second\");");
        workspace.Notebook(
            "main.ipynb",
            "int a = 0;\nConsole.Write(a);\n#!import \"parts/first.ipynb\"\n(a, b, c).ToString()",
            "int x = 1;\n#!import parts/bad.cs"
        );
        workspace.Write("parts/bad.cs", "\n\nthrow new Exception(\"bad\");");

        Assert.Equal(1, await workspace.RunAll());
        JsonArray outputs = workspace.Outputs("main.ipynb", 1);
        Assert.Equal("0", (string?)outputs[0]!["text"]);
        Assert.Equal("text", (string?)outputs[1]!["data"]!["text/markdown"]);
        Assert.Equal("second", (string?)outputs[2]!["text"]);
        Assert.Equal("(1, 11, 12)", (string?)outputs[3]!["data"]!["text/plain"]);
        Assert.Contains("main.ipynb, bad.cs, line 3: System.Exception: bad", workspace.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("#!import missing.ipynb", "does not exist")]
    [InlineData("#!import self.ipynb", "imports itself")]
    [InlineData("#!import data.txt", "is not a .ipynb, .dib, .cs or .csx file")]
    [InlineData("#!import broken.ipynb", "is not valid JSON")]
    public async Task An_import_that_cannot_be_followed_says_why(string cell, string reason)
    {
        using var workspace = new Workspace();
        workspace.Notebook("self.ipynb", "#!import self.ipynb");
        workspace.Write("data.txt", "");
        workspace.Write("broken.ipynb", "{");
        using var engine = new CSharpEngine(workspace.Folder);
        ExecutionResult result = await engine.ExecuteAsync(
            cell,
            "cell 1",
            new NotebookOutputs(),
            TestContext.Current.CancellationToken
        );
        Assert.Contains(reason, result.Error?.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Every_assembly_is_referenced_once()
    {
        foreach (IEnumerable<MetadataReference> references in new[] { AssemblyReferences.Default, AssemblyReferences.Documented })
        {
            string[] names = [.. references.Select(reference => Path.GetFileName(reference.Display!))];
            Assert.Equal(names.Distinct(StringComparer.OrdinalIgnoreCase).Order(), names.Order());
            Assert.Contains("System.Runtime.dll", names);
            Assert.Contains("Microsoft.DotNet.Interactive.Formatting.dll", names);
        }
    }

    // A self-contained host's files, the framework's too, lie in one folder; else the framework has its own.
    [Theory]
    [InlineData("host", "host", "System.Linq.dll", "mscorlib.dll")]
    [InlineData("shared", "host", "Odd.dll", "System.Linq.dll", "mscorlib.dll")]
    public void The_framework_is_found_wherever_it_lies(string runtime, string host, params string[] expected)
    {
        string[] framework = ["Odd.dll", "System.Linq.dll", "mscorlib.dll"],
            own = ["AttentionLab.Kernel.dll", "Microsoft.CodeAnalysis.dll", "Microsoft.DotNet.Interactive.Formatting.dll"];
        string[] files =
        [
            .. framework.Select(file => Path.Combine(runtime, file)),
            .. own.Select(file => Path.Combine(host, file)),
        ];
        Assert.Equal(
            expected.Select(file => Path.Combine(runtime, file)),
            AssemblyReferences.Framework(files, runtime, host + Path.DirectorySeparatorChar)
        );
    }

    internal static string Compile(Workspace workspace, string name, string code, params string[] references) =>
        Compile(new(OutputKind.DynamicallyLinkedLibrary), workspace, name, code, references);

    // With a strong name: references are bound to its version.
    private static string CompileSigned(Workspace workspace, string name, string code, params string[] references) =>
        Compile(
            new(
                OutputKind.DynamicallyLinkedLibrary,
                publicSign: true,
                cryptoPublicKey: [.. typeof(object).Assembly.GetName().GetPublicKey()!]
            ),
            workspace,
            name,
            code,
            references
        );

    private static string Compile(
        CSharpCompilationOptions options,
        Workspace workspace,
        string name,
        string code,
        string[] references
    )
    {
        string path = workspace.At($"libs/{name}.dll");
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        var result = CSharpCompilation
            .Create(
                name,
                [CSharpSyntaxTree.ParseText(code)],
                [.. AssemblyReferences.Default, .. references.Select(file => MetadataReference.CreateFromFile(file))],
                options
            )
            .Emit(path);
        Assert.True(result.Success, string.Join('\n', result.Diagnostics));
        return path;
    }
}
