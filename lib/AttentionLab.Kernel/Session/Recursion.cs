using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace AttentionLab.Kernel.Session;

/// <summary>A method or local function that calls itself by its name, so that it may run a million times.</summary>
/// <param name="Name">Its name where it is declared.</param>
/// <param name="Calls">Its name where it calls itself.</param>
/// <param name="CanHaveTwin">Whether the same function may stand under another name beside it.</param>
internal sealed record Recursion(SyntaxToken Name, IReadOnlyList<SyntaxToken> Calls, bool CanHaveTwin)
{
    /// <summary>The recursion of a function; null when it does not call itself, or carries attributes, or is async.</summary>
    public static Recursion? Of(SyntaxNode function, SemanticModel model)
    {
        (SyntaxToken name, SyntaxTokenList modifiers, SyntaxList<AttributeListSyntax> attributes) = function switch
        {
            MethodDeclarationSyntax method => (method.Identifier, method.Modifiers, method.AttributeLists),
            LocalFunctionStatementSyntax local => (local.Identifier, local.Modifiers, local.AttributeLists),
            _ => default,
        };
        if (
            name.RawKind == 0
            || attributes.Count > 0
            || modifiers.Any(SyntaxKind.AsyncKeyword)
            || modifiers.Any(SyntaxKind.PartialKeyword)
            || function.DescendantNodes().Any(node => node is YieldStatementSyntax)
        )
        {
            return null;
        }

        SimpleNameSyntax[] calls =
        [
            .. function
                .DescendantNodes()
                .OfType<InvocationExpressionSyntax>()
                .Select(call => call.Expression)
                .OfType<SimpleNameSyntax>()
                .Where(called => called.Identifier.ValueText == name.ValueText),
        ];
        return calls.Length == 0 ? null : new Recursion(name, [.. calls.Select(call => call.Identifier)], CanHaveTwin());

        // Others may override it, or stand for it in an interface; a function inside it may have its name.
        bool CanHaveTwin() =>
            modifiers.All(modifier =>
                modifier.Kind() is SyntaxKind.StaticKeyword or SyntaxKind.PrivateKeyword or SyntaxKind.PublicKeyword
            )
            && function is not MethodDeclarationSyntax { ExplicitInterfaceSpecifier: not null }
            && !function
                .DescendantNodes()
                .Any(node => node is AnonymousFunctionExpressionSyntax or LocalFunctionStatementSyntax or QueryExpressionSyntax)
            && !function.Ancestors().Any(node => node is InterpolatedStringExpressionSyntax)
            && model.GetDeclaredSymbol(function) is { } symbol
            && calls.All(call =>
                SymbolEqualityComparer.Default.Equals(model.GetSymbolInfo(call).Symbol?.OriginalDefinition, symbol)
            );
    }
}
