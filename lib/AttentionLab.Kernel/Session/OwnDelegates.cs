using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.CodeAnalysis.Operations;

namespace AttentionLab.Kernel.Session;

/// <summary>
/// Which lambdas need no checkpoint, of those that call nothing (<c>x => x * x</c>): those that are given to functions of cells that
/// do no more than call them, at once or in a variable, because these functions have checkpoints, and cheap ones that LINQ calls for
/// each element of an array or a list, which takes moments. The compiler writes such a lambda into what calls it and computes equal
/// calls once, which a checkpoint would prevent. In later cells, where such a variable goes elsewhere, or LINQ is given a member of
/// a class without a checkpoint, a delegate that looks stands for it.
/// </summary>
internal sealed class OwnDelegates(SemanticModel model, CodeCalls calls, CodeCost cost)
{
    /// <summary>Whether a lambda's body needs no checkpoint.</summary>
    public bool NeedsNoLook(SyntaxNode body) =>
        body.Parent is LambdaExpressionSyntax { AsyncKeyword.RawKind: (int)SyntaxKind.None } lambda
        && TypesOf(model.GetTypeInfo(lambda).ConvertedType) is not null
        && calls.CallsNothing(body)
        && lambda.Parent switch
        {
            ArgumentSyntax argument => IsOnlyCalled(argument, model, [])
                || (argument.Parent!.Parent is InvocationExpressionSyntax call && IsOverMemory(call) && cost.IsCheap(body)),
            EqualsValueClauseSyntax { Parent: VariableDeclaratorSyntax variable } => IsHandedOn(
                model.GetDeclaredSymbol(variable)
            ),
            _ => false,
        };

    /// <summary>
    /// The types of a delegate, if a name stands for a variable of an earlier cell whose lambda has no checkpoint, and what is done
    /// with it may be more than calling it; else null.
    /// </summary>
    public string? TypesOfLooking(IdentifierNameSyntax name) =>
        CanBeReplaced(name)
        && model.GetSymbolInfo(name).Symbol
            is IFieldSymbol { ContainingType.IsScriptClass: true, DeclaringSyntaxReferences: [var declared] } variable
        && declared.SyntaxTree != model.SyntaxTree
        && declared.GetSyntax() is VariableDeclaratorSyntax { Initializer.Value: LambdaExpressionSyntax lambda }
        && !lambda.DescendantTokens().Any(token => token.ValueText == nameof(Checkpoint))
        && !IsOnlyCalled(name, model, [])
            ? TypesOf(variable.Type)
            : null;

    /// <summary>The same of a member of an earlier cell that has no checkpoint, given to LINQ as a delegate.</summary>
    public string? TypesOfLooking(ArgumentSyntax argument) =>
        argument
            is {
                Parent.Parent: InvocationExpressionSyntax call,
                Expression: MemberAccessExpressionSyntax or IdentifierNameSyntax
            }
        && model.GetTypeInfo(argument.Expression) is { Type: null, ConvertedType: var type }
        && model.GetSymbolInfo(argument.Expression).Symbol
            is IMethodSymbol { IsStatic: false, ContainingType.IsScriptClass: false, DeclaringSyntaxReferences: [var declared] }
        && declared.SyntaxTree != model.SyntaxTree
        && model.GetSymbolInfo(call).Symbol?.ContainingNamespace is { Name: "Linq", ContainingNamespace.Name: "System" }
            ? TypesOf(type)
            : null;

    // The types of a delegate for which `Checkpoint.Looking` can stand.
    private static string? TypesOf(ITypeSymbol? type) =>
        type is INamedTypeSymbol { Name: "Func", ContainingNamespace.Name: "System", TypeArguments: { Length: 2 or 3 } types }
        && string.Join(", ", types.Select(each => each.ToDisplayString(SymbolDisplayFormat.FullyQualifiedFormat))) is var names
        && !names.Contains("<anonymous", StringComparison.Ordinal)
            ? names
            : null;

    // Not where it is shown or described, is assigned to, or names what it is part of.
    private static bool CanBeReplaced(IdentifierNameSyntax name) =>
        (name.Parent as AssignmentExpressionSyntax)?.Left != name
        && name.Parent
            is not (
                InterpolationSyntax
                or ExpressionStatementSyntax
                or RefExpressionSyntax
                or MemberAccessExpressionSyntax { Name.Identifier.ValueText: "Method" or "Target" }
                or AnonymousObjectMemberDeclaratorSyntax
                or ArgumentSyntax { Parent: TupleExpressionSyntax }
                or ArgumentSyntax { RefKindKeyword.RawKind: not (int)SyntaxKind.None }
            );

    // Whether a call is of LINQ and handles each element of an array or a list once: not of several sequences, or one for each.
    private bool IsOverMemory(InvocationExpressionSyntax call) =>
        call.Expression is MemberAccessExpressionSyntax { Expression: var source }
        && model.GetSymbolInfo(call).Symbol
            is IMethodSymbol
            {
                Name: not "SelectMany",
                ReducedFrom.ContainingType: { Name: "Enumerable", ContainingNamespace.Name: "Linq" },
                Parameters: var parameters
            }
        && parameters.All(parameter => parameter.Type is { TypeKind: TypeKind.Delegate } or { IsValueType: true })
        && (
            source is InvocationExpressionSyntax before
                ? IsOverMemory(before) && !GivesElement(before)
                : model.GetTypeInfo(source).Type is { } type && CodeCost.IsInMemory(type)
        );

    // As `First` and `Aggregate` do: an element may be an endless sequence itself.
    private bool GivesElement(InvocationExpressionSyntax call) =>
        model.GetSymbolInfo(call).Symbol is IMethodSymbol { ReducedFrom.ReturnType: ITypeParameterSymbol };

    // Whether a variable of this cell goes to functions, and neither they nor anyone else does more than call it.
    private bool IsHandedOn(ISymbol? variable)
    {
        if (variable is not (ILocalSymbol or IFieldSymbol { ContainingType.IsScriptClass: true }))
        {
            return false;
        }

        IdentifierNameSyntax[] uses = [.. Uses(variable, model.SyntaxTree.GetRoot(), model)];
        return uses.Any(use => use.Parent is ArgumentSyntax) && uses.All(use => IsOnlyCalled(use, model, []));
    }

    private static IEnumerable<IdentifierNameSyntax> Uses(ISymbol variable, SyntaxNode code, SemanticModel model) =>
        code.DescendantNodes()
            .OfType<IdentifierNameSyntax>()
            .Where(name =>
                name.Identifier.ValueText == variable.Name
                && SymbolEqualityComparer.Default.Equals(model.GetSymbolInfo(name).Symbol, variable)
            );

    // Whether nothing is done with a delegate, where it is named, but to call it, to compare it with null or to assign to it.
    private bool IsOnlyCalled(IdentifierNameSyntax name, SemanticModel model, HashSet<ISymbol> asked) =>
        name.Parent switch
        {
            InvocationExpressionSyntax => !IsInTree(name, model),
            MemberAccessExpressionSyntax { Name.Identifier.ValueText: "Invoke", Parent: InvocationExpressionSyntax } => !IsInTree(
                name,
                model
            ),
            ConditionalAccessExpressionSyntax
            {
                WhenNotNull: InvocationExpressionSyntax
                {
                    Expression: MemberBindingExpressionSyntax { Name.Identifier.ValueText: "Invoke" }
                }
            } access => access.Expression == name,
            BinaryExpressionSyntax
            {
                RawKind: (int)SyntaxKind.EqualsExpression or (int)SyntaxKind.NotEqualsExpression,
                Right.RawKind: (int)SyntaxKind.NullLiteralExpression
            } => true,
            IsPatternExpressionSyntax
            {
                Pattern: ConstantPatternSyntax or UnaryPatternSyntax { Pattern: ConstantPatternSyntax }
            } => true,
            AssignmentExpressionSyntax { Parent: ExpressionStatementSyntax } assignment => assignment.Left == name,
            ArgumentSyntax argument => IsOnlyCalled(argument, model, asked),
            _ => false,
        };

    // The same of the parameter for which an argument stands.
    private bool IsOnlyCalled(ArgumentSyntax argument, SemanticModel model, HashSet<ISymbol> asked)
    {
        if (
            argument.Parent?.Parent is InvocationExpressionSyntax
            {
                Expression: IdentifierNameSyntax { Identifier.ValueText: "nameof" }
            }
        )
        {
            return true;
        }

        if (
            IsInTree(argument, model)
            || model.GetOperation(argument) is not IArgumentOperation { Parameter.OriginalDefinition: var parameter }
            || parameter
                is not {
                    RefKind: RefKind.None,
                    IsParams: false,
                    ContainingSymbol: IMethodSymbol
                    {
                        MethodKind: MethodKind.Ordinary or MethodKind.LocalFunction,
                        IsVirtual: false,
                        IsAbstract: false,
                        IsOverride: false
                    },
                    DeclaringSyntaxReferences: [var declared]
                }
        )
        {
            return false;
        }

        SyntaxNode function = declared.GetSyntax().Parent!.Parent!;
        return !asked.Add(parameter)
            || (
                ModelOf(declared.SyntaxTree) is { } itsModel
                && Uses(parameter, function, itsModel).All(use => IsOnlyCalled(use, itsModel, asked))
            );
    }

    // Whether code stands in an expression tree, of which others make what they like.
    private static bool IsInTree(SyntaxNode code, SemanticModel model) =>
        code.Ancestors()
            .Any(node =>
                node is QueryExpressionSyntax
                || (node is LambdaExpressionSyntax && model.GetTypeInfo(node).ConvertedType is { Name: "Expression" })
            );

    // This cell's model, or an earlier one's.
    private SemanticModel? ModelOf(SyntaxTree tree)
    {
        for (
            Compilation? cell = model.Compilation;
            cell is not null;
            cell = cell.ScriptCompilationInfo?.PreviousScriptCompilation
        )
        {
            if (cell.ContainsSyntaxTree(tree))
            {
                return cell.GetSemanticModel(tree);
            }
        }

        return null;
    }
}
