using System.Diagnostics;
using System.Reflection;
using System.Runtime.InteropServices;

namespace AttentionLab.Kernel.Commands;

/// <summary>This program, started once more.</summary>
internal static class ThisProgram
{
    // Starts the kernel where the notebook's packages do not see what it needs (lib/AttentionLab.Kernel.Start).
    private const string Name = "csharp-kernel";

    /// <summary>
    /// Program and first arguments: the executable beside the assembly, or <c>dotnet</c> with the starting program, on the
    /// frameworks of the program at work. That one may need more than the kernel does, such as ASP.NET, whose libraries its build
    /// then leaves out.
    /// </summary>
    public static IReadOnlyList<string> Command
    {
        get
        {
            string folder = Path.GetDirectoryName(typeof(ThisProgram).Assembly.Location)!;
            string assembly = Path.Combine(folder, Name + ".dll");
            string executable = Path.Combine(folder, OperatingSystem.IsWindows() ? Name + ".exe" : Name);
            return IsSelfContained(folder) && File.Exists(executable) ? [executable]
                : RuntimeConfiguration(folder) is { } file ? [DotnetPath(), "exec", "--runtimeconfig", file, assembly]
                : [DotnetPath(), assembly];
        }
    }

    /// <summary>Starts it with arguments.</summary>
    public static ProcessStartInfo StartInfo(params IReadOnlyList<string> arguments) =>
        new(Command[0], [.. Command.Skip(1), .. arguments]);

    /// <summary>
    /// The program dotnet that runs this: /usr/share/dotnet/dotnet for /usr/share/dotnet/shared/Microsoft.NETCore.App/10.0.0/.
    /// Where the runtime lies elsewhere, as in a self-contained program, the one that the system finds.
    /// </summary>
    public static string DotnetPath()
    {
        string program = OperatingSystem.IsWindows() ? "dotnet.exe" : "dotnet";
        string path = Path.GetFullPath(Path.Combine(RuntimeEnvironment.GetRuntimeDirectory(), "..", "..", "..", program));
        return File.Exists(path) ? path : program;
    }

    /// <summary>That of a program which brings the kernel along; null where the kernel is the program.</summary>
    private static string? RuntimeConfiguration(string folder)
    {
        string? program = Assembly.GetEntryAssembly()?.GetName().Name;
        string file = Path.Combine(folder, $"{program}.runtimeconfig.json");
        return program != Name && File.Exists(file) ? file : null;
    }

    private static bool IsSelfContained(string folder) => File.Exists(Path.Combine(folder, "System.Private.CoreLib.dll"));
}
