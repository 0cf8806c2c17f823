using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace AttentionLab.Kernel.Session;

/// <summary>A stretch of a cell: first what it references, then code, then what the host does.</summary>
/// <param name="Code">C# without directives; blank lines stand for what was before, so that line numbers stay.</param>
/// <param name="References">Its <c>#r</c> and <c>#i</c> lines.</param>
/// <param name="Next">A directive to follow when the code has run, if any.</param>
internal sealed record CellPart(string Code, IReadOnlyList<CellDirective> References, CellDirective? Next)
{
    /// <summary>Cuts a cell at its <c>#!</c> lines and takes its <c>#r</c> and <c>#i</c> lines out.</summary>
    /// <exception cref="CellDirectiveException">A directive that is not known or lacks its path.</exception>
    public static IReadOnlyList<CellPart> Split(string code)
    {
        code = ContextualNames.Escape(code);
        SyntaxTree tree = CSharpSyntaxTree.ParseText(code, CSharpEngine.ParseOptions);
        string[] lines = [.. tree.GetText().Lines.Select(line => line.ToString())];
        string[] kept = [.. lines];
        var parts = new List<CellPart>();
        var references = new List<CellDirective>();
        int start = 0;

        // The parser knows which lines are directives, and which only look so, in a string of several lines.
        foreach (
            DirectiveTriviaSyntax directive in tree.GetRoot()
                .DescendantNodes(descendIntoTrivia: true)
                .OfType<DirectiveTriviaSyntax>()
        )
        {
            int index = directive.GetLocation().GetLineSpan().StartLinePosition.Line;
            string[] words = lines[index]
                .Trim()
                .Split((char[])[' ', '\t'], 2, StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
            switch (words[0])
            {
                case "#r" or "#i":
                    references.Add(Directive(Path()));
                    break;
                case "#!import":
                    Cut(Directive(Path()), index + 1);
                    break;
                case "#!time" or "#!who" or "#!whos" or "#!about" or "#!lsmagic" or "#!set" or "#!share":
                    Cut(Directive(words.ElementAtOrDefault(1) ?? ""), index + 1);
                    break;
                case "#!markdown" or "#!html" or "#!mermaid" or "#!javascript" or "#!js" or "#!value":
                    // Text of another language up to the next language's line; what follows is read as a cell of its own.
                    int end = Array.FindIndex(lines, index + 1, Directives.IsLanguage) is var next and >= 0 ? next : lines.Length;
                    IEnumerable<string> text = lines[(index + 1)..end];
                    Cut(
                        Directive(
                            string.Join('\n', words[0] == "#!value" ? text.Prepend(words.ElementAtOrDefault(1) ?? "") : text)
                        ),
                        end
                    );
                    return [.. parts, .. Split(string.Join('\n', Enumerable.Repeat("", end).Concat(lines[end..])))];
                case "#!csharp" or "#!c#" or "#!C#":
                    break;
                case ['#', '!', ..]:
                    throw new CellDirectiveException(Directives.Refusal(words[0]), index + 1);
                default:
                    continue; // #region, #if, #pragma … belong to C#
            }

            kept[index] = "";

            CellDirective Directive(string argument) => new(words[0], argument, index + 1);

            // Written on Windows, a path has backslashes; a comment may follow one in quotes.
            string Path() =>
                words.Length == 2 && Unquoted(words[1]) is { Length: > 0 } path
                    ? path.Replace('\\', '/')
                    : throw new CellDirectiveException($"{words[0]} needs a path, as in {words[0]} \"folder/file\".", index + 1);

            void Cut(CellDirective next, int restart)
            {
                parts.Add(new CellPart(Code(index), [.. references], next));
                references.Clear();
                start = restart;
            }
        }

        parts.Add(new CellPart(Code(lines.Length), references, null));
        return parts;

        static string Unquoted(string argument) =>
            argument.Split('"') is ["", var quoted, var rest, ..] && rest.TrimStart().StartsWith("//", StringComparison.Ordinal)
                ? quoted
                : argument.Trim('"');

        string Code(int end) => string.Join('\n', Enumerable.Repeat("", start).Concat(kept[start..end]));
    }
}
