using System.Diagnostics;

namespace AttentionLab.Kernel.Tests;

/// <summary>The real .NET Interactive, a local tool of this repository.</summary>
internal static class DotNetInteractive
{
    public const string WhyNot = "`dotnet tool restore` has not installed .NET Interactive.";

    private static readonly Lazy<bool> Installed = new(() =>
    {
        using Process process = Process.Start(
            new ProcessStartInfo("dotnet", ["interactive", "--version"])
            {
                WorkingDirectory = Workspace.Repository,
                RedirectStandardOutput = true,
                RedirectStandardError = true,
                Environment = { ["DOTNET_INTERACTIVE_CLI_TELEMETRY_OPTOUT"] = "1", ["DOTNET_NOLOGO"] = "1" },
            }
        )!;
        process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return process.ExitCode == 0;
    });

    public static bool IsInstalled => Installed.Value;
}
