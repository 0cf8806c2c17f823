using System.Diagnostics;
using System.Runtime.InteropServices;

namespace AttentionLab.Kernel.Commands;

/// <summary>This program, started once more.</summary>
internal static class ThisProgram
{
    /// <summary>Program and arguments: the executable beside the assembly, or <c>dotnet</c> with the assembly.</summary>
    public static ProcessStartInfo StartInfo(params IReadOnlyList<string> arguments)
    {
        string assembly = typeof(ThisProgram).Assembly.Location;
        string executable = Path.ChangeExtension(assembly, OperatingSystem.IsWindows() ? ".exe" : null);
        return IsSelfContained(assembly) && File.Exists(executable)
            ? new ProcessStartInfo(executable, arguments)
            : new ProcessStartInfo(DotnetPath(), [assembly, .. arguments]);
    }

    private static bool IsSelfContained(string assembly) =>
        File.Exists(Path.Combine(Path.GetDirectoryName(assembly)!, "System.Private.CoreLib.dll"));

    /// <summary>
    /// The program dotnet that runs this: /usr/share/dotnet/dotnet for /usr/share/dotnet/shared/Microsoft.NETCore.App/10.0.0/.
    /// </summary>
    public static string DotnetPath() =>
        Path.GetFullPath(
            Path.Combine(
                RuntimeEnvironment.GetRuntimeDirectory(),
                "..",
                "..",
                "..",
                OperatingSystem.IsWindows() ? "dotnet.exe" : "dotnet"
            )
        );
}
