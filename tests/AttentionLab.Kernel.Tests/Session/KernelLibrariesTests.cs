using System.Diagnostics;
using System.Reflection.PortableExecutable;
using System.Runtime.InteropServices;
using System.Text.Json.Nodes;
using AttentionLab.Kernel.Notebooks;
using AttentionLab.Kernel.Tests.Jupyter;

namespace AttentionLab.Kernel.Tests.Session;

/// <summary>Libraries that the kernel uses itself: a notebook has them in the version that it asks for, and no other.</summary>
public sealed class KernelLibrariesTests : IDisposable
{
    // What cells and the kernel have in common.
    private static readonly string[] Shared =
    [
        "AttentionLab.Kernel",
        "Microsoft.AspNetCore.Html.Abstractions",
        "Microsoft.DotNet.Interactive.Formatting",
        "Newtonsoft.Json",
    ];

    // As the kernel's own list of files names them.
    private static readonly string[] Own =
    [
        .. JsonNode.Parse(File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "AttentionLab.Kernel.deps.json")))!["targets"]!
            .AsObject()
            .Single()
            .Value!.AsObject()
            .SelectMany(library => library.Value!["runtime"]?.AsObject().Select(file => file.Key) ?? [])
            .Select(file => Path.GetFileNameWithoutExtension(file))
            .Except([.. Shared, "csharp-kernel"]),
    ];

    private readonly Workspace _workspace = new();

    public void Dispose() => _workspace.Dispose();

    [Fact]
    public void None_is_seen_without_a_reference()
    {
        Assert.Contains("Markdig", Own);
        Assert.Contains("Microsoft.CodeAnalysis.CSharp", Own);
        using var kernel = new KernelClient();
        string names = string.Join(", ", Own.Select(name => $"\"{name}\""));
        Exchange seen = kernel.Execute(
            $$"""
            var seen = new List<string>();
            foreach (string name in new[] { {{names}} })
            {
                try { seen.Add(System.Reflection.Assembly.Load(name).FullName); }
                catch (System.IO.FileNotFoundException) { }
            }
            string.Join(", ", seen)
            """
        );
        Assert.Equal("", seen.Outputs.Single().Text);
    }

    [Theory]
    [InlineData("Microsoft.CodeAnalysis")]
    [InlineData("Microsoft.CodeAnalysis.CSharp")]
    public void The_compiler_that_runs_is_machine_code_for_this_system(string name)
    {
        string folder = Path.Combine(AppContext.BaseDirectory, "readytorun");
        Assert.SkipUnless(Directory.Exists(folder), "The build was told not to compile Roslyn (-p:CompileRoslyn=false).");
        string file = Path.Combine(folder, RuntimeInformation.RuntimeIdentifier, $"{name}.dll");
        using var image = new PEReader(File.OpenRead(file));
        Assert.NotEqual(0, image.PEHeaders.CorHeader!.ManagedNativeHeaderDirectory.Size);

        using var kernel = new KernelClient();
        Exchange loaded = kernel.Execute(
            $"AppDomain.CurrentDomain.GetAssemblies().Single(library => library.GetName().Name == \"{name}\").Location"
        );
        Assert.Equal(file, loaded.Outputs.Single().Text);
    }

    /// <summary>As notebooks do that gather references for a compiler.</summary>
    [Fact]
    public void What_the_program_refers_to_can_be_loaded()
    {
        using var kernel = new KernelClient();
        Exchange loaded = kernel.Execute(
            """
            using System.Reflection;
            AssemblyName[] names = Assembly.GetEntryAssembly().GetReferencedAssemblies();
            string.Join(" ", names.Select(name => Assembly.Load(name).GetName().Name == name.Name).Distinct())
            """
        );
        Assert.Equal("True", loaded.Outputs.Single().Text);
    }

    [Fact]
    public async Task Each_is_the_notebooks_own_where_it_is_referenced_and_the_kernel_goes_on_with_its()
    {
        string? packages = Environment.GetEnvironmentVariable("NUGET_PACKAGES");
        Environment.SetEnvironmentVariable("NUGET_PACKAGES", _workspace.At("packages"));
        try
        {
            foreach ((int i, string name) in Own.Index())
            {
                PackagesTests.Pack(
                    _workspace,
                    name,
                    "[assembly: System.Reflection.AssemblyVersion(\"0.0.1.7\")]\n"
                        + $"public static class Only{i} {{ public static int Here => {i}; }}",
                    [],
                    _ => { },
                    "0.0.1"
                );
            }

            _workspace.Write(
                "NuGet.config",
                "<configuration><packageSources><clear /><add key=\"feed\" value=\"feed\" /></packageSources></configuration>"
            );
            string references = string.Concat(Own.Select(name => $"#r \"nuget: {name}, 0.0.1\"\n"));
            string versions = string.Join(", ", Own.Index().Select(own => $"typeof(Only{own.Index}).Assembly.GetName().Version"));
            string sum = string.Join(" + ", Own.Index().Select(own => $"Only{own.Index}.Here"));
            _workspace.Notebook(
                "a.ipynb",
                $"{references}string.Join(\" \", new[] {{ {versions} }}.Distinct())",
                sum,
                "md:*text* and $\\sqrt{2}$",
                "display(HTML($\"<b>{2 + 2}</b>\")); for (int i = 0; i < 3; i++) Console.Write(i);"
            );

            Assert.True(await _workspace.RunAll() == 0, _workspace.Error);

            Assert.Equal(
                "Installed Packages" + string.Concat(Own.Select(name => $"\n - {name}, 0.0.1")),
                (string?)_workspace.Outputs("a.ipynb", 1)[0]!["data"]!["text/plain"]
            );
            Assert.Equal("0.0.1.7", (string?)_workspace.Outputs("a.ipynb", 1)[1]!["data"]!["text/plain"]);
            Assert.Equal($"{Own.Length * (Own.Length - 1) / 2}", Text(_workspace.Outputs("a.ipynb", 2)[0]!));
            Assert.Equal("<b>4</b>", (string?)_workspace.Outputs("a.ipynb", 3)[0]!["data"]!["text/html"]);
            Assert.Equal("012", NotebookCell.Text(_workspace.Outputs("a.ipynb", 3)[1]!["text"]!));
            string page = await File.ReadAllTextAsync(
                Path.Combine(_workspace.Out, "a.html"),
                TestContext.Current.CancellationToken
            );
            Assert.Contains("<em>text</em>", page, StringComparison.Ordinal);
            Assert.Contains("<msqrt>", page, StringComparison.Ordinal);

            using var kernel = new KernelClient(command => new ProcessStartInfo(command[0], command[1..])
            {
                WorkingDirectory = _workspace.Folder,
            });
            Assert.Equal(
                ["0.0.1.7"],
                kernel
                    .Execute($"{references}string.Join(\" \", new[] {{ {versions} }}.Distinct())")
                    .Outputs.Skip(1)
                    .Select(shown => shown.Text)
            );
            Exchange completed = kernel.Ask("complete_request", new() { ["code"] = "Only3.He", ["cursor_pos"] = 8 });
            Assert.Equal("""["Here"]""", completed.Reply["matches"]);
            Exchange hover = kernel.Ask(
                "inspect_request",
                new()
                {
                    ["code"] = "Only3.Here",
                    ["cursor_pos"] = 7,
                    ["detail_level"] = 0,
                }
            );
            Assert.Equal("int Only3.Here { get; }", hover.Reply.Text);
            Assert.Equal("5", kernel.Execute("Only2.Here + Only3.Here").Outputs.Single().Text);
        }
        finally
        {
            Environment.SetEnvironmentVariable("NUGET_PACKAGES", packages);
        }
    }

    /// <summary>Code that only those versions compile and run.</summary>
    [Theory]
    [InlineData(
        "Markdig, 0.31.0",
        "Markdig.Markdown",
        "0.31.0.0",
        "Markdig.Markdown.ToHtml(\"[a](b)\", Markdig.MarkdownExtensions.UseNoFollowLinks(new()).Build()).Trim()",
        "<p><a href=\"b\" rel=\"nofollow\">a</a></p>"
    )]
    [InlineData(
        "System.CommandLine, 2.0.0-beta4.22272.1",
        "System.CommandLine.RootCommand",
        "2.0.0.0",
        """
            using System.CommandLine;
            var option = new Option<int>("--n", getDefaultValue: () => 4);
            var root = new RootCommand { option };
            string said = "";
            root.SetHandler((int n) => { said = $"{2 * n}"; }, option);
            root.Invoke("--n 21");
            said
            """,
        "42"
    )]
    [InlineData(
        "Humanizer.Core, 2.8.26",
        "Humanizer.NumberToWordsExtension",
        "2.8.0.0",
        "Humanizer.NumberToWordsExtension.ToWords(12)",
        "twelve"
    )]
    [InlineData(
        "AngleSharp, 0.14.0",
        "AngleSharp.BrowsingContext",
        "0.14.0.0",
        "AngleSharp.Url.Create(\"http://a.example/b?c\").Query",
        "c"
    )]
    [InlineData("Jint, 4.16.0", "Jint.Engine", "4.16.0.0", "new Jint.Engine().Evaluate(\"6 * 7\").ToString()", "42")]
    [InlineData(
        "Spectre.Console, 0.44.0",
        "Spectre.Console.AnsiConsole",
        "0.0.0.0", // all of them
        "Spectre.Console.AnsiConsole.Render(new Spectre.Console.Text(\"\")); "
            + "typeof(Spectre.Console.AnsiConsoleFactory).FullName",
        "Spectre.Console.AnsiConsoleFactory"
    )]
    [InlineData(
        "Microsoft.CodeAnalysis.CSharp.Scripting, 4.3.1",
        "Microsoft.CodeAnalysis.CSharp.CSharpCompilation",
        "4.3.0.0",
        """
            using Microsoft.CodeAnalysis.CSharp;
            LanguageVersion newest = LanguageVersion.Latest.MapSpecifiedToEffectiveVersion();
            int value = await Microsoft.CodeAnalysis.CSharp.Scripting.CSharpScript.EvaluateAsync<int>("6 * 7");
            $"{newest} {value}"
            """,
        "CSharp10 42"
    )]
    public void An_older_version_runs(string package, string type, string version, string code, string value)
    {
        using var kernel = new KernelClient();
        Exchange restored = kernel.Execute($"#r \"nuget: {package}\"");
        Assert.SkipWhen(
            restored.Reply["evalue"]?.Contains("NU1", StringComparison.Ordinal) == true,
            $"The package cannot be had here: {restored.Reply["evalue"]}"
        );
        Assert.Equal($"Installed Packages\n - {package}", restored.Outputs.Single().Text);
        Exchange run = kernel.Execute(code);
        Assert.Equal(("ok", null), (run.Status, run.Reply["evalue"]));
        Assert.Equal(value, run.Outputs[^1].Text);
        Assert.Equal(version, kernel.Execute($"typeof({type}).Assembly.GetName().Version.ToString()").Outputs.Single().Text);
    }

    private static string? Text(JsonNode output) => (string?)output["data"]!["text/plain"];
}
