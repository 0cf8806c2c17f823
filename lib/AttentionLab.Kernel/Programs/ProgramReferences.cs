using AttentionLab.Kernel.Notebooks;
using AttentionLab.Kernel.Session;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;

namespace AttentionLab.Kernel.Programs;

/// <summary>
/// What a notebook's <c>#r</c> and <c>#i</c> lines become in a program, which references packages and projects: a library that a
/// project builds stands for that project.
/// </summary>
/// <param name="notebook">The notebook's folder, where its relative paths start.</param>
/// <param name="program">The program's folder, where those of the program start.</param>
internal sealed class ProgramReferences(string notebook, string program)
{
    private readonly Packages _restored = new(notebook);
    private readonly SortedSet<string> _directives = new(StringComparer.Ordinal);
    private readonly List<string> _sources = [];
    private readonly HashSet<MetadataReference> _references = [];

    /// <summary>The lines at the program's top.</summary>
    public IEnumerable<string> Directives =>
        [
            .. _directives,
            .. _sources.Count > 0 ? [$"#:property RestoreAdditionalProjectSources={string.Join(';', _sources)}"] : (string[])[],
            .. _directives.Count > 0 ? ForThisMachine : [],
            .. AsCells,
        ];

    /// <summary>The libraries, to compile against.</summary>
    public IEnumerable<MetadataReference> All => _references;

    // Native files of this platform only, as links: hundreds of megabytes for each program otherwise.
    private static readonly string[] ForThisMachine =
    [
        "#:property UseCurrentRuntimeIdentifier=true",
        "#:property SelfContained=false",
        "#:property CreateHardLinksForCopyLocalIfPossible=true",
        "#:property ManagePackageVersionsCentrally=false",
    ];

    // A cell is compiled so too, and a folder's own rules for sources are not a notebook's.
    private static readonly string[] AsCells =
    [
        "#:property ImplicitUsings=disable",
        "#:property Nullable=disable",
        "#:property AllowUnsafeBlocks=true",
        "#:property PublishAot=false",
        "#:property GenerateDocumentationFile=false",
        "#:property RunAnalyzers=false",
        "#:property TreatWarningsAsErrors=false",
        "#:property WarningLevel=0",
    ];

    /// <summary>How cells, and the program that they become, are compiled.</summary>
    public static CSharpCompilationOptions Compilation(OutputKind kind) =>
        new(
            kind,
            usings: CSharpEngine.Imports,
            allowUnsafe: true,
            optimizationLevel: OptimizationLevel.Release,
            metadataReferenceResolver: new AssemblyReferences()
        );

    /// <summary>A path as the program writes it: relative to its folder, with slashes.</summary>
    public string Seen(string path) => Path.GetRelativePath(program, path).Replace('\\', '/');

    /// <summary>Follows a cell's lines.</summary>
    /// <exception cref="CellDirectiveException">A line that cannot be followed.</exception>
    /// <exception cref="IOException">There is no such file.</exception>
    /// <exception cref="BadImageFormatException">The file is no .NET assembly.</exception>
    /// <exception cref="NotebookFormatException">The file belongs to no project.</exception>
    public async Task AddAsync(IEnumerable<CellDirective> lines, CancellationToken cancellationToken)
    {
        foreach (CellDirective line in lines)
        {
            if (line.Name == "#i")
            {
                AddSource(line);
            }
            else if (Packages.IsPackage(line.Argument))
            {
                await AddPackageAsync(line, cancellationToken).ConfigureAwait(false);
            }
            else
            {
                AddFile(line);
            }
        }
    }

    private void AddSource(CellDirective line)
    {
        _restored.AddSource(line);
        string source = line.Argument["nuget:".Length..].Trim();
        _sources.Add(source.Contains("://", StringComparison.Ordinal) ? source : Escaped(Path.GetFullPath(source, notebook)));
    }

    private async Task AddPackageAsync(CellDirective line, CancellationToken cancellationToken)
    {
        PackageFiles files = await _restored.AddAsync([line], cancellationToken).ConfigureAwait(false);
        foreach (string assembly in files.Assemblies)
        {
            _references.Add(AssemblyReferences.ForProgram(assembly, notebook));
        }

        string[] parts = line.Argument["nuget:".Length..].Split(',', StringSplitOptions.TrimEntries);
        _directives.Add($"#:package {parts[0]}@{parts.ElementAtOrDefault(1) ?? "*"}");
    }

    private void AddFile(CellDirective line)
    {
        _references.Add(AssemblyReferences.ForProgram(line.Argument, notebook));
        string path = Path.GetFullPath(line.Argument, notebook);
        if (!File.Exists(path))
        {
            return; // the framework's own
        }

        for (string? folder = Path.GetDirectoryName(path); folder is not null; folder = Path.GetDirectoryName(folder))
        {
            if (Directory.GetFiles(folder, "*.csproj") is [string project, ..])
            {
                _directives.Add($"#:project {Escaped(Seen(project))}");
                return;
            }
        }

        throw new CellDirectiveException(
            $"#r \"{line.Argument}\" belongs to no project. A program references projects and packages: "
                + "write #r \"nuget: NAME, VERSION\", or the path of a library that lies below its project.",
            line.Line
        );
    }

    // What MSBuild would take for code of its own.
    private static string Escaped(string path) =>
        path.Replace("%", "%25", StringComparison.Ordinal)
            .Replace("$(", "%24(", StringComparison.Ordinal)
            .Replace(";", "%3B", StringComparison.Ordinal);
}
