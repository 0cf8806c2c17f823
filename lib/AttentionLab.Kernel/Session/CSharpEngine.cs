using System.Collections.Immutable;
using System.Diagnostics;
using System.Globalization;
using System.Runtime.ExceptionServices;
using AttentionLab.Kernel.Display;
using AttentionLab.Kernel.Notebooks;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Scripting;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.CodeAnalysis.Scripting;
using Microsoft.DotNet.Interactive;

namespace AttentionLab.Kernel.Session;

/// <summary>A C# session: runs cells one after the other, each seeing what those before it declared.</summary>
/// <param name="folder">Where relative paths of <c>#r</c>, <c>#load</c> and <c>#!import</c> start.</param>
/// <param name="keepsProcess">
/// Whether a cell that calls <see cref="Environment.Exit"/> ends with an error instead: a kernel's process holds the reader's
/// variables.
/// </param>
internal sealed class CSharpEngine(string folder, bool keepsProcess = false) : IDisposable
{
    /// <summary>How cells are parsed: scripts of the newest C#.</summary>
    public static readonly CSharpParseOptions ParseOptions = new(LanguageVersion.Latest, kind: SourceCodeKind.Script);

    /// <summary>What a cell may name without a using; the same as in .NET Interactive.</summary>
    public static readonly IReadOnlyList<string> Imports =
    [
        "System",
        "System.Text",
        "System.Collections",
        "System.Collections.Generic",
        "System.Threading.Tasks",
        "System.Linq",
        "Microsoft.DotNet.Interactive",
        "Microsoft.DotNet.Interactive.Kernel",
        "Microsoft.DotNet.Interactive.Formatting",
    ];

    /// <summary>How long a cell that is asked to stop may take to do so before it is left behind.</summary>
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(3);

    // Warnings of what is not used or not awaited yet, which a later cell may do, and of nullable marks, which a notebook does
    // not check.
    private static readonly HashSet<string> Noise =
    [
        "CS0168",
        "CS0169",
        "CS0219",
        "CS0414",
        "CS0649",
        "CS1591",
        "CS1701",
        "CS1702",
        "CS1705",
        "CS1998",
        "CS8321",
        "CS8632",
    ];

    private readonly Packages _packages = new(folder);
    private ImmutableArray<MetadataReference> _references = [];
    private volatile CellThread _thread = new();
    private ScriptState<object>? _state;

    /// <summary>Where relative paths start.</summary>
    public string Folder => folder;

    /// <summary>What the cells so far declared.</summary>
    public SessionSource Source { get; } = new();

    /// <summary>The assemblies that cells so far referenced, beside those that every cell sees.</summary>
    public ImmutableArray<MetadataReference> References => _references;

    /// <summary>Whether a text can be run as a cell, as a console asks before it goes to a new line.</summary>
    public static Submission IsComplete(string code)
    {
        if (CellLimits.Problem(code) is not null)
        {
            return Submission.Invalid;
        }

        try
        {
            SyntaxTree[] trees = [.. CellPart.Split(code).Select(part => CSharpSyntaxTree.ParseText(part.Code, ParseOptions))];
            return !trees.All(SyntaxFactory.IsCompleteSubmission) ? Submission.Incomplete
                : trees.SelectMany(tree => tree.GetDiagnostics()).Any(d => d.Severity == DiagnosticSeverity.Error)
                    ? Submission.Invalid
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
    /// Stops the cell. Code that runs sees it as <c>KernelInvocationContext.Current.CancellationToken</c>; code that does not
    /// look is stopped at a checkpoint, or interrupted while it waits, and in the end left behind. What earlier cells declared
    /// stays.
    /// </param>
    public async Task<ExecutionResult> ExecuteAsync(
        string code,
        string name,
        IOutputSink output,
        CancellationToken cancellationToken
    )
    {
        var cell = new RunningCell(output, cancellationToken);
        RunningCell.Current = cell;
        AppDomain.CurrentDomain.FirstChanceException += Thrown;
        Task<ExecutionResult> run = RunAsync(code, name, cell, []);
        var stop = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        using (cancellationToken.UnsafeRegister(_ => Stop(), null))
        {
            await Task.WhenAny(run, stop.Task).ConfigureAwait(false);
        }

        // A stopped cell throws within its grace, so the exceptions are watched until that is over.
        Task ended = await Task.WhenAny(run, Task.Delay(run.IsCompleted ? TimeSpan.Zero : Grace, CancellationToken.None))
            .ConfigureAwait(false);
        AppDomain.CurrentDomain.FirstChanceException -= Thrown;
        if (ended == run)
        {
            ExecutionResult result = await run.ConfigureAwait(false);
            return result with { Cancelled = result.Cancelled || cell.WasInterrupted };
        }

        TakeNewThread();
        return new ExecutionResult(Error: CellError.NotStopped(name), Cancelled: true);

        void Stop()
        {
            Checkpoint.Stop();
            stop.SetResult();
            new Thread(WakePool) { IsBackground = true, Name = "Interruption of the pool" }.Start();
        }

        // The cell's own thread is woken where its code starts; after an await it goes on in the pool.
        void WakePool()
        {
            var watch = Stopwatch.StartNew();
            for (Thread.Sleep(Interruption.BeforeInterrupt); !run.IsCompleted && watch.Elapsed < Grace; Thread.Sleep(100))
            {
                if (cell.RunsCode)
                {
                    cell.InterruptPoolThreads();
                }
            }
        }

        // Also when the cell catches it. What a library throws and catches itself, as a training does, is its own way to end.
        void Thrown(object? sender, FirstChanceExceptionEventArgs e)
        {
            if (
                cancellationToken.IsCancellationRequested
                && e.Exception is OperationCanceledException stopped
                && stopped.CancellationToken == cancellationToken
                && IsThrownInCell()
            )
            {
                cell.WasInterrupted = true;
            }
        }
    }

    // Whether the innermost code on this stack that is neither the runtime's nor ours is a cell's.
    private static bool IsThrownInCell() =>
        new StackTrace()
            .GetFrames()
            .Select(frame => frame.GetMethod()?.Module.Assembly)
            .FirstOrDefault(assembly =>
                assembly is not null && assembly != typeof(object).Assembly && assembly != typeof(CSharpEngine).Assembly
            )
            ?.GetName()
            .Name?.StartsWith("ℛ*", StringComparison.Ordinal) == true;

    /// <summary>Ends the session; its variables are left to the garbage collector.</summary>
    public void Dispose() => _thread.Dispose();

    private void TakeNewThread()
    {
        _thread.Dispose();
        _thread = new CellThread();
    }

    private async Task<ExecutionResult> RunAsync(string code, string name, RunningCell cell, ImmutableStack<string> importing)
    {
        try
        {
            return await _thread.Run(() => RunPartsAsync(code, name, cell, importing)).ConfigureAwait(false);
        }
        catch (Exception) when (cell.CancellationToken.IsCancellationRequested)
        {
            return new ExecutionResult(Cancelled: true);
        }
        catch (CellDirectiveException e)
        {
            return new ExecutionResult(Error: CellError.FromDirective(e.Message, name, e.Line));
        }
        catch (Exception e)
        {
            // Whatever a cell's code throws belongs to the cell, a formatter's exception too; the host goes on.
            return new ExecutionResult(Error: CellError.FromException(e, name));
        }
    }

    private async Task<ExecutionResult> RunPartsAsync(
        string code,
        string name,
        RunningCell cell,
        ImmutableStack<string> importing
    )
    {
        Checkpoint.Enter(cell);
        if (CellLimits.Problem(code) is { } problem)
        {
            return new ExecutionResult(Error: CellError.FromDirective(problem, name, 1));
        }

        var result = new ExecutionResult();
        Stopwatch? watch = null;
        foreach (CellPart part in CellPart.Split(code))
        {
            cell.CancellationToken.ThrowIfCancellationRequested();
            if (part.References.Count > 0 || !string.IsNullOrWhiteSpace(part.Code))
            {
                result = await RunCodeAsync(part, name, cell, importing).ConfigureAwait(false);
            }

            switch (result.Succeeded ? part.Next?.Name : null)
            {
                case "#!import":
                    result = await ImportAsync(part.Next!, cell, importing).ConfigureAwait(false);
                    break;
                case "#!markdown":
                    part.Next!.Argument.DisplayAs("text/markdown");
                    break;
                case "#!html":
                    part.Next!.Argument.DisplayAs(MimeBundle.Html);
                    break;
                case "#!who":
                    string.Join('\n', Variables().Select(variable => variable.Name)).Display();
                    break;
                case "#!whos":
                    Variables()
                        .Select(variable => new
                        {
                            Variable = variable.Name,
                            Type = variable.Type,
                            variable.Value,
                        })
                        .Display();
                    break;
                case "#!time":
                    watch = Stopwatch.StartNew();
                    break;
            }

            if (!result.Succeeded)
            {
                break;
            }
        }

        if (watch is not null)
        {
            string.Create(CultureInfo.InvariantCulture, $"Wall time: {watch.Elapsed.TotalMilliseconds:0.0} ms").Display();
        }

        return result;
    }

    private async Task<ExecutionResult> RunCodeAsync(
        CellPart part,
        string name,
        RunningCell cell,
        ImmutableStack<string> importing
    )
    {
        CancellationToken cancellationToken = cell.CancellationToken;
        ScriptState<object> before = _state ??= await CSharpScript
            .RunAsync("", FirstOptions(), cancellationToken: cancellationToken)
            .ConfigureAwait(false);

        // Only what is new: references given again would be read and kept again for every cell.
        MetadataReference[] references = await ReferencesAsync(part, importing, cancellationToken).ConfigureAwait(false);
        ImmutableInterlocked.InterlockedExchange(ref _references, _references.AddRange(references.Except(_references)));
        ScriptOptions options = before.Script.Options.WithReferences(references).WithImports().WithFilePath(name);
        Script<object> script = before.Script.ContinueWith<object>(part.Code, options);
        Compilation written = script.GetCompilation();
        ImmutableArray<Diagnostic> problems = written.GetDiagnostics(cancellationToken); // about what the reader wrote
        if (!problems.Any(IsError))
        {
            Script<object> stoppable = before.Script.ContinueWith<object>(
                CheckpointInsertion.Into(written, keepsProcess),
                options
            );
            if (!stoppable.Compile(cancellationToken).Any(IsError))
            {
                script = stoppable;
            }
            else
            {
                // Rather a cell that runs and cannot be stopped than one that is refused for what its reader did not write.
                problems = [.. problems, .. script.Compile(cancellationToken).Where(IsError)];
            }
        }

        Diagnostic[] inOrder = [.. problems.OrderBy(d => d.Location.SourceSpan.Start)];
        if (inOrder.Where(IsError).ToArray() is { Length: > 0 } errors)
        {
            return new ExecutionResult(Error: CellError.FromDiagnostics(errors));
        }

        foreach (Diagnostic warning in inOrder.Where(d => d.Severity == DiagnosticSeverity.Warning && !Noise.Contains(d.Id)))
        {
            cell.Output.Write("stderr", CellError.Describe(warning) + "\n");
        }

        ScriptState<object> state;
        cell.RunsCode = true;
        try
        {
            state = await Interruption
                .Run(() => script.RunFromAsync(before, _ => true, cancellationToken), cell)
                .ConfigureAwait(false);
        }
        finally
        {
            cell.RunsCode = false;
        }

        if (_state != before)
        {
            return new ExecutionResult(Cancelled: true); // it was left behind, and others have run since
        }

        _state = state;
        Source.Add(written);
        if (state.Exception is { } exception)
        {
            cancellationToken.ThrowIfCancellationRequested();
            return new ExecutionResult(Error: CellError.FromException(exception, name));
        }

        object? value = state.ReturnValue;
        if (value is not DisplayedValue && (value is not null || EndsInExpression(written)))
        {
            cell.Output.Result(Interruption.Run(() => MimeBundle.Of(value), cell));
        }

        return new ExecutionResult(value);

        static bool IsError(Diagnostic problem) => problem.Severity == DiagnosticSeverity.Error;
    }

    // A notebook's code cells, or a file of C#, as if they stood here; their own relative paths start at their own folder.
    private async Task<ExecutionResult> ImportAsync(CellDirective line, RunningCell cell, ImmutableStack<string> importing)
    {
        string path = Path.GetFullPath(line.Argument, FolderOf(importing));
        if (!File.Exists(path))
        {
            throw new CellDirectiveException($"#!import: there is no file {path}.", line.Line);
        }

        if (importing.Contains(path))
        {
            throw new CellDirectiveException($"#!import: {path} imports itself.", line.Line);
        }

        string file = Path.GetFileName(path);
        IEnumerable<(string Code, string Name)> cells;
        try
        {
            cells = Path.GetExtension(path).ToLowerInvariant() switch
            {
                ".ipynb" or DibFile.Extension => CellsOf(Notebook.Read(path), line),
                ".cs" or ".csx" => [(File.ReadAllText(path), file)],
                _ => throw new CellDirectiveException($"#!import: {file} is none of .ipynb, .dib, .cs and .csx.", line.Line),
            };
        }
        catch (NotebookFormatException e)
        {
            throw new CellDirectiveException($"#!import: {e.Message}", line.Line);
        }

        var result = new ExecutionResult();
        foreach ((string source, string name) in cells)
        {
            result = await RunAsync(source, name, cell, importing.Push(path)).ConfigureAwait(false);
            if (!result.Succeeded)
            {
                break;
            }
        }

        return result with
        {
            Value = null,
        };
    }

    private static IEnumerable<(string Code, string Name)> CellsOf(Notebook notebook, CellDirective line)
    {
        int number = 0;
        foreach (NotebookCell cell in notebook.CodeCells)
        {
            string name = string.Create(CultureInfo.InvariantCulture, $"{notebook.Name}, cell {++number}");
            yield return CellLanguage.Translate(notebook, cell, out string code) is { } refusal
                ? throw new CellDirectiveException($"#!import: {name}: {refusal}", line.Line)
                : (code, name);
        }
    }

    private async Task<MetadataReference[]> ReferencesAsync(
        CellPart part,
        ImmutableStack<string> importing,
        CancellationToken cancellationToken
    )
    {
        foreach (CellDirective source in part.References.Where(line => line.Name == "#i"))
        {
            _packages.AddSource(source);
        }

        CellDirective[] packages = [.. part.References.Where(line => line.Name == "#r" && Packages.IsPackage(line.Argument))];
        IEnumerable<CellDirective> files = part.References.Where(line => line.Name == "#r").Except(packages);
        if (packages.Length > 0)
        {
            PackageFiles restored = await _packages.AddAsync(packages, cancellationToken).ConfigureAwait(false);
            AssemblyReferences.AddNative(restored.Native);
            files = files.Concat(restored.Assemblies.Select(path => new CellDirective("#r", path, packages[0].Line)));
        }

        return [.. files.Select(Reference).Distinct()];

        MetadataReference Reference(CellDirective line)
        {
            try
            {
                return AssemblyReferences.Resolve(line.Argument, FolderOf(importing));
            }
            catch (Exception e) when (e is IOException or BadImageFormatException or UnauthorizedAccessException)
            {
                throw new CellDirectiveException(e.Message, line.Line);
            }
        }
    }

    private string FolderOf(ImmutableStack<string> importing) =>
        importing.IsEmpty ? folder : Path.GetDirectoryName(importing.Peek())!;

    // What the reader can name now: of variables declared anew, the newest.
    private IEnumerable<ScriptVariable> Variables() =>
        _state is null ? [] : _state.Variables.Reverse().DistinctBy(variable => variable.Name).Reverse();

    private ScriptOptions FirstOptions() =>
        ScriptOptions
            .Default.WithReferences(AssemblyReferences.Default)
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
        return tree.GetRoot()
                is CompilationUnitSyntax
                {
                    Members: [
                        ..,
                        GlobalStatementSyntax
                        {
                            Statement: ExpressionStatementSyntax { SemicolonToken.IsMissing: true } statement
                        },
                    ]
                }
            && compilation.GetSemanticModel(tree).GetTypeInfo(statement.Expression).Type
                is not { SpecialType: SpecialType.System_Void };
    }
}
