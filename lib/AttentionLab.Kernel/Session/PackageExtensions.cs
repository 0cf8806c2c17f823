using System.Reflection;
using System.Runtime.Loader;
using Microsoft.DotNet.Interactive.Formatting;

namespace AttentionLab.Kernel.Session;

/// <summary>
/// What packages bring along for .NET Interactive in their folder interactive-extensions/dotnet: libraries that register how the
/// package's values are shown, and a script extension.dib. This is the one place that knows .NET Interactive's own library, which
/// those libraries refer to; it is loaded for them only, and cells never see it.
/// </summary>
internal sealed class PackageExtensions
{
    /// <summary>The library that extensions refer to. Cells have the kernel's own types of the same names.</summary>
    public const string Library = "Microsoft.DotNet.Interactive";

    private static readonly Assembly Compiler = typeof(Microsoft.CodeAnalysis.Compilation).Assembly;

    private const string Interface = "Microsoft.DotNet.Interactive.IKernelExtension";
    private const string Script = "extension.dib";

    private readonly HashSet<string> _started = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>Where the library lies that extensions refer to.</summary>
    public static string LibraryPath => Path.Combine(AppContext.BaseDirectory, "extensions", Library + ".dll");

    /// <summary>Starts the extensions of packages that were not started before.</summary>
    /// <param name="packages">All packages of the session.</param>
    /// <param name="complain">Takes a line on an extension that cannot be started.</param>
    /// <returns>Scripts to run.</returns>
    public async Task<IReadOnlyList<string>> StartAsync(IEnumerable<ResolvedPackage> packages, Action<string> complain)
    {
        var scripts = new List<string>();
        foreach (ResolvedPackage package in packages.Where(package => _started.Add(package.Id)))
        {
            string folder = Path.Combine(package.Folder, "interactive-extensions", "dotnet");
            if (!Directory.Exists(folder))
            {
                continue;
            }

            foreach (string library in Directory.GetFiles(folder, "*.dll"))
            {
                int formatters = Formatters();
                try
                {
                    await StartAsync(AssemblyReferences.Load(library)).ConfigureAwait(false);
                }
                catch (Exception e) when (Formatters() > formatters && WantsTheKernel(e.GetBaseException()))
                {
                    // It registered how values are shown before that.
                }
                catch (Exception e) when (e is not OperationCanceledException)
                {
                    // Whatever an extension throws, the package itself can be used.
                    complain(
                        $"{package.Id}: its extension for .NET Interactive could not be started, so its values are shown like any "
                            + $"other. {e.GetBaseException().Message}\n"
                    );
                }
            }

            if (File.Exists(Path.Combine(folder, Script)))
            {
                scripts.Add(Path.Combine(folder, Script));
            }
        }

        return scripts;
    }

    /// <summary>
    /// .NET Interactive's library where an extension refers to it, and what that itself takes from the compiler where no package
    /// brings it; else null.
    /// </summary>
    public static Assembly? Needed(AssemblyLoadContext notebook, string name) =>
        name == Library && File.Exists(LibraryPath) ? notebook.LoadFromAssemblyPath(LibraryPath)
        : name == Compiler.GetName().Name && notebook.Assemblies.Any(each => each.GetName().Name == Library) ? Compiler
        : null;

    // A type or a member of .NET Interactive's that is not here, or the kernel itself.
    private static bool WantsTheKernel(Exception e) => e is TypeLoadException or MissingMemberException or NullReferenceException;

    private static int Formatters() => Formatter.RegisteredFormatters(includeDefaults: false).Count();

    // An extension is loaded without a kernel, since .NET Interactive's kernel does not exist here. It still registers its
    // formatters.
    private static async Task StartAsync(Assembly library)
    {
        foreach (Type type in library.GetExportedTypes().Where(type => type is { IsAbstract: false, IsClass: true }))
        {
            if (type.GetInterface(Interface) is { } extension)
            {
                object instance = Activator.CreateInstance(type)!;
                await ((Task)extension.GetMethod("OnLoadAsync")!.Invoke(instance, [null])!).ConfigureAwait(false);
            }
        }
    }
}
