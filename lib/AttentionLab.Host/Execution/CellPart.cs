using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace AttentionLab.Host.Execution;

/// <summary>A stretch of a cell: first the assemblies it references, then code, or another file to run.</summary>
/// <param name="Code">C# without directives; blank lines stand for what was before, so that line numbers stay.</param>
/// <param name="References">The paths of its <c>#r</c> lines, with their line numbers.</param>
/// <param name="Import">The path of an <c>#!import</c> line that follows the code, if any.</param>
/// <param name="ImportLine">The number of that line.</param>
internal sealed record CellPart(string Code, IReadOnlyList<(string Path, int Line)> References, string? Import, int ImportLine)
{
    /// <summary>Cuts a cell at its <c>#!import</c> lines and takes its <c>#r</c> lines out.</summary>
    /// <exception cref="CellDirectiveException">A directive that is not known or lacks its path.</exception>
    public static IReadOnlyList<CellPart> Split(string code)
    {
        SyntaxTree tree = CSharpSyntaxTree.ParseText(code, CSharpEngine.ParseOptions);
        string[] lines = [.. tree.GetText().Lines.Select(line => line.ToString())];
        string[] kept = [.. lines];
        var parts = new List<CellPart>();
        var references = new List<(string, int)>();
        int start = 0;

        // The parser knows which lines are directives, and which only look so, in a string of several lines.
        foreach (DirectiveTriviaSyntax directive in tree.GetRoot().DescendantNodes(descendIntoTrivia: true).OfType<DirectiveTriviaSyntax>())
        {
            int index = directive.GetLocation().GetLineSpan().StartLinePosition.Line;
            string[] words = lines[index].Trim().Split((char[])[' ', '\t'], 2, StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
            string Path() => words.Length == 2 && words[1].Trim('"') is { Length: > 0 } path
                ? path
                : throw new CellDirectiveException($"{words[0]} needs a path, as in {words[0]} \"folder/file\".", index + 1);
            switch (words[0])
            {
                case "#r":
                    references.Add((Path(), index + 1));
                    break;
                case "#!import":
                    parts.Add(new CellPart(Code(index), [.. references], Path(), index + 1));
                    references.Clear();
                    start = index + 1;
                    break;
                case "#!csharp" or "#!c#":
                    break;
                case ['#', '!', ..]:
                    throw new CellDirectiveException($"{words[0]} is not known here. Known are #r, #!import and #!csharp.", index + 1);
                default:
                    continue; // #region, #if, #pragma … belong to C#
            }

            kept[index] = "";
        }

        parts.Add(new CellPart(Code(lines.Length), references, null, 0));
        return parts;

        string Code(int end) => string.Join('\n', Enumerable.Repeat("", start).Concat(kept[start..end]));
    }
}
