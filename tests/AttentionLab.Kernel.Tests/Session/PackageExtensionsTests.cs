using System.IO.Compression;
using System.Text.Json.Nodes;
using AttentionLab.Kernel.Notebooks;
using AttentionLab.Kernel.Session;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;

namespace AttentionLab.Kernel.Tests.Session;

/// <summary>What packages bring along for .NET Interactive.</summary>
public sealed class PackageExtensionsTests : IDisposable
{
    private readonly Workspace _workspace = new();
    private readonly Workspace _packages = new();
    private readonly string? _before = Environment.GetEnvironmentVariable("NUGET_PACKAGES");
    private readonly string _id = "P" + Guid.NewGuid().ToString("N");

    public void Dispose()
    {
        Environment.SetEnvironmentVariable("NUGET_PACKAGES", _before);
        _workspace.Dispose();
        _packages.Dispose();
    }

    [Fact]
    public async Task A_packages_extension_registers_its_formatters()
    {
        Pack(RegistersFormatter("a thing", "return System.Threading.Tasks.Task.CompletedTask;"));
        JsonArray outputs = await Run($"#i \"nuget: feed\"\n#r \"nuget: {_id}, 1.0.0\"\nnew Thing()");
        Assert.Equal("<i>a thing</i>", (string?)outputs[^1]!["data"]!["text/html"]);
    }

    /// <summary>As Microsoft.Data.Analysis has it, which greets with a type that is gone.</summary>
    [Fact]
    public async Task An_extension_that_fails_after_it_registered_its_formatters_is_no_matter()
    {
        Pack(RegistersFormatter("shown", "throw new System.TypeLoadException(\"no greeting\");"));
        JsonArray outputs = await Run($"#i \"nuget: feed\"\n#r \"nuget: {_id}, 1.0.0\"\nnew Thing()");
        Assert.DoesNotContain(outputs, output => (string?)output!["name"] == "stderr");
        Assert.Equal("<i>shown</i>", (string?)outputs[^1]!["data"]!["text/html"]);
    }

    [Fact]
    public async Task A_mistake_of_the_extensions_own_is_told_even_after_it_registered_its_formatters()
    {
        Pack(RegistersFormatter("half", "throw new System.IO.IOException(\"no disk\");"));
        JsonArray outputs = await Run($"#i \"nuget: feed\"\n#r \"nuget: {_id}, 1.0.0\"\nnew Thing()");
        string warning = (string)outputs.Single(output => (string?)output!["name"] == "stderr")!["text"]!;
        Assert.Contains("no disk", warning, StringComparison.Ordinal);
        Assert.Equal("<i>half</i>", (string?)outputs[^1]!["data"]!["text/html"]);
    }

    [Fact]
    public async Task An_extension_that_cannot_start_is_named_and_the_package_works()
    {
        Pack(
            """
            public sealed class Extension : Microsoft.DotNet.Interactive.IKernelExtension
            {
                public System.Threading.Tasks.Task OnLoadAsync(Microsoft.DotNet.Interactive.Kernel kernel) =>
                    throw new System.Exception("not today");
            }
            """
        );
        JsonArray outputs = await Run($"#i \"nuget: feed\"\n#r \"nuget: {_id}, 1.0.0\"\nnew Thing().Number");
        string warning = (string)outputs.Single(output => (string?)output!["name"] == "stderr")!["text"]!;
        Assert.Contains(_id, warning, StringComparison.Ordinal);
        Assert.Contains("not today", warning, StringComparison.Ordinal);
        Assert.Equal("5", (string?)outputs[^1]!["data"]!["text/plain"]);
    }

    [Fact]
    public async Task A_packages_script_runs_before_the_cell()
    {
        Pack(null, "#!markdown\n\nwelcome\n\n#!csharp\n\nint fromScript = new Thing().Number + 1;\n");
        JsonArray outputs = await Run($"#i \"nuget: feed\"\n#r \"nuget: {_id}, 1.0.0\"\nfromScript");
        Assert.Equal("welcome", (string?)outputs[1]!["data"]!["text/markdown"]);
        Assert.Equal("6", (string?)outputs[^1]!["data"]!["text/plain"]);
    }

    [Theory]
    [InlineData(
        "#r \"nuget: Microsoft.Data.Analysis, 0.23.1\"",
        "using Microsoft.Data.Analysis; new DataFrame(new StringDataFrameColumn(\"name\", new[] { \"ada\" }), "
            + "new PrimitiveDataFrameColumn<int>(\"born\", new[] { 1815 }))",
        "<th>born</th>"
    )]
    [InlineData(
        "#r \"nuget: Plotly.NET.Interactive, 6.0.0\"",
        "using Plotly.NET; var trace = new Trace(\"scatter\"); trace.SetProperty(\"y\", new[] { 1, 2 }); "
            + "GenericChart.ofTraceObjects(false, new List<Trace> { trace })",
        "Plotly.newPlot"
    )]
    public async Task Well_known_packages_show_their_values(string reference, string value, string html)
    {
        Environment.SetEnvironmentVariable("NUGET_PACKAGES", _before);
        using var engine = new CSharpEngine(_workspace.Folder);
        ExecutionResult restored = await engine.ExecuteAsync(
            reference,
            "cell 1",
            new NotebookOutputs(),
            TestContext.Current.CancellationToken
        );
        Assert.SkipWhen(
            restored.Error?.Message.Contains("NU1", StringComparison.Ordinal) == true,
            $"The package cannot be had here: {restored.Error?.Message}"
        );
        Assert.Null(restored.Error?.Message);
        JsonArray outputs = await Run(engine, value);
        string shown = (string)outputs[^1]!["data"]!["text/html"]!;
        Assert.Contains(html, shown, StringComparison.Ordinal);
        Assert.InRange(shown.Length, 1, 20_000);
    }

    private static string RegistersFormatter(string html, string end) =>
        $$"""
            public sealed class Extension : Microsoft.DotNet.Interactive.IKernelExtension
            {
                public System.Threading.Tasks.Task OnLoadAsync(Microsoft.DotNet.Interactive.Kernel kernel)
                {
                    Microsoft.DotNet.Interactive.Formatting.Formatter.Register<Thing>((t, w) => w.Write("<i>{{html}}</i>"), "text/html");
                    {{end}}
                }
            }
            """;

    private async Task<JsonArray> Run(string cell)
    {
        Environment.SetEnvironmentVariable("NUGET_PACKAGES", _packages.Folder);
        using var engine = new CSharpEngine(_workspace.Folder);
        return await Run(engine, cell);
    }

    private async Task<JsonArray> Run(CSharpEngine engine, string cell)
    {
        Notebook notebook = Notebook.Parse(Workspace.Json(cell), _workspace.At("n.ipynb"));
        NotebookCell first = notebook.CodeCells.First();
        var outputs = new NotebookOutputs();
        outputs.Begin(first);
        ExecutionResult result = await engine.ExecuteAsync(cell, "cell 1", outputs, TestContext.Current.CancellationToken);
        Assert.Null(result.Error?.Message);
        return first.Outputs;
    }

    private void Pack(string? extension, string? script = null)
    {
        const string Folder = "interactive-extensions/dotnet";
        PackagesTests.Pack(
            _workspace,
            _id,
            "public sealed class Thing { public int Number => 5; }",
            [],
            package =>
            {
                if (extension is not null)
                {
                    package.CreateEntryFromFile(Compile(extension), $"{Folder}/{_id}.Interactive.dll");
                }

                if (script is not null)
                {
                    using var writer = new StreamWriter(package.CreateEntry($"{Folder}/extension.dib").Open());
                    writer.Write(script);
                }
            }
        );
    }

    // As a package's author compiles it: against .NET Interactive's library, without the kernel's own types.
    private string Compile(string code)
    {
        string path = _workspace.At($"libs/{_id}.Interactive.dll");
        var result = CSharpCompilation
            .Create(
                $"{_id}.Interactive",
                [CSharpSyntaxTree.ParseText(code)],
                [
                    .. AssemblyReferences.Default.Where(reference =>
                        Path.GetFileName(reference.Display) != "AttentionLab.Kernel.dll"
                    ),
                    MetadataReference.CreateFromFile(PackageExtensions.LibraryPath),
                    MetadataReference.CreateFromFile(_workspace.At($"libs/{_id}.dll")),
                ],
                new CSharpCompilationOptions(OutputKind.DynamicallyLinkedLibrary)
            )
            .Emit(path);
        Assert.True(result.Success, string.Join('\n', result.Diagnostics));
        return path;
    }
}
