using System.Reflection;
using System.Runtime.InteropServices;
using System.Runtime.Loader;

namespace AttentionLab.Kernel.Start;

/// <summary>
/// Where the kernel and the libraries that it uses itself are loaded. The default context is left to the notebook: there, a
/// package that the kernel uses too is the notebook's own, in the version that it asks for.
/// </summary>
/// <param name="kernel">The kernel's library, with the list of what it needs (<c>.deps.json</c>) beside it.</param>
internal sealed class KernelContext(string kernel) : AssemblyLoadContext("AttentionLab.Kernel")
{
    private readonly AssemblyDependencyResolver _files = new(kernel);

    // Libraries that the build compiled for this system (lib/AttentionLab.Kernel/ReadyToRun.targets).
    private readonly string _compiled = Path.Combine(
        Path.GetDirectoryName(kernel)!,
        "readytorun",
        RuntimeInformation.RuntimeIdentifier
    );

    // The framework's own, which a self-contained program lists with the kernel's, are there once.
    private readonly HashSet<string> _framework = new(
        ((string)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES")!)
            .Split(Path.PathSeparator)
            .Select(Path.GetFileNameWithoutExtension)!,
        StringComparer.OrdinalIgnoreCase
    );

    /// <inheritdoc/>
    protected override Assembly? Load(AssemblyName assemblyName)
    {
        if (_framework.Contains(assemblyName.Name!) || _files.ResolveAssemblyToPath(assemblyName) is not { } path)
        {
            return null;
        }

        string compiled = Path.Combine(_compiled, Path.GetFileName(path));
        return LoadFromAssemblyPath(File.Exists(compiled) ? compiled : path);
    }
}
