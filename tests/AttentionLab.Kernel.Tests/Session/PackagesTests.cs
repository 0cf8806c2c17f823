using AttentionLab.Kernel.Notebooks;
using AttentionLab.Kernel.Session;

namespace AttentionLab.Kernel.Tests.Session;

public sealed class PackagesTests : IDisposable
{
    private readonly Workspace _packages = new();
    private readonly string? _before = Environment.GetEnvironmentVariable("NUGET_PACKAGES");

    // What tests restore does not go to the user's packages.
    public PackagesTests() => Environment.SetEnvironmentVariable("NUGET_PACKAGES", _packages.Folder);

    public void Dispose()
    {
        Environment.SetEnvironmentVariable("NUGET_PACKAGES", _before);
        _packages.Dispose();
    }

    [Fact]
    public async Task A_package_from_a_folder_is_restored_with_its_own_packages_and_known_the_second_time()
    {
        using var workspace = new Workspace();
        string id = "P" + Guid.NewGuid().ToString("N");
        Pack(workspace, id + ".Inner", "namespace Inner; public static class Values { public static int Twenty => 20; }");
        Pack(
            workspace,
            id,
            "namespace Outer; public static class Sum { public static int Of(int a) => a + Inner.Values.Twenty; }",
            id + ".Inner"
        );

        string cell = $"#i \"nuget: feed\"\n#r \"nuget: {id}, 1.0.0\"\nOuter.Sum.Of(1)";
        using var engine = new CSharpEngine(workspace.Folder);
        Assert.Equal(21, await Run(engine, cell));
        Assert.Equal(42, await Run(engine, "Outer.Sum.Of(22)"));

        // The packages' folder is gone, what was restored from it is not.
        Directory.Delete(workspace.At("feed"), recursive: true);
        using var later = new CSharpEngine(workspace.Folder);
        Assert.Equal(21, await Run(later, cell));
        ExecutionResult other = await later.ExecuteAsync(
            $"\n#r \"nuget: {id}, 2.0.0\"",
            "cell 1",
            new NotebookOutputs(),
            TestContext.Current.CancellationToken
        );
        Assert.Equal("cell 1, line 2", other.Error?.Location);
        Assert.Contains("was referenced as 1.0.0 before", other.Error?.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_package_or_version_that_is_not_there_is_named_and_the_session_goes_on()
    {
        using var workspace = new Workspace();
        Directory.CreateDirectory(workspace.At("feed"));
        workspace.Write(
            "NuGet.config",
            "<configuration><packageSources><clear /><add key=\"feed\" value=\"feed\" /></packageSources></configuration>"
        );
        string id = "P" + Guid.NewGuid().ToString("N");
        using var engine = new CSharpEngine(workspace.Folder);
        CancellationToken token = TestContext.Current.CancellationToken;
        ExecutionResult result = await engine.ExecuteAsync(
            $"1\n#r \"nuget: {id}, 1.0.0\"",
            "cell 1",
            new NotebookOutputs(),
            token
        );
        Assert.Contains($"NU1101: Unable to find package {id}", result.Error?.Message, StringComparison.Ordinal);
        Assert.Equal("cell 1, line 2", result.Error?.Location);

        Pack(workspace, id, "namespace Outer; public static class Values { public static int One => 1; }");
        result = await engine.ExecuteAsync($"#r \"nuget: {id}, 3.0.0\"", "cell 2", new NotebookOutputs(), token);
        Assert.Contains(
            $"NU1102: Unable to find package {id} with version (>= 3.0.0)",
            result.Error?.Message,
            StringComparison.Ordinal
        );
        Assert.Equal(1, await Run(engine, $"#r \"nuget:{id}\"\nOuter.Values.One"));
    }

    [Fact]
    public async Task What_was_restored_is_shown_with_its_versions()
    {
        using var workspace = new Workspace();
        string first = "P" + Guid.NewGuid().ToString("N"),
            second = first + ".Second";
        Pack(workspace, first, "public static class First { }");
        Pack(workspace, second, "public static class Second { }", first);
        using var engine = new CSharpEngine(workspace.Folder);
        Assert.Equal(
            $"Installed Packages\n - {first}, 1.0.0 (0.5 was asked for)\n - {second}, 1.0.0",
            await Shown($"#i \"nuget: feed\"\n#r \"nuget: {first}, 0.5\"\n#r \"nuget: {second}, 1.0\"")
        );
        Assert.Equal($"Installed Packages\n - {first}, 1.0.0", await Shown($"#r \"nuget: {first}\""));

        // The kernel uses Markdig itself, and a library is there once.
        Pack(workspace, "Markdig", "namespace Markdig; public static class Old { }");
        string own = System
            .Diagnostics.FileVersionInfo.GetVersionInfo(typeof(Markdig.Markdown).Assembly.Location)
            .ProductVersion!;
        Assert.Equal(
            $"Installed Packages\n - Markdig, {own.Split('+')[0]} (the kernel's own in place of 1.0.0)",
            await Shown("#r \"nuget: Markdig, [1.0.0]\"\nMarkdig.Markdown.ToPlainText(\"a\")")
        );

        async Task<string?> Shown(string cell)
        {
            Notebook notebook = Notebook.Parse(Workspace.Json(cell), workspace.At("n.ipynb"));
            var outputs = new NotebookOutputs();
            outputs.Begin(notebook.CodeCells.First());
            ExecutionResult result = await engine.ExecuteAsync(cell, "cell 1", outputs, TestContext.Current.CancellationToken);
            Assert.Null(result.Error?.Message);
            return (string?)notebook.CodeCells.First().Outputs[0]!["data"]!["text/plain"];
        }
    }

    [Fact]
    public async Task An_older_version_than_another_package_wants_is_taken_as_asked_for()
    {
        using var workspace = new Workspace();
        string first = "P" + Guid.NewGuid().ToString("N"),
            second = first + ".Second";
        Pack(workspace, first, "public static class First { public static int Value => 9; }", [], _ => { }, "0.9.0");
        Pack(workspace, first, "public static class First { public static int Value => 10; }");
        Pack(workspace, second, "public static class Second { public static int Value => First.Value; }", first);
        string cell = $"#i \"nuget: feed\"\n#r \"nuget: {first}, 0.9.0\"\n#r \"nuget: {second}, 1.0.0\"\nSecond.Value";
        for (int time = 1; time <= 2; time++) // the second time it is known
        {
            using var engine = new CSharpEngine(workspace.Folder);
            var sink = new StartedSink();
            ExecutionResult result = await engine.ExecuteAsync(cell, "cell 1", sink, TestContext.Current.CancellationToken);
            Assert.Null(result.Error?.Message);
            Assert.Equal(9, result.Value);
            Assert.Equal(
                $"{first} 0.9.0 is older than {second} 1.0.0 wants (1.0.0): what that calls may be missing. If a cell fails for "
                    + $"it, restart and ask for \"nuget: {first}, 1.0.0\".\n",
                sink.Text
            );
        }
    }

    [Fact]
    public async Task A_source_or_a_package_may_be_a_variable()
    {
        using var workspace = new Workspace();
        string id = "P" + Guid.NewGuid().ToString("N");
        Pack(workspace, id, "public static class Values { public static int One => 1; }");
        using var engine = new CSharpEngine(workspace.Folder);
        await Run(engine, $"string feed = \"feed\", package = \"nuget: {id}, 1.0.0\"; int number = 1;");
        Assert.Equal(1, await Run(engine, "#i @csharp:feed\n#r @csharp:package\nValues.One"));
        Assert.Equal("#i: the variable \"number\" is not a string.", await Refused("number"));
        Assert.Equal("#i: there is no variable \"none\".", await Refused("none"));

        async Task<string?> Refused(string variable)
        {
            ExecutionResult result = await engine.ExecuteAsync(
                $"#i @csharp:{variable}",
                "cell 3",
                new NotebookOutputs(),
                default
            );
            return result.Error?.Message;
        }
    }

    /// <summary>As Microsoft.EntityFrameworkCore has a version for each .NET.</summary>
    [Fact]
    public async Task Without_a_version_the_newest_that_this_dotnet_can_load_is_taken()
    {
        using var workspace = new Workspace();
        string id = "P" + Guid.NewGuid().ToString("N"),
            newer = id + ".Newer",
            unfinished = id + "Unfinished";
        string next = $"net{Environment.Version.Major + 1}.0";
        PackVersion(id, "10.1.0", "net10.0");
        PackVersion(id, "10.0.9", "net10.0");
        PackVersion(id, "11.0.0", next);
        PackVersion(id, "11.0.3", next);
        PackVersion(id, "11.2.0", next);
        PackVersion(newer, "2.0.0", next);
        PackVersion(unfinished, "1.0.0-beta.1", "net10.0");
        using var engine = new CSharpEngine(workspace.Folder);
        Assert.Equal("10.1.0", await Run(engine, $"#i \"nuget: feed\"\n#r \"nuget: {id}\"\nVersions.Of{id}"));
        Assert.Equal("1.0.0-beta.1", await Run(engine, $"#r \"nuget: {unfinished}\"\nUnfinished.Of{unfinished}"));
        foreach (string cell in (string[])[$"#r \"nuget: {newer}\"", $"#r \"nuget: {newer}, 2.0.0\""])
        {
            ExecutionResult result = await engine.ExecuteAsync(
                cell,
                "cell 2",
                new NotebookOutputs(),
                TestContext.Current.CancellationToken
            );
            Assert.StartsWith(
                $"{cell}: NU1202: Package {newer} 2.0.0 is not compatible with net{Environment.Version.Major}.0",
                result.Error?.Message,
                StringComparison.Ordinal
            );
        }

        void PackVersion(string id, string version, string framework) =>
            Pack(
                workspace,
                id,
                $"public static class {(id == unfinished ? "Unfinished" : "Versions")} "
                    + $"{{ public static string Of{id.Replace('.', '_')} => \"{version}\"; }}",
                [],
                _ => { },
                version,
                framework
            );
    }

    [Fact]
    public async Task System_Linq_Async_leaves_to_dotnet_what_it_has()
    {
        using var workspace = new Workspace();
        workspace.Write(
            "NuGet.config",
            "<configuration><packageSources><clear /><add key=\"feed\" value=\"feed\" /></packageSources></configuration>"
        );
        const string Async = "System.Linq.Async";
        string direct = "P" + Guid.NewGuid().ToString("N"),
            indirect = direct + "Indirect";
        foreach (string version in (string[])["6.0.1", "7.0.0"])
        {
            Pack(
                workspace,
                Async,
                $"public static class TakenAsync {{ public static string Version => \"{version}\"; }}",
                [],
                _ => { },
                version
            );
        }

        Pack(workspace, direct, $"public static class {direct} {{ }}");
        Pack(workspace, indirect, $"public static class {indirect} {{ }}", Async);
        using var asked = new CSharpEngine(workspace.Folder);
        Assert.Equal("7.0.0", await Run(asked, $"#r \"nuget: {direct}\"\n#r \"nuget: {Async}, 6.0.1\"\nTakenAsync.Version"));
        using var needed = new CSharpEngine(workspace.Folder);
        Assert.Equal("7.0.0", await Run(needed, $"#r \"nuget: {indirect}\"\nTakenAsync.Version"));
    }

    [Fact]
    public async Task Code_is_compiled_against_what_a_package_describes_and_runs_with_what_it_has()
    {
        using var workspace = new Workspace();
        using var described = new Workspace();
        string id = "P" + Guid.NewGuid().ToString("N");
        string reference = ReferenceTests.Compile(
            described,
            id,
            $"public static class {id} {{ public static int One => 0; }}",
            []
        );
        Pack(
            workspace,
            id,
            $"public static class {id} {{ public static int One => 1; public static int Two => 2; }}",
            [],
            package => System.IO.Compression.ZipFileExtensions.CreateEntryFromFile(package, reference, $"ref/net10.0/{id}.dll")
        );
        using var engine = new CSharpEngine(workspace.Folder);
        Assert.Equal(1, await Run(engine, $"#i \"nuget: feed\"\n#r \"nuget: {id}\"\n{id}.One"));
        ExecutionResult result = await engine.ExecuteAsync(
            $"{id}.Two",
            "cell 2",
            new NotebookOutputs(),
            TestContext.Current.CancellationToken
        );
        Assert.Equal($"'{id}' does not contain a definition for 'Two'", result.Error?.Message);
    }

    /// <summary>As TorchSharp's library needs libtorch's.</summary>
    [Fact]
    public async Task A_native_library_finds_what_it_needs_in_another_package()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux() && File.Exists("/usr/bin/cc"), "Native libraries are compiled here.");
        using var workspace = new Workspace();
        string id = "p" + Guid.NewGuid().ToString("N"),
            needed = id + "needed";
        string inner = Native(needed, $"int {needed}(void) {{ return 41; }}");
        string outer = Native(id, $"int {needed}(void); int {id}(void) {{ return {needed}() + 1; }}", $"-l{needed}");
        Pack(workspace, id + ".Needed", "public static class Unused { }", [], AddNative(inner));
        Pack(
            workspace,
            id,
            $"public static class Native {{ [System.Runtime.InteropServices.DllImport(\"{id}\")] public static extern int {id}(); }}",
            [id + ".Needed"],
            AddNative(outer)
        );
        using var engine = new CSharpEngine(workspace.Folder);
        Assert.Equal(42, await Run(engine, $"#i \"nuget: feed\"\n#r \"nuget: {id}, 1.0.0\"\nNative.{id}()"));

        string Native(string name, string code, string link = "")
        {
            workspace.Write($"{name}.c", code);
            string library = workspace.At($"lib{name}.so");
            using var compile = System.Diagnostics.Process.Start(
                "cc",
                $"-shared -fPIC -Wl,-soname,lib{name}.so -o {library} {workspace.At($"{name}.c")} -L{workspace.Folder} {link}"
            );
            compile.WaitForExit();
            Assert.Equal(0, compile.ExitCode);
            return library;
        }

        Action<System.IO.Compression.ZipArchive> AddNative(string library) =>
            package =>
                System.IO.Compression.ZipFileExtensions.CreateEntryFromFile(
                    package,
                    library,
                    $"runtimes/{System.Runtime.InteropServices.RuntimeInformation.RuntimeIdentifier}/native/{Path.GetFileName(library)}"
                );
    }

    [Fact]
    public async Task Of_several_packages_the_one_that_is_not_there_is_named_with_its_line()
    {
        using var workspace = new Workspace();
        workspace.Write(
            "NuGet.config",
            "<configuration><packageSources><clear /><add key=\"feed\" value=\"feed\" /></packageSources></configuration>"
        );
        string there = "P" + Guid.NewGuid().ToString("N");
        Pack(workspace, there, "public static class First { }");
        using var engine = new CSharpEngine(workspace.Folder);
        ExecutionResult result = await engine.ExecuteAsync(
            $"#r \"nuget: {there}, 1.0.0\"\n\n#r \"nuget: {there}.Missing, 1.0.0\"",
            "cell 1",
            new NotebookOutputs(),
            TestContext.Current.CancellationToken
        );
        Assert.StartsWith($"#r \"nuget: {there}.Missing, 1.0.0\": NU1101", result.Error?.Message, StringComparison.Ordinal);
        Assert.Equal("cell 1, line 3", result.Error?.Location);
    }

    [Fact]
    public void What_a_killed_restore_left_is_cleared_and_what_runs_or_is_new_stays()
    {
        using var gone = System.Diagnostics.Process.Start(
            new System.Diagnostics.ProcessStartInfo("dotnet", "--version") { RedirectStandardOutput = true }
        )!;
        gone.StandardOutput.ReadToEnd();
        gone.WaitForExit();
        string left = Make($"{gone.Id}-abc"),
            running = Make($"{Environment.ProcessId}-abc"),
            unnamed = Make("aBcDeF"),
            old = Make("oLdOlD");
        Directory.SetLastWriteTimeUtc(old, DateTime.UtcNow.AddDays(-2));

        Packages.ClearLeftBehind();

        Assert.Equal([false, true, true, false], new[] { left, running, unnamed, old }.Select(Directory.Exists));
        Directory.Delete(running, recursive: true);
        Directory.Delete(unnamed, recursive: true);

        static string Make(string name)
        {
            string path = Path.Combine(Path.GetTempPath(), "attentionlab-packages-" + name);
            Directory.CreateDirectory(Path.Combine(path, "obj"));
            File.WriteAllText(Path.Combine(path, "obj", "project.assets.json"), "{}");
            return path;
        }
    }

    private static async Task<object?> Run(CSharpEngine engine, string cell)
    {
        ExecutionResult result = await engine.ExecuteAsync(
            cell,
            "cell 1",
            new NotebookOutputs(),
            TestContext.Current.CancellationToken
        );
        Assert.Null(result.Error);
        return result.Value;
    }

    internal static void Pack(Workspace workspace, string id, string code, params string[] dependencies) =>
        Pack(workspace, id, code, dependencies, _ => { });

    /// <summary>Makes a package in the workspace's folder "feed".</summary>
    internal static void Pack(
        Workspace workspace,
        string id,
        string code,
        string[] dependencies,
        Action<System.IO.Compression.ZipArchive> add,
        string version = "1.0.0",
        string framework = "net10.0"
    )
    {
        string library = ReferenceTests.Compile(
            workspace,
            id,
            code,
            [.. dependencies.Select(name => workspace.At($"libs/{name}.dll"))]
        );
        string feed = Directory.CreateDirectory(workspace.At("feed")).FullName;
        using var package = System.IO.Compression.ZipFile.Open(
            Path.Combine(feed, $"{id}.{version}.nupkg"),
            System.IO.Compression.ZipArchiveMode.Create
        );
        using (var writer = new StreamWriter(package.CreateEntry($"{id}.nuspec").Open()))
        {
            writer.Write(
                $"""
                <package xmlns="http://schemas.microsoft.com/packaging/2013/05/nuspec.xsd"><metadata>
                <id>{id}</id><version>{version}</version><authors>tests</authors><description>A test.</description>
                <dependencies><group targetFramework="{framework}">{string.Concat(
                    dependencies.Select(name => $"<dependency id=\"{name}\" version=\"1.0.0\" />")
                )}</group></dependencies>
                </metadata></package>
                """
            );
        }

        System.IO.Compression.ZipFileExtensions.CreateEntryFromFile(package, library, $"lib/{framework}/{id}.dll");
        add(package);
    }
}
