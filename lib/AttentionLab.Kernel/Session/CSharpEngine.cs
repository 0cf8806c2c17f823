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
    /// <summary>How cells are parsed: scripts of .NET 10's C#. A newer one has more keywords (<c>union</c>).</summary>
    public static readonly CSharpParseOptions ParseOptions = new(LanguageVersion.CSharp14, kind: SourceCodeKind.Script);

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

    /// <summary>How long the cells' thread may take to answer before it counts as busy.</summary>
    private static readonly TimeSpan BeforeBusy = TimeSpan.FromMilliseconds(500);

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
    private readonly PackageExtensions _extensions = new();
    private readonly SharedValues _values = new(folder);
    private readonly ScriptChain _cells = new();
    private readonly HashSet<string> _told = [];
    private ImmutableArray<MetadataReference> _references = [];
    private volatile CellThread _thread = new();

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
        RunningCell cell = null!;
        var sent = new ScriptChain { IsTemporary = true };
        cell = new RunningCell(output, cancellationToken)
        {
            Submit = code => SubmitAsync(code, $"code sent by {name}", cell, sent),
        };
        RunningCell.Current = cell;
        AppDomain.CurrentDomain.FirstChanceException += Thrown;
        Task<ExecutionResult> run = RunAsync(code, name, cell, new Place(_cells, []));
        var stop = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        using (cancellationToken.UnsafeRegister(_ => Stop(), null))
        {
            await Task.WhenAny(run, stop.Task).ConfigureAwait(false);
        }

        // A stopped cell throws within its grace, so the exceptions are watched until that is over.
        Task ended = await Task.WhenAny(
                run,
                cell.GivenUp,
                Task.Delay(run.IsCompleted ? TimeSpan.Zero : Grace, CancellationToken.None)
            )
            .ConfigureAwait(false);
        AppDomain.CurrentDomain.FirstChanceException -= Thrown;
        if (ended == run)
        {
            ExecutionResult result = await run.ConfigureAwait(false);
            return result with { Cancelled = result.Cancelled || cell.WasInterrupted };
        }

        cell.IsLeft = true;

        // It awaits what may never come: no thread is in its code, and where it goes on, a checkpoint stops it.
        if ((ended == cell.GivenUp || cell.HasLeftPool) && await IsFreeAsync(_thread).ConfigureAwait(false))
        {
            return new ExecutionResult(Cancelled: true);
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

        // Also when the cell catches it. What a library throws and catches itself, as a training does, is its own way to end;
        // that the cell caught what a library threw, the checkpoint in its catch says.
        void Thrown(object? sender, FirstChanceExceptionEventArgs e)
        {
            if (cancellationToken.IsCancellationRequested && e.Exception is OperationCanceledException)
            {
                cell.WasCancelled = true;
                cell.WasInterrupted =
                    cell.WasInterrupted
                    || (((OperationCanceledException)e.Exception).CancellationToken == cancellationToken && IsThrownInCell());
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

    // Where code runs: after which code, and in which files that import each other.
    private sealed record Place(ScriptChain Chain, ImmutableStack<string> Importing);

    // Code that ran, and after which more can run.
    private sealed class ScriptChain
    {
        public ScriptState<object>? State { get; set; }

        // Whether later cells do not see what the code declares.
        public bool IsTemporary { get; init; }
    }

    private static async Task<bool> IsFreeAsync(CellThread thread)
    {
        Task answer = thread.Run(() => Task.FromResult(0));
        return await Task.WhenAny(answer, Task.Delay(BeforeBusy)).ConfigureAwait(false) == answer;
    }

    private void TakeNewThread()
    {
        _thread.Dispose();
        _thread = new CellThread();
    }

    private async Task<ExecutionResult> RunAsync(string code, string name, RunningCell cell, Place place)
    {
        try
        {
            return await _thread.Run(() => RunPartsAsync(code, name, cell, place)).ConfigureAwait(false);
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

    private async Task<ExecutionResult> RunPartsAsync(string code, string name, RunningCell cell, Place place)
    {
        Checkpoint.Enter(cell);
        if (CellLimits.Problem(code) is { } problem)
        {
            return new ExecutionResult(Error: CellError.FromDirective(problem, name, 1));
        }

        var result = new ExecutionResult();
        Stopwatch? watch = null;
        TimeSpan compiledBefore = TimeSpan.Zero;
        foreach (CellPart part in CellPart.Split(code))
        {
            cell.CancellationToken.ThrowIfCancellationRequested();
            if (part.References.Count > 0 || !string.IsNullOrWhiteSpace(part.Code))
            {
                result = await RunCodeAsync(part, name, cell, place).ConfigureAwait(false);
            }

            if (result.Succeeded && part.Next is { } next)
            {
                if (watch is null && next.Name == "#!time")
                {
                    watch = Stopwatch.StartNew();
                    compiledBefore = cell.Compilation;
                }

                result = await FollowAsync(next, name, cell, place, result).ConfigureAwait(false);
            }

            if (!result.Succeeded)
            {
                break;
            }
        }

        if (watch is not null)
        {
            string.Create(
                    CultureInfo.InvariantCulture,
                    $"Wall time: {watch.Elapsed.TotalMilliseconds:0.0} ms, of which compilation "
                        + $"{(cell.Compilation - compiledBefore).TotalMilliseconds:0.0} ms"
                )
                .Display();
        }

        return result;
    }

    // A directive that comes after code, or in its place; those that reference something were followed before.
    private async Task<ExecutionResult> FollowAsync(
        CellDirective line,
        string name,
        RunningCell cell,
        Place place,
        ExecutionResult result
    )
    {
        switch (line.Name)
        {
            case "#!import":
                return await ImportAsync(line, cell, place).ConfigureAwait(false);
            case "#!value":
                (string text, string type) = await _values
                    .StoreAsync(line, Variables(place.Chain), Ask, cell.CancellationToken)
                    .ConfigureAwait(false);
                text.DisplayAs(type);
                return result;
            case "#!set" or "#!share":
                string code = await _values.VariableAsync(line, Variables(place.Chain), Ask).ConfigureAwait(false);
                return await RunCodeAsync(new CellPart(code, [], null), name, cell, place).ConfigureAwait(false);
            case "#!javascript" or "#!js":
                Microsoft.DotNet.Interactive.Kernel.Javascript(await ScriptAsync().ConfigureAwait(false));
                return result;
            default:
                DirectiveDisplays.TryShow(line, Variables(place.Chain));
                return result;
        }

        Task<string> Ask(string prompt, bool isPassword) => cell.Output.AskAsync(prompt, isPassword, cell.CancellationToken);

        // Lines of a script that set variables become its own.
        async Task<string> ScriptAsync()
        {
            string[] lines = line.Argument.Split('\n');
            for (int i = 0; i < lines.Length; i++)
            {
                if (Directives.FirstWord(lines[i]) is "#!set" or "#!share")
                {
                    string[] words = lines[i].Trim().Split((char[])[' ', '\t'], 2);
                    var set = new CellDirective(words[0], words.ElementAtOrDefault(1) ?? "", line.Line + i + 1);
                    lines[i] = await _values.ScriptAsync(set, Variables(place.Chain), Ask).ConfigureAwait(false);
                }
            }

            return string.Join('\n', lines);
        }
    }

    // On the thread of the cell that sends: that may wait for it.
    private async Task<ExecutionResult> SubmitAsync(string code, string name, RunningCell cell, ScriptChain sent)
    {
        sent.State ??= _cells.State;
        ExecutionResult result;
        try
        {
            result = await RunPartsAsync(code, name, cell, new Place(sent, [])).ConfigureAwait(false);
        }
        catch (CellDirectiveException e)
        {
            result = new ExecutionResult(Error: CellError.FromDirective(e.Message, name, e.Line));
        }

        if (result.Error is { } error)
        {
            cell.Output.Write("stderr", string.Join('\n', error.Traceback) + "\n");
        }

        return result;
    }

    private async Task<ExecutionResult> RunCodeAsync(CellPart part, string name, RunningCell cell, Place place)
    {
        (MetadataReference[] references, IReadOnlyList<string> scripts) = await ReferencesAsync(part, cell, place)
            .ConfigureAwait(false);
        if (scripts.Count > 0)
        {
            // A package's script knows the package, and the code here knows what the script declared.
            await RunScriptAsync("", references, name, cell, place.Chain).ConfigureAwait(false);
            references = [];
        }

        foreach (string script in scripts)
        {
            await ImportAsync(new CellDirective("#!import", script, part.References[0].Line), cell, place).ConfigureAwait(false);
        }

        return await RunScriptAsync(part.Code, references, name, cell, place.Chain).ConfigureAwait(false);
    }

    private async Task<ExecutionResult> RunScriptAsync(
        string code,
        MetadataReference[] references,
        string name,
        RunningCell cell,
        ScriptChain chain
    )
    {
        CancellationToken cancellationToken = cell.CancellationToken;
        ScriptState<object> before = chain.State ??= await CSharpScript
            .RunAsync("", FirstOptions(), cancellationToken: cancellationToken)
            .ConfigureAwait(false);
        var compiling = Stopwatch.StartNew();
        // Only what is new: references given again would be read and kept again for every cell.
        ImmutableInterlocked.InterlockedExchange(ref _references, _references.AddRange(references.Except(_references)));
        ScriptOptions options = before.Script.Options.WithReferences(references).WithImports().WithFilePath(name);
        Script<object> script = before.Script.ContinueWith<object>(code, options);
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
                cell.Output.Write("stderr", "An interrupt cannot end this cell's loops: its code has no place for it.\n");
            }
        }

        cell.Compilation += compiling.Elapsed;
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
        bool ranCode = cell.RunsCode;
        cell.RunsCode = true;
        try
        {
            state = await Interruption
                .Run(() => script.RunFromAsync(before, _ => true, cancellationToken), cell)
                .ConfigureAwait(false);
        }
        finally
        {
            cell.RunsCode = ranCode;
        }

        if (chain.State != before || cell.IsLeft)
        {
            return new ExecutionResult(Cancelled: true); // it was left behind, and others have run since
        }

        chain.State = state;
        if (!chain.IsTemporary)
        {
            Source.Add(written);
        }

        if (state.Exception is { } exception)
        {
            cancellationToken.ThrowIfCancellationRequested();
            return new ExecutionResult(Error: CellError.FromException(exception, name, state.Script));
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
    private async Task<ExecutionResult> ImportAsync(CellDirective line, RunningCell cell, Place place)
    {
        string path = Path.GetFullPath(line.Argument, FolderOf(place));
        if (!File.Exists(path))
        {
            throw new CellDirectiveException($"#!import: the file {path} does not exist.", line.Line);
        }

        if (place.Importing.Contains(path))
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
                _ => throw new CellDirectiveException($"#!import: {file} is not a .ipynb, .dib, .cs or .csx file.", line.Line),
            };
        }
        catch (NotebookFormatException e)
        {
            throw new CellDirectiveException($"#!import: {e.Message}", line.Line);
        }

        var result = new ExecutionResult();
        foreach ((string source, string name) in cells)
        {
            result = await RunAsync(source, name, cell, place with { Importing = place.Importing.Push(path) })
                .ConfigureAwait(false);
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
        foreach (NotebookCell cell in notebook.Cells)
        {
            if (cell.Kind == "markdown")
            {
                yield return ($"#!markdown\n{cell.Source}", notebook.Name);
                continue;
            }

            if (cell.Kind != "code")
            {
                continue;
            }

            string name = string.Create(CultureInfo.InvariantCulture, $"{notebook.Name}, cell {++number}");
            yield return CellLanguage.Translate(notebook, cell, out string code) is { } refusal
                ? throw new CellDirectiveException($"#!import: {name}: {refusal}", line.Line)
                : (code, name);
        }
    }

    // What a stretch of a cell references, and scripts of packages that are to run before its code.
    private async Task<(MetadataReference[] References, IReadOnlyList<string> Scripts)> ReferencesAsync(
        CellPart part,
        RunningCell cell,
        Place place
    )
    {
        CellDirective[] lines = [.. part.References.Select(line => SharedValues.Written(line, Variables(place.Chain)))];
        foreach (CellDirective source in lines.Where(line => line.Name == "#i"))
        {
            _packages.AddSource(source);
        }

        CellDirective[] packages = [.. lines.Where(line => line.Name == "#r" && Packages.IsPackage(line.Argument))];
        IEnumerable<CellDirective> files = lines.Where(line => line.Name == "#r").Except(packages);
        IReadOnlyList<ResolvedPackage> extended = [];
        if (packages.Length > 0)
        {
            PackageFiles restored = await _packages.AddAsync(packages, cell.CancellationToken).ConfigureAwait(false);
            DirectiveDisplays.Installed(Packages.Installed(packages, restored));
            foreach (string doubt in restored.Doubts.Where(_told.Add))
            {
                cell.Output.Write("stderr", doubt);
            }

            AssemblyReferences.AddNative(restored.Native);
            extended = restored.Packages;
            files = files.Concat(
                restored
                    .Assemblies.Where(path => Path.GetFileNameWithoutExtension(path) != PackageExtensions.Library)
                    .Select(path => new CellDirective("#r", path, packages[0].Line))
            );
        }

        MetadataReference[] references = [.. files.Select(Reference).Distinct()];
        return (
            references,
            await _extensions.StartAsync(extended, problem => cell.Output.Write("stderr", problem)).ConfigureAwait(false)
        );

        MetadataReference Reference(CellDirective line)
        {
            try
            {
                MetadataReference reference = AssemblyReferences.Resolve(line.Argument, FolderOf(place));
                string path = Path.GetFullPath(line.Argument, FolderOf(place));
                if (File.Exists(path) && AssemblyReferences.Outdated(path) is { } problem && _told.Add(problem))
                {
                    cell.Output.Write("stderr", problem);
                }

                return reference;
            }
            catch (Exception e) when (e is IOException or BadImageFormatException or UnauthorizedAccessException)
            {
                throw new CellDirectiveException(e.Message, line.Line);
            }
        }
    }

    private string FolderOf(Place place) => place.Importing.IsEmpty ? folder : Path.GetDirectoryName(place.Importing.Peek())!;

    // What the reader can name now: of variables declared anew, the newest.
    private static IEnumerable<ScriptVariable> Variables(ScriptChain chain) =>
        chain.State is null ? [] : chain.State.Variables.Reverse().DistinctBy(variable => variable.Name).Reverse();

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
