using System.Runtime.CompilerServices;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.CodeAnalysis.Operations;

namespace AttentionLab.Kernel.Session;

/// <summary>
/// What a call passes by itself of its arguments' text (<see cref="CallerArgumentExpressionAttribute"/>): the text that was
/// written, where checkpoints change it.
/// </summary>
internal static class CallerTexts
{
    /// <summary>Arguments to add to a call, such as <c>text: "xs.Sum(x => x * x)"</c>.</summary>
    public static IEnumerable<string> Of(InvocationExpressionSyntax call, SemanticModel model)
    {
        if (
            model.GetSymbolInfo(call).Symbol is not IMethodSymbol { Parameters: var parameters }
            || !parameters.Any(parameter => Described(parameter) is not null)
            || model.GetOperation(call) is not IInvocationOperation { Arguments: var arguments }
        )
        {
            return [];
        }

        return from text in arguments
            where text.ArgumentKind == ArgumentKind.DefaultValue
            from argument in arguments
            where argument.ArgumentKind == ArgumentKind.Explicit
            where argument.Parameter!.Name == Described(text.Parameter!) && HoldsFunction(argument.Syntax)
            let written = (argument.Syntax as ArgumentSyntax)?.Expression ?? argument.Syntax
            select $"{text.Parameter!.Name}: {SymbolDisplay.FormatLiteral(written.ToString(), quote: true)}";
    }

    private static string? Described(IParameterSymbol parameter) =>
        parameter
            .GetAttributes()
            .FirstOrDefault(each => each.AttributeClass?.Name == nameof(CallerArgumentExpressionAttribute))
            ?.ConstructorArguments[0]
            .Value as string;

    private static bool HoldsFunction(SyntaxNode code) =>
        code.DescendantNodes().Any(node => node is AnonymousFunctionExpressionSyntax or QueryExpressionSyntax);
}
