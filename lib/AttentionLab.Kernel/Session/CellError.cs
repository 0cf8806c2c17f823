using System.Diagnostics;
using System.Globalization;
using System.Reflection;
using System.Text.RegularExpressions;
using AttentionLab.Kernel.Display;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.CodeAnalysis.Scripting;

namespace AttentionLab.Kernel.Session;

/// <summary>Why a cell failed.</summary>
/// <param name="Name">The exception's type, or the compiler's error number.</param>
/// <param name="Message">What went wrong.</param>
/// <param name="Location">Where: "cell 3, line 2".</param>
/// <param name="Traceback">Lines for a reader, coloured with ANSI codes.</param>
internal sealed partial record CellError(string Name, string Message, string Location, IReadOnlyList<string> Traceback)
{
    private const int ShownErrors = 10;
    private const int ShownLines = 4; // that may have thrown
    private const int ShownFrames = 50; // at each end
    private const string WithoutUsing =
        "A cell's own variable cannot be declared with using: leave using out, or put the lines that need it in braces.";

    private const string WithoutNamespace =
        "A cell is a script, which has no namespaces and calls no Main: leave the namespace out, and end with Program.Main();";
    private const string WithoutExtensionBlock =
        "A cell is a script, which has no extension blocks: write methods, static int Twice(this int n), outside any class.";

    private const string WithoutSpan =
        "A cell's own variable is kept for later cells, which a span cannot be: put the lines that need it in braces.";
    private const string WithoutFile =
        "A cell is a script, whose types stand inside one of its own: leave file out. Only this notebook sees them.";

    private const string SpanIsNotShown = "A span cannot be shown: end the cell with its ToString() or ToArray().";

    /// <summary>The compiler's errors.</summary>
    public static CellError FromDiagnostics(IReadOnlyList<Diagnostic> errors)
    {
        var lines = new List<string>();
        foreach (Diagnostic error in errors.Take(ShownErrors))
        {
            lines.Add(Describe(error));
        }

        if (errors.Count > ShownErrors)
        {
            lines.Add($"… and {errors.Count - ShownErrors} more errors");
        }

        lines.AddRange(errors.Select(Advice).OfType<string>().Distinct());
        string message = Advice(errors[0]) is { } advice ? $"{Text(errors[0])}. {advice}" : Text(errors[0]);
        return new CellError(errors[0].Id, message, Where(errors[0]), lines);
    }

    /// <summary>An error or a warning with the line it is about, and what of that is meant.</summary>
    public static string Describe(Diagnostic problem)
    {
        Func<string, string> color = problem.Severity == DiagnosticSeverity.Error ? Red : Yellow;
        string text =
            $"{Where(problem)}: {color($"{problem.Severity.ToString().ToLowerInvariant()} {problem.Id}")}: {Text(problem)}";
        if (problem.Location.SourceTree?.GetText() is not { } code)
        {
            return text;
        }

        FileLinePositionSpan span = problem.Location.GetLineSpan();
        string source = code.Lines[span.StartLinePosition.Line].ToString();
        int start = span.StartLinePosition.Character;
        int end = span.EndLinePosition.Line == span.StartLinePosition.Line ? span.EndLinePosition.Character : source.Length;
        return $"{text}\n    {source.Replace('\t', ' ')}\n    "
            + $"{new string(' ', start)}{color(new string('^', Math.Max(1, end - start)))}";
    }

    /// <summary>An exception thrown by code.</summary>
    /// <param name="exception">What was thrown.</param>
    /// <param name="cell">The cell that ran.</param>
    /// <param name="script">Its script, when it is known.</param>
    public static CellError FromException(Exception exception, string cell, Script? script = null)
    {
        var lines = new List<string>();
        string location = cell;
        foreach (Exception e in WithCauses(exception))
        {
            lines.Add($"{(e == exception ? "" : "caused by ")}{Red(NameOf(e))}: {LongText.Cut(e.Message)}");
            StackFrame[] frames = new StackTrace(e, fNeedFileInfo: true).GetFrames();
            int left = frames.Length - (2 * ShownFrames);
            for (int i = 0; i < frames.Length; i++)
            {
                if (left > 0 && i == ShownFrames)
                {
                    lines.Add($"   … {left} more calls");
                    i += left; // of a deep recursion its two ends
                }

                MethodBase? thrower = i > 0 ? frames[i - 1].GetMethod() : null;
                if (Describe(frames[i], thrower, script, out string? place) is not { } line)
                {
                    continue;
                }

                lines.Add(line);
                if (e == exception && location == cell && place?.StartsWith(cell + ", line ", StringComparison.Ordinal) == true)
                {
                    location = place;
                }
            }
        }

        if (NativeLibraryHint.For(exception) is { } hint)
        {
            lines.Add(hint);
        }

        return new CellError(NameOf(exception), LongText.Cut(exception.Message), location, lines);
    }

    /// <summary>A line of the host's own: a directive that cannot be followed.</summary>
    public static CellError FromDirective(string message, string cell, int line) =>
        new("Error", message, $"{cell}, line {line}", [$"{cell}, line {line}: {Red("error")}: {message}"]);

    /// <summary>A cell that was asked to stop and did not.</summary>
    public static CellError NotStopped(string cell)
    {
        string message =
            $"{cell} cannot be stopped: it is inside code that does not look whether it should. It goes on in the background "
            + "and takes"
            + " its time; what earlier cells declared is kept. Restart the kernel to end it."
            + " Long work of your own can be stopped if it looks at KernelInvocationContext.Current.CancellationToken.";
        return new("Interrupted", message, cell, [$"{Red("Interrupted")}: {message}"]);
    }

    // What to do where C# allows something in a program but not in a script.
    private static string? Advice(Diagnostic error) =>
        error.Id == "CS7021" ? WithoutNamespace
        : error.Id == "CS9283" ? WithoutExtensionBlock
        : error.Id == "CS8345" && IsCellVariable(error) ? WithoutSpan
        : error.Id == "CS0029" && SpanToObject().IsMatch(Text(error)) ? SpanIsNotShown
        : error.Id == "CS9054" ? WithoutFile
        : ForEvaluation().IsMatch(Text(error)) ? $"To use it all the same, write #pragma warning disable {error.Id} in the cell."
        : error.Id == "CS1705" && Misfit().Match(Text(error)) is { Success: true } misfit
            ? $"{misfit.Groups["user"]} was built for a newer {misfit.Groups["used"]} than is referenced: restart, and reference that "
                + $"in version {misfit.Groups["wanted"]} or newer, or {misfit.Groups["user"]} in an older one."
        : DeclaresWithUsing(error) ? WithoutUsing
        : null;

    private static bool IsCellVariable(Diagnostic error) =>
        error.Location.SourceTree?.GetRoot().FindToken(error.Location.SourceSpan.Start).Parent is { } declared
        && declared.FirstAncestorOrSelf<MemberDeclarationSyntax>() is FieldDeclarationSyntax { Parent: CompilationUnitSyntax };

    // A script knows using directives only, and the compiler's errors are about those.
    private static bool DeclaresWithUsing(Diagnostic error) =>
        error.Location.SourceTree is { } tree
        && UsingVariable().IsMatch(tree.GetText().Lines[error.Location.GetLineSpan().StartLinePosition.Line].ToString())
        && tree.GetRoot().FindToken(error.Location.SourceSpan.Start).Parent?.FirstAncestorOrSelf<BlockSyntax>() is null;

    [GeneratedRegex(@"^\s*(await\s+)?using\s+(?!static\s)[\w.<>,?\[\]]+\s+@?\w+\s*=")]
    private static partial Regex UsingVariable();

    private static IEnumerable<Exception> WithCauses(Exception exception) =>
        ((exception as AggregateException)?.InnerExceptions ?? (IEnumerable<Exception?>)[exception.InnerException])
            .OfType<Exception>()
            .SelectMany(WithCauses)
            .Prepend(exception);

    // A frame of a cell gives its place; one of a library its method; the host's and the compiler's own give nothing.
    private static string? Describe(StackFrame frame, MethodBase? thrower, Script? script, out string? place)
    {
        place = null;
        if (frame.GetMethod() is not { DeclaringType: { } type } method)
        {
            return null;
        }

        Type outer = type;
        while (outer.DeclaringType is { } declaring)
        {
            outer = declaring;
        }

        string file = Path.GetFileName(frame.GetFileName()) ?? "";
        if (outer.Name.StartsWith("Submission#", StringComparison.Ordinal))
        {
            place =
                CheckedLines.IsThrower(thrower) ? PlaceOfCheck(method, thrower!, script, file)
                : file.Length == 0 ? null
                : $"{file}, line {frame.GetFileLineNumber()}";
            return place is null ? null : $"   at {Cyan(place)}";
        }

        if (
            outer.Namespace is { } space
            && (
                space.StartsWith("Microsoft.CodeAnalysis", StringComparison.Ordinal)
                || space.StartsWith("AttentionLab.Kernel", StringComparison.Ordinal)
                || space.StartsWith("Microsoft.DotNet.Interactive.Formatting", StringComparison.Ordinal)
                || space
                    is "Internal.Runtime.CompilerHelpers"
                        or "System.Runtime"
                        or "System.Runtime.CompilerServices"
                        or "System.Runtime.ExceptionServices"
            )
        )
        {
            return null;
        }

        string parameters = string.Join(", ", method.GetParameters().Select(p => p.ParameterType.Name));
        string line = file.Length == 0 ? "" : $" in {file}, line {frame.GetFileLineNumber()}";
        return $"   at {type.FullName}.{method.Name}({parameters}){line}";
    }

    private static string? PlaceOfCheck(MethodBase method, MethodBase thrower, Script? script, string file)
    {
        (string cell, IReadOnlyList<int> lines) = script is null ? (file, []) : CheckedLines.Of(method, thrower, script);
        return cell.Length == 0 ? null
            : lines.Count is 0 or > ShownLines ? cell
            : $"{cell}, line {string.Join(" or ", lines)}";
    }

    private static string Where(Diagnostic error)
    {
        FileLinePositionSpan span = error.Location.GetLineSpan();
        return error.Location.IsInSource ? $"{Path.GetFileName(span.Path)}, line {span.StartLinePosition.Line + 1}" : "cell";
    }

    // Roslyn nests a cell's types in a type named Submission#3, which is left out; types of the same name it tells apart by file
    // and position, of which the cell's name is kept.
    private static string Text(Diagnostic error)
    {
        string text = error.GetMessage(CultureInfo.InvariantCulture);
        text = SubmissionOf().Replace(text, "");
        text = SubmissionItself().Replace(text, "The cell");
        return CellOf().Replace(text, "[$1]");
    }

    private static string NameOf(Exception exception) => SubmissionOf().Replace(exception.GetType().FullName!, "");

    [GeneratedRegex(@"\[[^\[\]]*[/\\](cell \d+)\(\d+\)\]")]
    private static partial Regex CellOf();

    [GeneratedRegex(@"Span<.*>' to 'object'$")]
    private static partial Regex SpanToObject();

    [GeneratedRegex(@"\bSubmission#\d+[.+]")]
    private static partial Regex SubmissionOf();

    [GeneratedRegex(@"^(Type )?'Submission#\d+'")]
    private static partial Regex SubmissionItself();

    [GeneratedRegex(
        @"^Assembly '(?<user>[^']+)' .* uses '(?<used>[^,']+), Version=(?<wanted>[\d.]+?)(\.0)*,.* which has a higher version"
    )]
    private static partial Regex Misfit();

    [GeneratedRegex("^'.*' is for evaluation purposes only")]
    private static partial Regex ForEvaluation();

    private static string Red(string text) => $"\e[31m{text}\e[39m";

    private static string Yellow(string text) => $"\e[33m{text}\e[39m";

    private static string Cyan(string text) => $"\e[36m{text}\e[39m";
}
