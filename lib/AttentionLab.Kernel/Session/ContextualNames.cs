using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace AttentionLab.Kernel.Session;

/// <summary>
/// Variables named <c>record</c> or <c>extension</c>. In a script the parser takes a statement that begins with such a name
/// for a declaration that lacks the rest: <c>record.Save();</c>.
/// </summary>
internal static class ContextualNames
{
    /// <summary>The code with an <c>@</c> before such names, which makes them names for the parser too.</summary>
    public static string Escape(string code) => Escape(code, out _);

    /// <summary>The same, and where each <c>@</c> stands, in order.</summary>
    public static string Escape(string code, out IReadOnlyList<int> places)
    {
        List<int> found = [];
        while (First(code) is { } name)
        {
            found.Add(name.SpanStart);
            code = code.Insert(name.SpanStart, "@");
        }

        places = found;
        return code;
    }

    // One at a time: the parser misreads what follows the first.
    private static SyntaxToken? First(string code)
    {
        if (!code.Contains("record", StringComparison.Ordinal) && !code.Contains("extension", StringComparison.Ordinal))
        {
            return null;
        }

        return CSharpSyntaxTree
            .ParseText(code, CSharpEngine.ParseOptions)
            .GetCompilationUnitRoot()
            .Members.OfType<TypeDeclarationSyntax>()
            .Where(type =>
                type.AttributeLists.Count == 0
                && type.Modifiers.Count == 0
                && type
                    is RecordDeclarationSyntax { Identifier.IsMissing: true, ClassOrStructKeyword.RawKind: 0 }
                        or ExtensionBlockDeclarationSyntax { OpenBraceToken.IsMissing: true }
                        or ExtensionBlockDeclarationSyntax { ParameterList: null or { OpenParenToken.IsMissing: true } }
            )
            .Select(type => (SyntaxToken?)type.Keyword)
            .FirstOrDefault();
    }
}
