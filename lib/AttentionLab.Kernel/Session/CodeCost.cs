using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace AttentionLab.Kernel.Session;

/// <summary>
/// Which loops of a cell need no checkpoint, or few: as far as their text and types tell, they end in a moment, or a thousand of
/// their rounds do.
/// </summary>
internal sealed class CodeCost(SemanticModel model)
{
    private const int FewRounds = 1_000_000; // of cheap code: milliseconds

    /// <summary>
    /// Whether a loop counts up to a small number or a length, and its body is cheap. An `int` that counts to any number is not
    /// short: two billion rounds take seconds, and `i &lt;= int.MaxValue` never ends.
    /// </summary>
    public bool IsShort(ForStatementSyntax loop) =>
        loop
            is {
                Declaration: { Variables: [{ Identifier.ValueText: var name }] },
                Condition: BinaryExpressionSyntax
                {
                    RawKind: (int)SyntaxKind.LessThanExpression or (int)SyntaxKind.LessThanOrEqualExpression,
                    Left: IdentifierNameSyntax left
                } condition,
                Incrementors: [var step]
            }
        && left.Identifier.ValueText == name
        && model.GetTypeInfo(left).Type?.SpecialType == SpecialType.System_Int32
        && StepOf(step, name) is > 0 and <= FewRounds and int size
        && (model.GetConstantValue(condition.Right).Value is int and <= FewRounds || (size == 1 && IsLength(condition)))
        && IsCheap(loop.Statement)
        && !Changes(loop.Statement, name);

    /// <summary>Whether a loop goes over something in memory, and its body is cheap.</summary>
    public bool IsShort(CommonForEachStatementSyntax loop) =>
        model.GetTypeInfo(loop.Expression).Type is { } type && IsInMemory(type) && IsCheap(loop.Statement);

    /// <summary>
    /// What a loop counts, if its body is cheap and it goes up by ones to a number that stays as it is; null for other loops.
    /// </summary>
    public LoopCount? CountOf(ForStatementSyntax loop) =>
        loop
            is {
                Declaration: { Variables: [{ Identifier.ValueText: var name, Initializer.Value: var start }] },
                Condition: BinaryExpressionSyntax { RawKind: (int)SyntaxKind.LessThanExpression } condition,
                Incrementors: [var step]
            }
        && IsInt(condition.Left)
        && IsInt(condition.Right)
        && AheadOf(condition.Left, name, start) is { } ahead
        && StepOf(step, name) == 1
        && IsCheap(loop.Statement)
        && !Changes(loop.Statement, name)
        && StaysDuring(loop.Statement, condition.Right)
            ? new LoopCount(name, ahead, condition.Right)
            : null;

    /// <summary>
    /// Whether a condition may be asked once more than its reader wrote: it changes nothing, declares nothing and costs little.
    /// </summary>
    public bool IsRepeatable(ExpressionSyntax condition) =>
        model.GetTypeInfo(condition).Type?.SpecialType == SpecialType.System_Boolean
        && IsCheap(condition)
        && condition
            .DescendantNodesAndSelf()
            .All(node =>
                node is not (AssignmentExpressionSyntax or VariableDesignationSyntax or PostfixUnaryExpressionSyntax)
                && !node.IsKind(SyntaxKind.PreIncrementExpression)
                && !node.IsKind(SyntaxKind.PreDecrementExpression)
            );

    /// <summary>
    /// Whether code takes nanoseconds: arithmetic of the language's own numbers, elements of arrays and lists, `Math`, and
    /// choices among them. It calls none of the reader's functions, allocates nothing and holds no loop.
    /// </summary>
    public bool IsCheap(SyntaxNode code) => code.DescendantNodesAndSelf().All(IsCheapByItself);

    private bool IsCheapByItself(SyntaxNode node) =>
        node switch
        {
            InvocationExpressionSyntax call => IsMath(call),
            BinaryExpressionSyntax or AssignmentExpressionSyntax => IsBuiltIn(node) && !IsConcatenation(node),
            PrefixUnaryExpressionSyntax or PostfixUnaryExpressionSyntax => IsBuiltIn(node),
            ElementAccessExpressionSyntax access => model.GetTypeInfo(access.Expression).Type is { } type && IsInMemory(type),
            SimpleNameSyntax name => IsStored(name),
            RangeExpressionSyntax => false, // a slice of an array is a copy
            LiteralExpressionSyntax
            or ParenthesizedExpressionSyntax
            or ConditionalExpressionSyntax
            or CastExpressionSyntax
            or MemberAccessExpressionSyntax
            or TupleExpressionSyntax
            or DeclarationExpressionSyntax
            or IsPatternExpressionSyntax
            or SwitchExpressionSyntax
            or ThisExpressionSyntax
            or RefExpressionSyntax
            or DefaultExpressionSyntax
            or CheckedExpressionSyntax
            or OmittedArraySizeExpressionSyntax
            or TypeSyntax => true,
            LocalDeclarationStatementSyntax declaration => declaration.UsingKeyword.IsKind(SyntaxKind.None),
            BlockSyntax
            or ExpressionStatementSyntax
            or IfStatementSyntax
            or SwitchStatementSyntax
            or BreakStatementSyntax
            or ContinueStatementSyntax
            or ReturnStatementSyntax
            or EmptyStatementSyntax
            or CheckedStatementSyntax => true,
            ExpressionSyntax or StatementSyntax => false,
            _ => true, // a part of one of them: its expressions come by themselves
        } && (node is not ExpressionSyntax expression || IsConvertedByLanguage(expression));

    private bool IsConvertedByLanguage(ExpressionSyntax expression) =>
        model.GetTypeInfo(expression).Type?.TypeKind != TypeKind.Dynamic && !model.GetConversion(expression).IsUserDefined;

    private bool IsBuiltIn(SyntaxNode operation) =>
        model.GetSymbolInfo(operation).Symbol is not IMethodSymbol { MethodKind: not MethodKind.BuiltinOperator };

    private bool IsConcatenation(SyntaxNode operation) =>
        (operation.IsKind(SyntaxKind.AddExpression) || operation.IsKind(SyntaxKind.AddAssignmentExpression))
        && model.GetTypeInfo(operation).Type is { IsReferenceType: true };

    // A variable, a field, a type, or a length; not a property, which may compute.
    private bool IsStored(SimpleNameSyntax name) =>
        model.GetSymbolInfo(name).Symbol is not IPropertySymbol { ContainingType: var owner, Name: var property }
        || (property is "Length" or "Count" && IsInMemory(owner));

    private bool IsMath(InvocationExpressionSyntax call) =>
        model.GetSymbolInfo(call).Symbol
            is IMethodSymbol { ContainingType: { Name: "Math" or "MathF", ContainingNamespace.Name: "System" } }
                or IMethodSymbol { Name: "GetLength", ContainingType.SpecialType: SpecialType.System_Array };

    private bool IsLength(BinaryExpressionSyntax condition) =>
        condition.IsKind(SyntaxKind.LessThanExpression)
        && condition.Right is MemberAccessExpressionSyntax { Name.Identifier.ValueText: "Length" or "Count" }
        && IsCheap(condition.Right);

    private static bool IsInMemory(ITypeSymbol type) =>
        type.TypeKind == TypeKind.Array
        || type.SpecialType is SpecialType.System_String or SpecialType.System_Array
        || type is INamedTypeSymbol { Name: "List" or "Span" or "ReadOnlySpan", ContainingNamespace.Name: "Generic" or "System" };

    private int? StepOf(ExpressionSyntax incrementor, string variable) =>
        Changes(incrementor, variable)
            ? incrementor switch
            {
                PostfixUnaryExpressionSyntax { RawKind: (int)SyntaxKind.PostIncrementExpression }
                or PrefixUnaryExpressionSyntax { RawKind: (int)SyntaxKind.PreIncrementExpression } => 1,
                AssignmentExpressionSyntax { RawKind: (int)SyntaxKind.AddAssignmentExpression } step => model
                    .GetConstantValue(step.Right)
                    .Value as int?,
                _ => null,
            }
            : null;

    private bool IsInt(ExpressionSyntax expression) =>
        model.GetTypeInfo(expression).Type?.SpecialType == SpecialType.System_Int32;

    // 0 for `i`, 1 for `i + 1`, which must not overflow where `i` starts: later it is less than what it is compared with.
    private int? AheadOf(ExpressionSyntax counted, string variable, ExpressionSyntax start) =>
        counted switch
        {
            IdentifierNameSyntax name when name.Identifier.ValueText == variable => 0,
            BinaryExpressionSyntax { RawKind: (int)SyntaxKind.AddExpression, Left: IdentifierNameSyntax name } sum
                when name.Identifier.ValueText == variable
                    && model.GetConstantValue(sum.Right).Value is int and > 0 and var ahead
                    && model.GetConstantValue(start).Value is int first
                    && first <= int.MaxValue - ahead => ahead,
            _ => null,
        };

    // Whether a number is the same after code as before. What a reference leads to may have another name.
    private bool StaysDuring(SyntaxNode code, ExpressionSyntax number) =>
        IsRepeatableNumber(number)
        && Targets(code).All(target => !IsReference(target))
        && number
            .DescendantNodesAndSelf()
            .OfType<IdentifierNameSyntax>()
            .All(name => !IsReference(name) && !Changes(code, name.Identifier.ValueText));

    private bool IsRepeatableNumber(ExpressionSyntax number) =>
        IsCheap(number)
        && !Targets(number).Any()
        && !number.DescendantNodesAndSelf().Any(node => node is ElementAccessExpressionSyntax);

    private bool IsReference(ExpressionSyntax variable) =>
        model.GetSymbolInfo(variable).Symbol
            is ILocalSymbol { RefKind: not RefKind.None }
                or IParameterSymbol { RefKind: not RefKind.None }
                or IFieldSymbol { RefKind: not RefKind.None }
                or IFieldSymbol { IsVolatile: true };

    private static bool Changes(SyntaxNode code, string variable) => Targets(code).Any(target => NameOf(target) == variable);

    private static string? NameOf(ExpressionSyntax variable) =>
        variable switch
        {
            IdentifierNameSyntax name => name.Identifier.ValueText,
            MemberAccessExpressionSyntax member => member.Name.Identifier.ValueText,
            _ => null,
        };

    // What code assigns to, or might by a reference.
    private static IEnumerable<ExpressionSyntax> Targets(SyntaxNode code) =>
        code.DescendantNodesAndSelf()
            .SelectMany(node =>
                node switch
                {
                    AssignmentExpressionSyntax assignment => Parts(assignment.Left),
                    PostfixUnaryExpressionSyntax change => [change.Operand],
                    PrefixUnaryExpressionSyntax change when !IsValue(change) => [change.Operand],
                    RefExpressionSyntax reference => [reference.Expression],
                    _ => (IEnumerable<ExpressionSyntax>)[],
                }
            );

    private static bool IsValue(PrefixUnaryExpressionSyntax operation) =>
        operation.Kind()
            is SyntaxKind.UnaryMinusExpression
                or SyntaxKind.UnaryPlusExpression
                or SyntaxKind.LogicalNotExpression
                or SyntaxKind.BitwiseNotExpression;

    private static IEnumerable<ExpressionSyntax> Parts(ExpressionSyntax target) =>
        target is TupleExpressionSyntax tuple ? tuple.Arguments.SelectMany(argument => Parts(argument.Expression)) : [target];
}
