using System.Diagnostics;
using System.Text.Json;

namespace AttentionLab.Tests.Build;

/// <summary>Which packages the library asks for under which switch: evaluated by MSBuild, restored by nobody.</summary>
public sealed class PackageChoiceTests
{
    [Theory]
    [InlineData("", "TorchSharp-cpu")]
    [InlineData("-p:OS=Windows_NT", "TorchSharp-cpu")]
    [InlineData("-p:Cuda=true -p:OS=Windows_NT", "TorchSharp-cuda-windows")]
    [InlineData("-p:Cuda=true -p:OS=Unix", "TorchSharp-cpu")]
    public void Cuda_swaps_the_torch_package_on_Windows_only(string switches, string expected) =>
        Assert.Equal([expected], Packages(switches).Where(p => p.StartsWith("TorchSharp", StringComparison.Ordinal)));

    private static string[] Packages(string switches)
    {
        var start = new ProcessStartInfo("dotnet", $"msbuild AttentionLab.csproj -getItem:PackageReference {switches}")
        {
            WorkingDirectory = Path.Combine(Fixture.Repository, "lib", "AttentionLab"),
            RedirectStandardOutput = true,
        };
        using Process process = Process.Start(start)!;
        string output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        Assert.True(process.ExitCode == 0, output);
        using JsonDocument json = JsonDocument.Parse(output);
        return
        [
            .. json
                .RootElement.GetProperty("Items")
                .GetProperty("PackageReference")
                .EnumerateArray()
                .Select(p => p.GetProperty("Identity").GetString()!),
        ];
    }
}
