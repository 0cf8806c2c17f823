using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace AttentionLab.Kernel.Session;

/// <summary>
/// A method or local function that calls itself by its name and nothing else, so that it may run a million times, and that may
/// stand under another name beside it.
/// </summary>
/// <param name="Name">Its name where it is declared.</param>
/// <param name="Calls">Its name where it calls itself.</param>
/// <param name="Modifiers">Its modifiers.</param>
internal sealed record Recursion(SyntaxToken Name, IReadOnlyList<SyntaxToken> Calls, SyntaxTokenList Modifiers)
{
    /// <summary>
    /// The recursion of a function; null when it holds loops or calls others, carries attributes, or others may override it or
    /// stand for it in an interface. Also null when it may fail on one of several lines: of what the compiler writes into its
    /// caller, an exception would name the caller's line.
    /// </summary>
    public static Recursion? Of(SyntaxNode function, SemanticModel model, CodeCost cost)
    {
        (
            SyntaxToken name,
            SyntaxTokenList modifiers,
            SyntaxList<AttributeListSyntax> attributes,
            ParameterListSyntax? parameters,
            SyntaxNode? body
        ) = function switch
        {
            MethodDeclarationSyntax { ExplicitInterfaceSpecifier: null } method => (
                method.Identifier,
                method.Modifiers,
                method.AttributeLists,
                method.ParameterList,
                method.Body ?? (SyntaxNode?)method.ExpressionBody
            ),
            LocalFunctionStatementSyntax local => (
                local.Identifier,
                local.Modifiers,
                local.AttributeLists,
                local.ParameterList,
                local.Body ?? (SyntaxNode?)local.ExpressionBody
            ),
            _ => default,
        };
        if (
            body is null
            || attributes.Count > 0
            || !modifiers.All(modifier =>
                modifier.Kind() is SyntaxKind.StaticKeyword or SyntaxKind.PrivateKeyword or SyntaxKind.PublicKeyword
            )
            || parameters!.Parameters.Any(parameter => parameter.AttributeLists.Count > 0) // [CallerMemberName]
            || function.DescendantTokens().Skip(1).Any(token => token.ContainsDirectives)
            || function.Ancestors().Any(node => node is InterpolatedStringExpressionSyntax)
        )
        {
            return null;
        }

        ISymbol? itself = model.GetDeclaredSymbol(function);
        var calls = new List<SyntaxToken>();
        FileLinePositionSpan lines = function.GetLocation().GetLineSpan();
        bool isOneLine = lines.StartLinePosition.Line == lines.EndLinePosition.Line;
        return
            body.DescendantNodes()
                .All(node => IsItself(node) || (cost.IsCheapByItself(node) && (isOneLine || !cost.MayFailByItself(node))))
            && calls.Count > 0
            ? new Recursion(name, calls, modifiers)
            : null;

        bool IsItself(SyntaxNode node)
        {
            if (
                node is InvocationExpressionSyntax { Expression: SimpleNameSyntax called }
                && SymbolEqualityComparer.Default.Equals(model.GetSymbolInfo(called).Symbol?.OriginalDefinition, itself)
            )
            {
                calls.Add(called.Identifier);
                return true;
            }

            return false;
        }
    }
}
