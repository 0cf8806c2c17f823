using System.Diagnostics;
using System.Text.Json;

namespace AttentionLab.Tests.Build;

/// <summary>Which packages the library asks for under which switch, and what it copies of them: evaluated by MSBuild, restored by nobody.</summary>
public sealed class PackageChoiceTests
{
    [Theory]
    [InlineData("", "TorchSharp-cpu")]
    [InlineData("-p:OS=Windows_NT", "TorchSharp-cpu")]
    [InlineData("-p:Cuda=true -p:OS=Windows_NT", "TorchSharp-cuda-windows")]
    [InlineData("-p:Cuda=true -p:OS=Unix", "TorchSharp-cpu")]
    public void Cuda_swaps_the_torch_package_on_Windows_only(string switches, string expected) =>
        Assert.Equal(
            [expected],
            Items("PackageReference", switches).Where(p => p.StartsWith("TorchSharp", StringComparison.Ordinal))
        );

    [Fact]
    public void The_native_libraries_symbols_81_MB_on_Windows_are_not_copied()
    {
        string[] copied = Items(
            "RuntimeTargetsCopyLocalItems",
            "-t:ResolvePackageAssets -p:UseCurrentRuntimeIdentifier=false -p:RuntimeIdentifier=" // for all systems
        );
        Assert.Contains(
            copied,
            file => file.Replace('\\', '/').EndsWith("win-x64/native/libSkiaSharp.dll", StringComparison.Ordinal)
        );
        Assert.DoesNotContain(copied, file => file.EndsWith(".pdb", StringComparison.Ordinal));
    }

    private static string[] Items(string kind, string switches)
    {
        var start = new ProcessStartInfo("dotnet", $"msbuild AttentionLab.csproj -getItem:{kind} {switches}")
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
                .GetProperty(kind)
                .EnumerateArray()
                .Select(p => p.GetProperty("Identity").GetString()!),
        ];
    }
}
