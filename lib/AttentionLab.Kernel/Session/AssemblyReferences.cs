using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.Diagnostics;
using System.Reflection;
using System.Runtime.InteropServices;
using System.Runtime.Loader;
using System.Text;
using Microsoft.CodeAnalysis;

namespace AttentionLab.Kernel.Session;

/// <summary>
/// The assemblies cells compile against. They load into the default context, where only the framework is already when
/// lib/AttentionLab.Kernel.Start started the kernel: what that needs itself lies in another, of which cells have
/// <see cref="Shared"/>. A name that the host has, in the default context or among the shared, means the host's own file.
/// </summary>
internal sealed class AssemblyReferences : MetadataReferenceResolver
{
    private static readonly Dictionary<string, string> HostFiles = (
        (string?)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES") ?? ""
    )
        .Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries)
        .GroupBy(Path.GetFileNameWithoutExtension, StringComparer.OrdinalIgnoreCase)
        .ToDictionary(files => files.Key!, files => files.First(), StringComparer.OrdinalIgnoreCase);

    private static readonly string[] FrameworkNames =
    [
        "System.",
        "Microsoft.CSharp.",
        "Microsoft.VisualBasic.",
        "Microsoft.Win32.",
        "mscorlib.",
        "netstandard.",
        "WindowsBase.",
    ];
    private static readonly string Runtime = Path.GetDirectoryName(typeof(object).Assembly.Location)!;
    private static readonly ConcurrentDictionary<string, PortableExecutableReference> Read = new();
    private static readonly ConcurrentDictionary<string, bool> Folders = new();
    private static readonly ConcurrentDictionary<string, string> Native = new(StringComparer.OrdinalIgnoreCase);

    // What cells and the kernel must have in common.
    private static readonly Dictionary<string, Assembly> Shared = new[]
    {
        typeof(Microsoft.DotNet.Interactive.Kernel),
        typeof(Microsoft.DotNet.Interactive.Formatting.Formatter),
        typeof(Microsoft.AspNetCore.Html.IHtmlContent),
        typeof(Newtonsoft.Json.JsonConvert), // which notebooks of .NET Interactive use without a reference
    }
        .Select(type => type.Assembly)
        .ToDictionary(assembly => assembly.GetName().Name!, StringComparer.OrdinalIgnoreCase);

    static AssemblyReferences()
    {
        // What a referenced library needs lies beside it. Its native files the runtime finds there by itself.
        AssemblyLoadContext.Default.Resolving += (context, name) =>
            Shared.TryGetValue(name.Name!, out Assembly? shared) ? shared
            : Beside(name.Name) is { } path ? context.LoadFromAssemblyPath(path)
            : PackageExtensions.Needed(context, name.Name!);
        AssemblyLoadContext.Default.ResolvingUnmanagedDll += (_, name) =>
            NativeNames(name).Select(Native.GetValueOrDefault).FirstOrDefault(path => path is not null) is { } path
                ? LoadNative(path)
                : 0;
    }

    /// <summary>What every cell sees: the framework, the formatters, and display.</summary>
    public static ImmutableArray<MetadataReference> Default { get; } =
    [.. Framework(HostFiles.Values, Runtime, AppContext.BaseDirectory).Select(FromFile).Concat(Own).Distinct()];

    /// <summary>
    /// The same for reading: the framework as the SDK's reference assemblies, which have documentation beside them, if there is
    /// an SDK.
    /// </summary>
    public static ImmutableArray<MetadataReference> Documented =>
        ReferencePack() is { } pack ? [.. Directory.GetFiles(pack, "*.dll").Select(FromFile).Concat(Own).Distinct()] : Default;

    private static IEnumerable<MetadataReference> Own => Shared.Values.Select(assembly => FromFile(assembly.Location));

    /// <summary>The framework's files among all that the host has: in a self-contained host, both lie in one folder.</summary>
    public static IEnumerable<string> Framework(IEnumerable<string> files, string runtime, string host)
    {
        bool isSelfContained = Path.TrimEndingDirectorySeparator(host) == Path.TrimEndingDirectorySeparator(runtime);
        return files.Where(file =>
            Path.GetDirectoryName(file) == Path.TrimEndingDirectorySeparator(runtime)
            && (!isSelfContained || FrameworkNames.Any(Path.GetFileName(file).StartsWith))
        );
    }

    /// <inheritdoc/>
    public override bool ResolveMissingAssemblies => true;

    /// <summary>
    /// The reference of an <c>#r</c> line: a path, relative to a folder, or the name of an assembly of the framework, with .dll or
    /// without. A file's library is loaded.
    /// </summary>
    /// <exception cref="FileNotFoundException">No such file.</exception>
    /// <exception cref="BadImageFormatException">The file is no .NET assembly.</exception>
    public static MetadataReference Resolve(string reference, string folder)
    {
        (string name, string path) = Find(reference, folder);
        return FromFile(HostFile(name) ?? Described(Load(path).Location));
    }

    // A package may bring reference assemblies to compile against: ref/net10.0/Name.dll beside lib/net10.0/Name.dll.
    private static string Described(string path)
    {
        string framework = Path.GetDirectoryName(path)!,
            lib = Path.GetDirectoryName(framework) ?? "";
        string described = Path.Combine(lib, "..", "ref", Path.GetFileName(framework), Path.GetFileName(path));
        return Path.GetFileName(lib) == "lib" && File.Exists(described) ? Path.GetFullPath(described) : path;
    }

    /// <summary>The same for a program, which is compiled here and runs elsewhere: nothing is loaded.</summary>
    /// <exception cref="FileNotFoundException">No such file.</exception>
    /// <exception cref="BadImageFormatException">The file is no .NET assembly.</exception>
    public static MetadataReference ForProgram(string reference, string folder)
    {
        (string name, string path) = Find(reference, folder);
        Folders.TryAdd(Path.GetDirectoryName(path)!, true);
        return Default.FirstOrDefault(known => Path.GetFileNameWithoutExtension(known.Display) == name) ?? FromFile(path);
    }

    private static (string Name, string Path) Find(string reference, string folder)
    {
        string path = Path.GetFullPath(reference, folder);
        if (!File.Exists(path))
        {
            bool isFile = reference.EndsWith(".dll", StringComparison.OrdinalIgnoreCase);
            string known = isFile ? reference[..^".dll".Length] : reference;
            return HostFile(known) is { } file
                ? (known, file)
                : throw new FileNotFoundException(
                    $"#r \"{reference}\": the file {path} does not exist. Build the project it comes from, or correct the path."
                );
        }

        try
        {
            return (AssemblyName.GetAssemblyName(path).Name!, path);
        }
        catch (BadImageFormatException e)
        {
            throw new BadImageFormatException($"#r \"{reference}\": {path} is not a .NET assembly.", e);
        }
    }

    /// <summary>The version of the host's own library that is taken in a file's place, if it is another; else null.</summary>
    public static string? OwnVersion(string path) =>
        HostFile(Path.GetFileNameWithoutExtension(path)) is { } own && Product(own) != Product(path) ? Product(own) : null;

    /// <summary>What is wrong when an earlier cell loaded an older library of a file's name; null when nothing is.</summary>
    public static string? Outdated(string path)
    {
        AssemblyName needed = AssemblyName.GetAssemblyName(path);
        Version? there = HostFile(needed.Name!) is not null
            ? null // which OwnVersion tells of what a cell asked for
            : AssemblyLoadContext
                .Default.Assemblies.FirstOrDefault(assembly => assembly.GetName().Name == needed.Name)
                ?.GetName()
                .Version;
        return there is null || there >= needed.Version
            ? null
            : $"{needed.Name} {there} is there already, of an earlier cell; what needs {needed.Version} may fail. "
                + "Restart, and run the cell that references the newer one first.\n";
    }

    private static string Product(string path) =>
        FileVersionInfo.GetVersionInfo(path).ProductVersion?.Split('+')[0] is { Length: > 0 } version
            ? version
            : AssemblyName.GetAssemblyName(path).Version!.ToString();

    /// <summary>Loads a library, or gives the one of its name that is loaded already.</summary>
    /// <param name="path">The full path. What the library needs is looked for beside it.</param>
    public static Assembly Load(string path)
    {
        Folders.TryAdd(Path.GetDirectoryName(path)!, true);
        string name = AssemblyName.GetAssemblyName(path).Name!;
        return AssemblyLoadContext.Default.Assemblies.FirstOrDefault(assembly => assembly.GetName().Name == name)
            ?? AssemblyLoadContext.Default.LoadFromAssemblyPath(path);
    }

    /// <summary>Native libraries of packages, found by their file names when managed ones ask for them.</summary>
    public static void AddNative(IEnumerable<string> files)
    {
        foreach (string file in files)
        {
            Native.TryAdd(Path.GetFileName(file), file);
        }
    }

    /// <inheritdoc/>
    public override PortableExecutableReference? ResolveMissingAssembly(
        MetadataReference definition,
        AssemblyIdentity referenceIdentity
    ) => (HostFile(referenceIdentity.Name) ?? Beside(referenceIdentity.Name)) is { } path ? FromFile(path) : null;

    /// <summary>Nothing: <c>#r</c> lines are taken out of a cell before it is compiled.</summary>
    public override ImmutableArray<PortableExecutableReference> ResolveReference(
        string reference,
        string? baseFilePath,
        MetadataReferenceProperties properties
    ) => [];

    /// <inheritdoc/>
    public override bool Equals(object? other) => other is AssemblyReferences;

    /// <inheritdoc/>
    public override int GetHashCode() => typeof(AssemblyReferences).GetHashCode();

    // What it needs may be another package's, as libtorch is for TorchSharp, where the system does not look: that is loaded first.
    private static nint LoadNative(string path)
    {
        if (NativeLibrary.TryLoad(path, out nint library))
        {
            return library;
        }

        byte[] file = File.ReadAllBytes(path);
        foreach ((string name, string other) in Native)
        {
            if (other != path && file.AsSpan().IndexOf(Encoding.UTF8.GetBytes(name)) >= 0)
            {
                _ = NativeLibrary.TryLoad(other, out _);
            }
        }

        return NativeLibrary.Load(path); // or the loader's reason
    }

    private static IEnumerable<string> NativeNames(string name)
    {
        string ending =
            OperatingSystem.IsWindows() ? ".dll"
            : OperatingSystem.IsMacOS() ? ".dylib"
            : ".so";
        return [name, name + ending, "lib" + name + ending];
    }

    private static string? HostFile(string name) =>
        Shared.TryGetValue(name, out Assembly? shared) ? shared.Location : HostFiles.GetValueOrDefault(name);

    private static string? Beside(string? name) =>
        Folders.Keys.Select(folder => Path.Combine(folder, name + ".dll")).FirstOrDefault(File.Exists);

    private static PortableExecutableReference FromFile(string path) =>
        Read.GetOrAdd(
            path,
            file => MetadataReference.CreateFromFile(file, documentation: Documentation(Path.ChangeExtension(file, ".xml")))
        );

    private static XmlDocumentationProvider? Documentation(string path) =>
        File.Exists(path) ? XmlDocumentationProvider.CreateFromFile(path) : null;

    // dotnet/shared/Microsoft.NETCore.App/10.0.1 runs what dotnet/packs/Microsoft.NETCore.App.Ref/10.0.1/ref/net10.0 describes.
    private static string? ReferencePack()
    {
        string packs = Path.GetFullPath("../../../packs/Microsoft.NETCore.App.Ref", Runtime);
        string framework = $"net{Environment.Version.Major}.{Environment.Version.Minor}";
        return !Directory.Exists(packs)
            ? null
            : Directory
                .GetDirectories(packs)
                .Select(version => Path.Combine(version, "ref", framework))
                .LastOrDefault(Directory.Exists);
    }
}
