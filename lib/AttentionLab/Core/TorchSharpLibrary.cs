using System.Reflection;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace AttentionLab.Core;

/// <summary>
/// Loads libtorch and TorchSharp's native library on Linux where this assembly lies in its package's folder, as it does after a
/// notebook's <c>#r "nuget: AttentionLab"</c>. No build has put the native files side by side there, and .NET, asked by
/// TorchSharp for <c>torch_cpu</c>, would take a libtorch of the system before that of the package.
/// </summary>
/// <remarks>
/// Once loaded, every caller finds both by their names. Everywhere else .NET finds them itself; see
/// <c>build/OlderLinux.targets</c> for the copy of TorchSharp's library that is loaded here.
/// </remarks>
internal static class TorchSharpLibrary
{
    private const string NativeFolder = "runtimes/linux-x64/native";

#pragma warning disable CA2255 // a library's initializer: any call of TorchSharp may come next
    [ModuleInitializer]
#pragma warning restore CA2255
    internal static void Prepare()
    {
        LoadFromPackages();
        HiddenCaches.LimitTorch();
    }

    private static void LoadFromPackages()
    {
        Assembly own = typeof(TorchSharpLibrary).Assembly;
        if (!OperatingSystem.IsLinux() || own.Location.Length == 0)
        {
            return;
        }

        // …/attentionlab/0.1.261125.190000/lib/net10.0/AttentionLab.dll
        string package = Path.GetFullPath(Path.Combine(own.Location, "../../.."));
        string library = Path.Combine(package, NativeFolder, "LibTorchSharp.so");
        if (File.Exists(library) && NativeLibrary.TryLoad(LibTorch(own, Path.Combine(package, "../..")), out _))
        {
            _ = NativeLibrary.TryLoad(library, out _); // where it fails, TorchSharp's first call says why
        }
    }

    private static string LibTorch(Assembly own, string packages)
    {
        string version = own.GetCustomAttributes<AssemblyMetadataAttribute>().First(m => m.Key == "LibTorchVersion").Value!;
        return Path.Combine(packages, "libtorch-cpu-linux-x64", version, NativeFolder, "libtorch_cpu.so");
    }
}
