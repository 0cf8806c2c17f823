using System.Collections.Immutable;
using System.Reflection;
using System.Text.RegularExpressions;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Completion;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.Host.Mef;
using Microsoft.CodeAnalysis.QuickInfo;
using Microsoft.CodeAnalysis.Tags;
using Microsoft.CodeAnalysis.Text;

namespace AttentionLab.Kernel.Session;

/// <summary>Completion and hover in a cell, with all that earlier cells of the session declared.</summary>
internal sealed partial class CSharpCompletion
{
    // Named, for those that are looked for by default include Visual Basic's, which a package of the notebook may bring along in
    // a version that does not fit.
    private static readonly Assembly[] Services =
    [
        typeof(Workspace).Assembly,
        typeof(CompletionService).Assembly,
        Assembly.Load("Microsoft.CodeAnalysis.CSharp.Workspaces"),
        Assembly.Load("Microsoft.CodeAnalysis.CSharp.Features"),
    ];

    private readonly CSharpEngine _engine;
    private readonly Task<Solution> _empty;
    private readonly Lock _lock = new();
    private readonly ProjectId _session = ProjectId.CreateNewId();
    private readonly ProjectId _cell = ProjectId.CreateNewId();
    private readonly DocumentId _sessionText;
    private readonly DocumentId _cellText;
    private (string Source, int References, Solution Solution)? _current;

    /// <summary>Starts loading the compiler's services in the background.</summary>
    public CSharpCompletion(CSharpEngine engine)
    {
        _engine = engine;
        _sessionText = DocumentId.CreateNewId(_session);
        _cellText = DocumentId.CreateNewId(_cell);
        _empty = Task.Run(CreateSolutionAsync);
        WarmUp = Task.Run(() => InspectAsync("string", 0, CancellationToken.None));
    }

    /// <summary>Ends when answers come fast; no need to wait for it.</summary>
    public Task WarmUp { get; }

    /// <summary>What can stand at a place.</summary>
    /// <param name="code">The cell, perhaps not yet finished.</param>
    /// <param name="cursor">The place, in UTF-16 units.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public async Task<Completions> CompleteAsync(string code, int cursor, CancellationToken cancellationToken)
    {
        cursor = Math.Clamp(cursor, 0, code.Length);
        if (CellLimits.Problem(code) is not null)
        {
            return new Completions(cursor, cursor, []);
        }

        if (
            DirectiveLines().Matches(code).FirstOrDefault(line => line.Index < cursor && cursor <= line.Index + line.Length) is
            { } directive
        )
        {
            if (PathCompletion.TryComplete(code[directive.Index..cursor], cursor, _engine.Folder) is { } paths)
            {
                return paths;
            }

            // Of the host's own lines only the first word is known besides.
            int start = directive.Index + directive.Value.IndexOf('#', StringComparison.Ordinal);
            string word = code[start..cursor];
            return new Completions(
                start,
                cursor,
                [
                    .. Directives
                        .Known.Select(known => known.Name)
                        .Where(name => name.StartsWith(word, StringComparison.Ordinal))
                        .Select(name => new CompletionEntry(name, "keyword")),
                ]
            );
        }

        (Document document, IReadOnlyList<int> escaped) = await DocumentAsync(code, cancellationToken).ConfigureAwait(false);
        CompletionService service = CompletionService.GetService(document)!;
        CompletionList list = await service
            .GetCompletionsAsync(document, ToDocument(cursor, escaped), cancellationToken: cancellationToken)
            .ConfigureAwait(false);
        TextSpan span =
            list.ItemsList.Count == 0
                ? new TextSpan(cursor, 0)
                : TextSpan.FromBounds(ToCell(list.Span.Start, escaped), ToCell(list.Span.End, escaped));
        string typed = code[span.Start..cursor];

        // Edits beyond the word itself, as an override's body, cannot be said in Jupyter's protocol.
        IEnumerable<CompletionEntry> entries = list
            .ItemsList.Where(item =>
                !item.IsComplexTextEdit && item.FilterText.Contains(typed, StringComparison.OrdinalIgnoreCase)
            )
            .OrderBy(item =>
                item.FilterText.StartsWith(typed, StringComparison.Ordinal) ? 0
                : item.FilterText.StartsWith(typed, StringComparison.OrdinalIgnoreCase) ? 1
                : 2
            )
            .ThenBy(item => item.SortText, StringComparer.OrdinalIgnoreCase)
            .Select(item => new CompletionEntry(
                item.DisplayText,
                item.Tags.FirstOrDefault("Text") is var kind && kind == WellKnownTags.ExtensionMethod
                    ? "method"
                    : kind.ToLowerInvariant()
            ));
        return new Completions(span.Start, span.End, [.. entries.Distinct()]);
    }

    /// <summary>What is known of the name at a place; null when there is none.</summary>
    /// <inheritdoc cref="CompleteAsync"/>
    public async Task<Hover?> InspectAsync(string code, int cursor, CancellationToken cancellationToken)
    {
        cursor = Math.Clamp(cursor, 0, code.Length);
        if (CellLimits.Problem(code) is not null)
        {
            return null;
        }

        (Document document, IReadOnlyList<int> escaped) = await DocumentAsync(code, cancellationToken).ConfigureAwait(false);
        QuickInfoItem? info = await QuickInfoService
            .GetService(document)!
            .GetQuickInfoAsync(document, ToDocument(cursor, escaped), cancellationToken)
            .ConfigureAwait(false);
        return info is not { Sections.IsEmpty: false }
            ? null
            : new Hover(
                string.Join("\n\n", info.Sections.Select(Text)),
                string.Join(
                    "\n\n",
                    info.Sections.Select(section =>
                        section.Kind == QuickInfoSectionKinds.Description
                            ? $"```csharp\n{Text(section)}\n```"
                            : Text(section).ReplaceLineEndings("  \n")
                    )
                )
            );
    }

    // A place of the cell in a document that has an `@` at some places, and back.
    private static int ToDocument(int cursor, IReadOnlyList<int> escaped) =>
        escaped.Aggregate(cursor, (place, at) => place + (at <= place ? 1 : 0));

    private static int ToCell(int place, IReadOnlyList<int> escaped) => place - escaped.Count(at => at < place);

    private static string Text(QuickInfoSection section) => section.Text.Trim().ReplaceLineEndings("\n");

    private async Task<(Document Document, IReadOnlyList<int> Escaped)> DocumentAsync(
        string code,
        CancellationToken cancellationToken
    )
    {
        Solution solution = await _empty.ConfigureAwait(false);
        string source = _engine.Source.ToString();
        ImmutableArray<MetadataReference> references = _engine.References;
        lock (_lock)
        {
            if (_current is not { } current || current.Source != source || current.References != references.Length)
            {
                current = (
                    source,
                    references.Length,
                    solution
                        .WithDocumentText(_sessionText, SourceText.From(source))
                        .AddMetadataReferences(_session, references)
                        .AddMetadataReferences(_cell, references)
                );
                _current = current;
            }

            solution = current.Solution;
        }

        return await DocumentAsync(solution, code, cancellationToken).ConfigureAwait(false);
    }

    private async Task<(Document Document, IReadOnlyList<int> Escaped)> DocumentAsync(
        Solution solution,
        string code,
        CancellationToken cancellationToken
    )
    {
        // #r and #! lines are blanked out: they are not the compiler's.
        string text = DirectiveLines().Replace(code, line => new string(' ', line.Length));
        text = ContextualNames.Escape(text, out IReadOnlyList<int> escaped);
        Document document = solution.WithDocumentText(_cellText, SourceText.From(text)).GetDocument(_cellText)!;
        // Without it the services may make do with less than all references.
        await document.Project.GetCompilationAsync(cancellationToken).ConfigureAwait(false);
        return (document, escaped);
    }

    // The session's project and the cell's, as one submission and the next: what is wrong or unfinished in the cell cannot break
    // what was before.
    private async Task<Solution> CreateSolutionAsync()
    {
        CSharpCompilationOptions options = new(
            OutputKind.DynamicallyLinkedLibrary,
            usings: CSharpEngine.Imports,
            allowUnsafe: true,
            metadataReferenceResolver: new AssemblyReferences(),
            concurrentBuild: false
        );
        ProjectInfo Project(ProjectId id, DocumentId document, params ProjectReference[] before) =>
            ProjectInfo.Create(
                id,
                VersionStamp.Default,
                document.Id.ToString(),
                document.Id.ToString("N"),
                LanguageNames.CSharp,
                compilationOptions: options,
                parseOptions: CSharpEngine.ParseOptions.WithDocumentationMode(DocumentationMode.Parse),
                documents:
                [
                    DocumentInfo.Create(
                        document,
                        "text",
                        sourceCodeKind: SourceCodeKind.Script,
                        loader: TextLoader.From(TextAndVersion.Create(SourceText.From(""), VersionStamp.Default))
                    ),
                ],
                projectReferences: before,
                metadataReferences: AssemblyReferences.Documented,
                isSubmission: true
            );

        Solution solution = new AdhocWorkspace(MefHostServices.Create(Services))
            .CurrentSolution.AddProject(Project(_session, _sessionText))
            .AddProject(Project(_cell, _cellText, new ProjectReference(_session)));

        // The first answer, while the compiler is still loaded, may lack extension methods: nobody sees it.
        (Document first, _) = await DocumentAsync(solution, "\"\".", CancellationToken.None).ConfigureAwait(false);
        await CompletionService.GetService(first)!.GetCompletionsAsync(first, 3).ConfigureAwait(false);
        return solution;
    }

    [GeneratedRegex(@"^[ \t]*#(!|[ri]\b|load\b)[^\r\n]*", RegexOptions.Multiline)]
    private static partial Regex DirectiveLines();
}
