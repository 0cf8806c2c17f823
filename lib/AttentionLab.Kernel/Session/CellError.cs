using System.Diagnostics;
using System.Globalization;
using System.Text.RegularExpressions;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace AttentionLab.Kernel.Session;

/// <summary>Why a cell failed.</summary>
/// <param name="Name">The exception's type, or the compiler's error number.</param>
/// <param name="Message">What went wrong.</param>
/// <param name="Location">Where: "cell 3, line 2".</param>
/// <param name="Traceback">Lines for a reader, coloured with ANSI codes.</param>
internal sealed partial record CellError(string Name, string Message, string Location, IReadOnlyList<string> Traceback)
{
    private const int ShownErrors = 10;
    private const int ShownFrames = 50; // at each end
    private const string WithoutUsing =
        "A cell's own variable cannot be declared with using: leave using out, or put the lines that need it in braces.";

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

        if (errors.Any(DeclaresWithUsing))
        {
            lines.Add(WithoutUsing);
        }

        string message = DeclaresWithUsing(errors[0]) ? $"{Text(errors[0])}. {WithoutUsing}" : Text(errors[0]);
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

    /// <summary>An exception thrown by code; <paramref name="cell"/> is the cell that ran.</summary>
    public static CellError FromException(Exception exception, string cell)
    {
        var lines = new List<string>();
        string location = cell;
        foreach (Exception e in WithCauses(exception))
        {
            lines.Add($"{(e == exception ? "" : "caused by ")}{Red(e.GetType().FullName!)}: {e.Message}");
            StackFrame[] frames = new StackTrace(e, fNeedFileInfo: true).GetFrames();
            int left = frames.Length - (2 * ShownFrames);
            for (int i = 0; i < frames.Length; i++)
            {
                if (left > 0 && i == ShownFrames)
                {
                    lines.Add($"   … {left} more calls");
                    i += left; // of a deep recursion its two ends
                }

                if (Describe(frames[i], out string? place) is not { } line)
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

        return new CellError(exception.GetType().FullName!, exception.Message, location, lines);
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
    private static string? Describe(StackFrame frame, out string? place)
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
            place = file.Length == 0 ? null : $"{file}, line {frame.GetFileLineNumber()}";
            return place is null ? null : $"   at {Cyan(place)}";
        }

        if (
            outer.Namespace is { } space
            && (
                space.StartsWith("Microsoft.CodeAnalysis", StringComparison.Ordinal)
                || space.StartsWith("AttentionLab.Kernel", StringComparison.Ordinal)
                || space is "System.Runtime" or "System.Runtime.CompilerServices" or "System.Runtime.ExceptionServices"
            )
        )
        {
            return null;
        }

        string parameters = string.Join(", ", method.GetParameters().Select(p => p.ParameterType.Name));
        string line = file.Length == 0 ? "" : $" in {file}, line {frame.GetFileLineNumber()}";
        return $"   at {type.FullName}.{method.Name}({parameters}){line}";
    }

    private static string Where(Diagnostic error)
    {
        FileLinePositionSpan span = error.Location.GetLineSpan();
        return error.Location.IsInSource ? $"{Path.GetFileName(span.Path)}, line {span.StartLinePosition.Line + 1}" : "cell";
    }

    private static string Text(Diagnostic error) => error.GetMessage(CultureInfo.InvariantCulture);

    private static string Red(string text) => $"\e[31m{text}\e[39m";

    private static string Yellow(string text) => $"\e[33m{text}\e[39m";

    private static string Cyan(string text) => $"\e[36m{text}\e[39m";
}
