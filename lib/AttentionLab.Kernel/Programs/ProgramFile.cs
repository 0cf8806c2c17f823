using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using AttentionLab.Kernel.Notebooks;
using AttentionLab.Kernel.Session;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace AttentionLab.Kernel.Programs;

/// <summary>
/// A notebook as a file-based program, which <c>dotnet run FILE.cs</c> of .NET 10 starts: prose as comments, cells one after the
/// other, what a cell shows printed, figures saved beside the file. The program needs no notebook engine.
/// </summary>
internal sealed class ProgramFile
{
    private const string EngineNamespace = "Microsoft.DotNet.Interactive";

    private readonly Notebook _notebook;
    private readonly string _target;
    private readonly ProgramReferences _references;
    private readonly List<string> _usings;
    private readonly List<string> _texts = [];
    private readonly List<ProgramCell> _cells = [];

    private ProgramFile(Notebook notebook, string target)
    {
        _notebook = notebook;
        _target = target;
        _references = new ProgramReferences(notebook.Folder, Path.GetDirectoryName(target)!);
        _usings =
        [
            .. CSharpEngine
                .Imports.Where(name => !name.StartsWith(EngineNamespace, StringComparison.Ordinal))
                .Select(name => $"using {name};"),
        ];
    }

    /// <summary>The program's text.</summary>
    /// <param name="notebook">The notebook.</param>
    /// <param name="target">The full path of the file that it is for: paths are written as seen from there.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="NotebookFormatException">A cell holds something that a program cannot, or no C#.</exception>
    public static async Task<string> OfAsync(Notebook notebook, string target, CancellationToken cancellationToken)
    {
        var program = new ProgramFile(notebook, target);
        await program.ReadAsync(cancellationToken).ConfigureAwait(false);
        string text = program.Write();
        program.Check(text);
        return text;
    }

    private async Task ReadAsync(CancellationToken cancellationToken)
    {
        foreach ((int index, NotebookCell cell) in _notebook.Cells.Index())
        {
            string where = string.Create(CultureInfo.InvariantCulture, $"{_notebook.Name}, cell {index + 1} from the top");
            try
            {
                if (cell.Kind != "code" || cell.HasTag(NotebookCell.SkipExecutionTag))
                {
                    AddComment(cell.Source);
                }
                else
                {
                    await AddCodeAsync(cell, where, cancellationToken).ConfigureAwait(false);
                }
            }
            catch (CellDirectiveException e)
            {
                throw new NotebookFormatException(
                    string.Create(CultureInfo.InvariantCulture, $"{where}, line {e.Line}: {e.Message}"),
                    e
                );
            }
            catch (Exception e) when (e is IOException or BadImageFormatException or NotebookFormatException)
            {
                throw new NotebookFormatException($"{where}: {e.Message}", e);
            }
        }
    }

    private void AddComment(string text) =>
        _texts.Add(string.Concat(text.Trim().Split('\n').Select(line => $"// {line}".TrimEnd() + "\n")));

    private async Task AddCodeAsync(NotebookCell cell, string where, CancellationToken cancellationToken)
    {
        if (CellLanguage.Translate(_notebook, cell, out string code) is { } refusal)
        {
            throw new NotebookFormatException(refusal);
        }

        foreach (CellPart part in CellPart.Split(code))
        {
            await _references.AddAsync(part.References, cancellationToken).ConfigureAwait(false);
            AddCode(part.Code.Trim('\n'), where, mayFail: cell.HasTag(NotebookCell.RaisesExceptionTag));
            if (part.Next is { } next)
            {
                AddText(next);
            }
        }
    }

    private void AddText(CellDirective directive)
    {
        if (directive.Name is not ("#!markdown" or "#!html" or "#!mermaid"))
        {
            throw new CellDirectiveException(
                $"{directive.Name} is a line for notebooks; a program cannot follow it. Take it out, or write C# in its place.",
                directive.Line
            );
        }

        AddComment(directive.Argument);
    }

    private void AddCode(string code, string where, bool mayFail)
    {
        if (string.IsNullOrWhiteSpace(code))
        {
            return;
        }

        SyntaxTree tree = CSharpSyntaxTree.ParseText(code, CSharpEngine.ParseOptions);
        if (tree.GetDiagnostics().FirstOrDefault(each => each.Severity == DiagnosticSeverity.Error) is { } error)
        {
            throw new NotebookFormatException(error.GetMessage(CultureInfo.InvariantCulture));
        }

        CompilationUnitSyntax root = tree.GetCompilationUnitRoot();
        _usings.AddRange(
            root.Usings.Where(line => line.Name?.ToString().StartsWith(EngineNamespace, StringComparison.Ordinal) != true)
                .Select(line => line.WithoutTrivia().NormalizeWhitespace().ToString())
        );
        _cells.Add(
            new ProgramCell(tree, _references.All, _cells.LastOrDefault(), mayFail) { Where = where, Place = _texts.Count }
        );
        _texts.Add("");
    }

    private string Write()
    {
        var names = new ProgramNames(_cells);
        var types = new StringBuilder();
        foreach (ProgramCell cell in _cells)
        {
            (_texts[cell.Place], string declared) = cell.Write(names);
            types.Append(declared);
        }

        string name = Path.GetFileName(_target),
            typed = name.Contains(' ', StringComparison.Ordinal) ? $"\"{name}\"" : name;
        string[] head =
        [
            $"// {_notebook.Name} as a program: dotnet run {typed}",
            "// It runs in the notebook's folder, and saves figures beside this file.",
            .. _references.Directives,
            "",
            .. _usings
                .Append("using NotebookProgram;")
                .Append("using static NotebookProgram.Outputs;")
                .Distinct()
                .OrderBy(Kind)
                .ThenBy(line => line.TrimEnd(';'), StringComparer.Ordinal),
            "",
            $"Start({Literal(_references.Seen(_notebook.Folder))}, {Literal(Path.GetFileNameWithoutExtension(_target))});",
            "",
        ];
        return $"{string.Join('\n', head)}\n{string.Join('\n', _texts.Where(text => text.Length > 0))}\n{types}{Support()}";
    }

    /// <summary>Compiles what was written: a notebook's scope and a program's differ in more than is translated here.</summary>
    private void Check(string text)
    {
        SyntaxTree tree = CSharpSyntaxTree.ParseText(
            text,
            CSharpEngine.ParseOptions.WithKind(SourceCodeKind.Regular).WithFeatures([new("FileBasedProgram", "true")])
        );
        ImmutableArray<Diagnostic> problems = CSharpCompilation
            .Create(
                "Program",
                [tree],
                _references.All.Concat(AssemblyReferences.Default),
                ProgramReferences.Compilation(OutputKind.ConsoleApplication)
            )
            .GetDiagnostics();
        if (problems.FirstOrDefault(each => each.Severity == DiagnosticSeverity.Error) is { } error)
        {
            int line = error.Location.GetLineSpan().StartLinePosition.Line;
            throw new NotebookFormatException(
                $"{_notebook.Name} does not compile as a program: {error.GetMessage(CultureInfo.InvariantCulture)}\n    "
                    + text.Split('\n')[line].Trim()
            );
        }
    }

    // As an editor sorts them.
    private static int Kind(string line) =>
        line.Contains('=', StringComparison.Ordinal) ? 3
        : line.StartsWith("using static ", StringComparison.Ordinal) ? 2
        : line.StartsWith("using System", StringComparison.Ordinal) ? 0
        : 1;

    private static string Literal(string text) => SymbolDisplay.FormatLiteral(text, quote: true);

    private static string Support()
    {
        using var reader = new StreamReader(typeof(ProgramFile).Assembly.GetManifestResourceStream("NotebookProgram.cs")!);
        return reader.ReadToEnd().ReplaceLineEndings("\n");
    }
}
