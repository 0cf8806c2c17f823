using System.Diagnostics;
using System.Text.Json.Nodes;
using AttentionLab.Kernel.Tests.Jupyter;

namespace AttentionLab.Kernel.Tests.Compatibility;

/// <summary>
/// The library as a package in notebooks: <c>#r "nuget: AttentionLab"</c>, in .NET Interactive, where no build runs.
/// </summary>
public sealed class LibraryPackageTests : IDisposable
{
    private readonly Workspace _workspace = new();
    private string? _restored;

    public void Dispose()
    {
        _workspace.Dispose();
        if (Directory.Exists(_restored))
        {
            Directory.Delete(_restored, recursive: true);
        }
    }

    [Fact]
    public void The_packages_library_computes_and_draws_in_DotNet_Interactive()
    {
        Assert.SkipUnless(DotNetInteractive.IsInstalled, DotNetInteractive.WhyNot);
        string version = Pack();
        using KernelClient kernel = KernelClient.OfDotNetInteractive();
        IReadOnlyList<JsonNode> restored = kernel.Run(
            $"#i \"nuget:{_workspace.At("packages")}\"\n#r \"nuget: AttentionLab, {version}\""
        );
        string said = string.Join('\n', restored.Select(message => message.ToJsonString()));
        Assert.SkipWhen(
            said.Contains("NU1", StringComparison.Ordinal),
            $"Packages that the library needs cannot be had here: {said}"
        );
        Assert.Contains($"AttentionLab, {version}", said, StringComparison.Ordinal);

        Assert.Equal("3", Said(kernel.Run("Console.Write(TorchSharp.torch.ones(3).sum().item<float>());")));
        Assert.Equal(
            "[4, 10]",
            Said(
                kernel.Run(
                    "using AttentionLab.Models; var network = new Cnn(10, seed: 0); network.eval();\n"
                        + "Console.Write($\"[{string.Join(\", \", network.call(TorchSharp.torch.zeros(4, 3, 32, 32)).shape)}]\");"
                )
            )
        );
        IReadOnlyList<JsonNode> chart = kernel.Run(
            "using AttentionLab.Figures; new LineChart(new LineSeries(\"a\", [1, 2], [3, 4]))"
        );
        string png = (string)chart.Single(message => message["data"]?["image/png"] is not null)["data"]!["image/png"]!;
        Assert.StartsWith("iVBORw0KGgo", png, StringComparison.Ordinal); // PNG's signature in base 64
    }

    private static string Said(IEnumerable<JsonNode> messages) =>
        string.Concat(messages.Select(message => (string?)message["text"] ?? (string?)message["evalue"]));

    private string Pack()
    {
        string packages = Directory.CreateDirectory(_workspace.At("packages")).FullName;
        using Process pack = Process.Start(
            new ProcessStartInfo(
                "dotnet",
                [
                    "pack",
                    Path.Combine(Workspace.Repository, "lib", "AttentionLab"),
                    "--no-build",
                    "--configuration",
                    Path.GetFileName(Path.GetDirectoryName(Path.TrimEndingDirectorySeparator(AppContext.BaseDirectory)))!,
                    "--output",
                    packages,
                ]
            )
            {
                RedirectStandardOutput = true,
            }
        )!;
        string output = pack.StandardOutput.ReadToEnd();
        pack.WaitForExit();
        Assert.True(pack.ExitCode == 0, output);
        string version = Path.GetFileNameWithoutExtension(Assert.Single(Directory.GetFiles(packages)))["AttentionLab.".Length..];
        string cache =
            Environment.GetEnvironmentVariable("NUGET_PACKAGES")
            ?? Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".nuget", "packages");
        _restored = Path.Combine(cache, "attentionlab", version);
        return version;
    }
}
