using System.Reflection;
using System.Runtime.Loader;

namespace AttentionLab.Interactive;

/// <summary>
/// Plotly.NET 6 asks for FSharp.Core 10.1; the last .NET Interactive carries 10.0 and has loaded it already, so that .NET refuses
/// Plotly.NET's request. It uses nothing that 10.0 lacks.
/// </summary>
internal static class FSharpCore
{
    private const string Name = "FSharp.Core";
    private static int _serving;

    /// <summary>
    /// Answers a request that .NET could not fulfil with the FSharp.Core that is loaded, if it is of the same major version.
    /// </summary>
    public static void ServeOlder()
    {
        if (Interlocked.Exchange(ref _serving, 1) == 0)
        {
            AssemblyLoadContext.Default.Resolving += Loaded;
        }
    }

    private static Assembly? Loaded(AssemblyLoadContext context, AssemblyName asked) =>
        asked.Name != Name
            ? null
            : context.Assemblies.FirstOrDefault(loaded =>
                loaded.GetName() is { Name: Name, Version: { } version } && version.Major == asked.Version?.Major
            );
}
