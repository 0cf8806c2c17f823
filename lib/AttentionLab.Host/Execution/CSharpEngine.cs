using System.Collections.Immutable;
using AttentionLab.Host.Display;
using AttentionLab.Host.Notebooks;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Scripting;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.CodeAnalysis.Scripting;

namespace AttentionLab.Host.Execution;

/// <summary>A C# session: runs cells one after the other, each seeing what those before it declared.</summary>
/// <param name="folder">Where relative paths of <c>#r</c>, <c>#load</c> and <c>#!import</c> start.</param>
internal sealed class CSharpEngine(string folder) : IDisposable
{
    /// <summary>How cells are parsed: scripts of the newest C#.</summary>
    public static readonly CSharpParseOptions ParseOptions = new(LanguageVersion.Latest, kind: SourceCodeKind.Script);

    /// <summary>What a cell may name without a using; the same as in .NET Interactive.</summary>
    public static readonly IReadOnlyList<string> Imports =
    [
        "System", "System.Text", "System.Collections", "System.Collections.Generic", "System.Threading.Tasks", "System.Linq",
        "Microsoft.DotNet.Interactive", "Microsoft.DotNet.Interactive.Kernel", "Microsoft.DotNet.Interactive.Formatting",
    ];

    private ImmutableArray<MetadataReference> _references = [];
    private readonly CellThread _thread = new();
    private readonly Stack<string> _importing = new();
    private ScriptState<object>? _state;

    /// <summary>What the cells so far declared.</summary>
    public SessionSource Source { get; } = new();

    /// <summary>The assemblies that cells so far referenced, beside those that every cell sees.</summary>
    public ImmutableArray<MetadataReference> References => _references;

    /// <summary>Whether a text can be run as a cell, as a console asks before it goes to a new line.</summary>
    public static Submission IsComplete(string code)
    {
        try
        {
            SyntaxTree[] trees = [.. CellPart.Split(code).Select(part => CSharpSyntaxTree.ParseText(part.Code, ParseOptions))];
            return !trees.All(SyntaxFactory.IsCompleteSubmission) ? Submission.Incomplete
                : trees.SelectMany(tree => tree.GetDiagnostics()).Any(d => d.Severity == DiagnosticSeverity.Error) ? Submission.Invalid
                : Submission.Complete;
        }
        catch (CellDirectiveException)
        {
            return Submission.Invalid;
        }
    }

    /// <summary>Runs a cell and sends what it shows to <paramref name="output"/>.</summary>
    /// <param name="code">The cell's text.</param>
    /// <param name="name">What it is called in errors: "cell 3".</param>
    /// <param name="output">Takes Console output, displays and the value of the last expression.</param>
    /// <param name="cancellationToken">
    /// Stops the cell before its next part. Code that runs sees it as <c>KernelInvocationContext.Current.CancellationToken</c>.
    /// </param>
    public async Task<ExecutionResult> ExecuteAsync(string code, string name, IOutputSink output, CancellationToken cancellationToken)
    {
        RunningCell.Current = new RunningCell(output, cancellationToken);
        try
        {
            return await _thread.Run(() => RunPartsAsync(code, name, output, cancellationToken)).ConfigureAwait(false);
        }
        catch (CellDirectiveException e)
        {
            return new ExecutionResult(Error: CellError.FromDirective(e.Message, name, e.Line));
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            return new ExecutionResult(Cancelled: true);
        }
        catch (Exception e)
        {
            // Whatever a cell's code throws belongs to the cell, a formatter's exception too; the host goes on.
            return new ExecutionResult(Error: CellError.FromException(e, name));
        }
    }

    /// <summary>Ends the session; its variables are left to the garbage collector.</summary>
    public void Dispose() => _thread.Dispose();

    private async Task<ExecutionResult> RunPartsAsync(string code, string name, IOutputSink output, CancellationToken cancellationToken)
    {
        var result = new ExecutionResult();
        foreach (CellPart part in CellPart.Split(code))
        {
            cancellationToken.ThrowIfCancellationRequested();
            result = await RunCodeAsync(part, name, output, cancellationToken).ConfigureAwait(false);
            if (result.Succeeded && part.Import is not null)
            {
                result = await ImportAsync(part, output, cancellationToken).ConfigureAwait(false);
            }

            if (!result.Succeeded)
            {
                break;
            }
        }

        return result;
    }

    private async Task<ExecutionResult> RunCodeAsync(CellPart part, string name, IOutputSink output, CancellationToken cancellationToken)
    {
        _state ??= await CSharpScript.RunAsync("", FirstOptions(), cancellationToken: cancellationToken).ConfigureAwait(false);

        // Only what is new: references given again would be read and kept again for every cell.
        MetadataReference[] references = [.. part.References.Select(Reference).Distinct()];
        ImmutableInterlocked.InterlockedExchange(ref _references, _references.AddRange(references.Except(_references)));
        ScriptOptions options = _state.Script.Options
            .WithReferences(references).WithImports().WithFilePath(name);
        Script<object> script = _state.Script.ContinueWith<object>(part.Code, options);
        Diagnostic[] errors = [.. script.Compile(cancellationToken).Where(d => d.Severity == DiagnosticSeverity.Error).OrderBy(d => d.Location.SourceSpan.Start)];
        if (errors.Length > 0)
        {
            return new ExecutionResult(Error: CellError.FromDiagnostics(errors));
        }

        _state = await script.RunFromAsync(_state, _ => true, cancellationToken).ConfigureAwait(false);
        Source.Add(script.GetCompilation());
        if (_state.Exception is OperationCanceledException && cancellationToken.IsCancellationRequested)
        {
            return new ExecutionResult(Cancelled: true);
        }

        if (_state.Exception is { } exception)
        {
            return new ExecutionResult(Error: CellError.FromException(exception, name));
        }

        object? value = _state.ReturnValue;
        if (value is not Microsoft.DotNet.Interactive.DisplayedValue && (value is not null || EndsInExpression(script.GetCompilation())))
        {
            output.Result(MimeBundle.Of(value));
        }

        return new ExecutionResult(value);
    }

    // A notebook's code cells, or a file of C#, as if they stood here; their own relative paths start at their own folder.
    private async Task<ExecutionResult> ImportAsync(CellPart part, IOutputSink output, CancellationToken cancellationToken)
    {
        string path = Path.GetFullPath(part.Import!, _importing.TryPeek(out string? importer) ? Path.GetDirectoryName(importer)! : folder);
        if (!File.Exists(path))
        {
            throw new CellDirectiveException($"#!import: there is no file {path}.", part.ImportLine);
        }

        if (_importing.Contains(path))
        {
            throw new CellDirectiveException($"#!import: {path} imports itself.", part.ImportLine);
        }

        string file = Path.GetFileName(path);
        IEnumerable<(string Code, string Name)> cells;
        try
        {
            cells = Path.GetExtension(path).ToLowerInvariant() switch
            {
                ".ipynb" => Notebook.Read(path).CodeCells.Select((cell, i) => (cell.Source, $"{file}, cell {i + 1}")),
                ".cs" or ".csx" => [(File.ReadAllText(path), file)],
                _ => throw new CellDirectiveException($"#!import: {file} is neither .ipynb nor .cs nor .csx.", part.ImportLine),
            };
        }
        catch (NotebookFormatException e)
        {
            throw new CellDirectiveException($"#!import: {e.Message}", part.ImportLine);
        }

        _importing.Push(path);
        try
        {
            var result = new ExecutionResult();
            foreach ((string code, string name) in cells)
            {
                result = await ExecuteAsync(code, name, output, cancellationToken).ConfigureAwait(false);
                if (!result.Succeeded)
                {
                    break;
                }
            }

            return result with { Value = null };
        }
        finally
        {
            _importing.Pop();
        }
    }

    private MetadataReference Reference((string Path, int Line) reference)
    {
        try
        {
            return AssemblyReferences.Resolve(reference.Path, _importing.TryPeek(out string? file) ? Path.GetDirectoryName(file)! : folder);
        }
        catch (Exception e) when (e is IOException or BadImageFormatException or NotSupportedException or UnauthorizedAccessException)
        {
            throw new CellDirectiveException(e.Message, reference.Line);
        }
    }

    private ScriptOptions FirstOptions() => ScriptOptions.Default
        .WithReferences(AssemblyReferences.Default)
        .WithImports(Imports)
        .WithMetadataResolver(new AssemblyReferences())
        .WithSourceResolver(ScriptSourceResolver.Default.WithBaseDirectory(folder))
        .WithLanguageVersion(ParseOptions.LanguageVersion)
        .WithAllowUnsafe(true)
        .WithOptimizationLevel(OptimizationLevel.Release)
        .WithFileEncoding(System.Text.Encoding.UTF8)
        .WithEmitDebugInformation(true);

    // Whether a null came from an expression, to be shown, or from no expression at all.
    private static bool EndsInExpression(Compilation compilation)
    {
        SyntaxTree tree = compilation.SyntaxTrees.Last();
        return tree.GetRoot() is CompilationUnitSyntax { Members: [.., GlobalStatementSyntax { Statement: ExpressionStatementSyntax { SemicolonToken.IsMissing: true } statement }] }
            && compilation.GetSemanticModel(tree).GetTypeInfo(statement.Expression).Type is not { SpecialType: SpecialType.System_Void };
    }
}
