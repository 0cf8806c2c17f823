using System.Diagnostics;
using System.Globalization;

namespace AttentionLab.Kernel.Tests.Programs;

/// <summary>Starts an exported program as a reader does: <c>dotnet run FILE.cs</c>, offline.</summary>
internal static class ExportedProgram
{
    /// <summary>Why it cannot be started here; null when it can.</summary>
    public static string? Missing() =>
        Run(Path.GetTempPath(), "--version") is (0, var version, _)
        && int.Parse(version.Split('.')[0], CultureInfo.InvariantCulture) >= 10
            ? null
            : "dotnet run FILE.cs needs the .NET 10 SDK, and there is none on the PATH.";

    /// <summary>Runs the program; what it builds lies in the workspace and goes with it.</summary>
    public static (int Code, string Output, string Error) Run(Workspace workspace, string program)
    {
        Directory.CreateDirectory(workspace.At(Built));
        return Run(workspace.Folder, "run", "--configuration", Configuration, program);
    }

    private const string Built = "built";

    // Another configuration would write the libraries anew that this process has loaded.
    private static string Configuration =>
        Path.GetFileName(Path.GetDirectoryName(Path.TrimEndingDirectorySeparator(AppContext.BaseDirectory)))!;

    private static (int Code, string Output, string Error) Run(string folder, params string[] arguments)
    {
        var start = new ProcessStartInfo("dotnet", arguments)
        {
            WorkingDirectory = folder,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            StandardOutputEncoding = System.Text.Encoding.UTF8,
            Environment =
            {
                ["DOTNET_NOLOGO"] = "1",
                ["DOTNET_CLI_TELEMETRY_OPTOUT"] = "1",
                ["DOTNET_CLI_USE_MSBUILD_SERVER"] = "0",
                ["MSBUILDDISABLENODEREUSE"] = "1",
                ["XDG_DATA_HOME"] = Path.Combine(folder, Built),
            },
        };
        try
        {
            using Process process = Process.Start(start)!;
            Task<string> error = process.StandardError.ReadToEndAsync();
            string output = process.StandardOutput.ReadToEnd();
            process.WaitForExit();
            return (process.ExitCode, output, error.Result);
        }
        catch (System.ComponentModel.Win32Exception e)
        {
            return (-1, "", e.Message);
        }
    }
}
