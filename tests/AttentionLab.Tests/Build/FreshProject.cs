using System.Diagnostics;

namespace AttentionLab.Tests.Build;

/// <summary>
/// What <c>dotnet new console</c> makes, in a temporary folder outside the repository. It names no runtime identifier.
/// </summary>
internal sealed class FreshProject : IDisposable
{
    /// <summary>TorchSharp's own first call, before any type of the library is touched; then a figure.</summary>
    private const string TorchFirst = """
        using AttentionLab.Figures;
        using TorchSharp;

        Console.WriteLine(torch.ones(2, 3).sum().item<float>());
        Console.WriteLine(new LineChart(new LineSeries("a", [1, 2], [3, 4])).ToPng().Length > 0);
        """;

    private readonly string _folder = Directory.CreateTempSubdirectory("attentionlab-fresh-").FullName;

    /// <summary>Where the project finds packages besides the machine's own sources.</summary>
    public string Packages => Path.Combine(_folder, "packages");

    private string Project => Path.Combine(_folder, "app");

    /// <summary>Makes the project with one more item, such as a reference.</summary>
    public void Create(string item)
    {
        Directory.CreateDirectory(Packages);
        File.WriteAllText(
            Path.Combine(_folder, "NuGet.config"),
            $"""<configuration><packageSources><add key="fresh" value="{Packages}" /></packageSources></configuration>"""
        );
        Expect(Dotnet("new", "console", "--output", Project));
        string file = Path.Combine(Project, "app.csproj");
        File.WriteAllText(
            file,
            File.ReadAllText(file).Replace("</Project>", $"<ItemGroup>{item}</ItemGroup></Project>", StringComparison.Ordinal)
        );
        File.WriteAllText(Path.Combine(Project, "Program.cs"), TorchFirst);
    }

    /// <summary>Restores, and skips the test where no package source can be reached.</summary>
    public void Restore(params string[] switches)
    {
        (int exit, string output) = Dotnet(["restore", Project, .. switches]);
        Assert.SkipWhen(output.Contains("NU1301", StringComparison.Ordinal), "No package source can be reached.");
        Expect((exit, output));
    }

    /// <summary>What the restore chose.</summary>
    public string Assets() => File.ReadAllText(Path.Combine(Project, "obj", "project.assets.json"));

    /// <summary>Builds and runs the program; gives what it printed.</summary>
    public string Run()
    {
        Expect(Dotnet("build", Project, "--no-restore", "--configuration", Configuration));
        return Expect(Dotnet(Path.Combine(Project, "bin", Configuration, "net10.0", "app.dll")));
    }

    /// <summary>The configuration that the tests were built in.</summary>
    public static string Configuration =>
        Path.GetFileName(Path.GetDirectoryName(Path.TrimEndingDirectorySeparator(AppContext.BaseDirectory)))!;

    public (int Exit, string Output) Dotnet(params string[] arguments)
    {
        var start = new ProcessStartInfo("dotnet", arguments)
        {
            WorkingDirectory = _folder,
            RedirectStandardOutput = true,
            Environment =
            {
                ["DOTNET_CLI_UI_LANGUAGE"] = "en",
                ["DOTNET_NOLOGO"] = "1",
                ["MSBUILDDISABLENODEREUSE"] = "1",
                // Every platform's libtorch is a gigabyte; MSBuild takes the variable as a property.
                ["CreateHardLinksForCopyLocalIfPossible"] = "true",
            },
        };
        using Process process = Process.Start(start)!;
        string output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return (process.ExitCode, output);
    }

    public static string Expect((int Exit, string Output) result)
    {
        Assert.True(result.Exit == 0, result.Output);
        return result.Output;
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);
}
