using System.Net;
using System.Text;
using AttentionLab.Kernel.Session;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace AttentionLab.Kernel.Html;

/// <summary>C# as HTML, its words coloured by the parser's own knowledge of them.</summary>
internal static class CodeColors
{
    /// <summary>
    /// The code as HTML: spans of class k (keyword), s (string), n (number), c (comment), t (type), m (method), d (directive).
    /// </summary>
    public static string ToHtml(string code)
    {
        var html = new StringBuilder();
        foreach (SyntaxToken token in CSharpSyntaxTree.ParseText(code, CSharpEngine.ParseOptions).GetRoot().DescendantTokens())
        {
            AppendTrivia(html, token.LeadingTrivia);
            Append(html, token.Text, Class(token));
            AppendTrivia(html, token.TrailingTrivia);
        }

        return html.ToString();
    }

    private static void AppendTrivia(StringBuilder html, SyntaxTriviaList list)
    {
        foreach (SyntaxTrivia trivia in list)
        {
            Append(
                html,
                trivia.ToFullString(),
                trivia.Kind() switch
                {
                    SyntaxKind.SingleLineCommentTrivia
                    or SyntaxKind.MultiLineCommentTrivia
                    or SyntaxKind.SingleLineDocumentationCommentTrivia
                    or SyntaxKind.MultiLineDocumentationCommentTrivia => "c",
                    _ => trivia.IsDirective ? "d" : null,
                }
            );
        }
    }

    private static void Append(StringBuilder html, string text, string? style)
    {
        string encoded = WebUtility.HtmlEncode(text);
        html.Append(style is null || text.Length == 0 ? encoded : $"<span class=\"{style}\">{encoded}</span>");
    }

    private static string? Class(SyntaxToken token)
    {
        SyntaxKind kind = token.Kind();
        return kind switch
        {
            SyntaxKind.NumericLiteralToken => "n",
            SyntaxKind.CharacterLiteralToken
            or SyntaxKind.StringLiteralToken
            or SyntaxKind.SingleLineRawStringLiteralToken
            or SyntaxKind.MultiLineRawStringLiteralToken
            or SyntaxKind.Utf8StringLiteralToken
            or SyntaxKind.InterpolatedStringTextToken
            or SyntaxKind.InterpolatedStringStartToken
            or SyntaxKind.InterpolatedVerbatimStringStartToken
            or SyntaxKind.InterpolatedStringEndToken
            or SyntaxKind.InterpolatedSingleLineRawStringStartToken
            or SyntaxKind.InterpolatedMultiLineRawStringStartToken
            or SyntaxKind.InterpolatedRawStringEndToken => "s",
            SyntaxKind.IdentifierToken => Identifier(token),
            _ => SyntaxFacts.IsKeywordKind(kind) || SyntaxFacts.IsContextualKeyword(kind) ? "k" : null,
        };
    }

    private static string? Identifier(SyntaxToken token) =>
        token.Parent switch
        {
            IdentifierNameSyntax { IsVar: true } => "k",
            BaseTypeDeclarationSyntax or TypeParameterSyntax or ConstructorDeclarationSyntax => "t",
            MethodDeclarationSyntax or LocalFunctionStatementSyntax => "m",
            SimpleNameSyntax name when IsCalled(name) => "m",
            SimpleNameSyntax name when IsType(name) => "t",
            _ => null,
        };

    private static bool IsCalled(SimpleNameSyntax name) =>
        name.Parent is InvocationExpressionSyntax call && call.Expression == name
        || (
            name.Parent is MemberAccessExpressionSyntax access
            && access.Name == name
            && access.Parent is InvocationExpressionSyntax member
            && member.Expression == access
        );

    // In most places the grammar says that a name is a type; a capital before a dot is taken for one.
    private static bool IsType(SimpleNameSyntax name)
    {
        SyntaxNode top =
            name.Parent is QualifiedNameSyntax { Parent: not (UsingDirectiveSyntax or QualifiedNameSyntax) } qualified
            && qualified.Right == name
                ? qualified
                : name;
        return top.Parent switch
        {
            VariableDeclarationSyntax declaration => declaration.Type == top,
            ObjectCreationExpressionSyntax creation => creation.Type == top,
            ParameterSyntax parameter => parameter.Type == top,
            MethodDeclarationSyntax method => method.ReturnType == top,
            LocalFunctionStatementSyntax function => function.ReturnType == top,
            PropertyDeclarationSyntax property => property.Type == top,
            ForEachStatementSyntax loop => loop.Type == top,
            CastExpressionSyntax cast => cast.Type == top,
            BaseTypeSyntax
            or TypeArgumentListSyntax
            or ArrayTypeSyntax
            or NullableTypeSyntax
            or TypeOfExpressionSyntax
            or DeclarationPatternSyntax
            or TypeConstraintSyntax
            or TupleElementSyntax
            or AttributeSyntax => true,
            MemberAccessExpressionSyntax access => access.Expression == name
                && char.IsUpper(name.Identifier.ValueText.FirstOrDefault()),
            _ => name is GenericNameSyntax,
        };
    }
}
