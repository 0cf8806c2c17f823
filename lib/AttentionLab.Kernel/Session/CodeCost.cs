using System.Globalization;
using System.Runtime.InteropServices;
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
    private const int SmallSieve = 250; // characters: so short a loop makes thirty million rounds in about a second

    // The variables to which the cell makes references.
    private readonly HashSet<ISymbol> _referenced = new(
        model
            .SyntaxTree.GetRoot()
            .DescendantNodes()
            .Select(node =>
                node switch
                {
                    RefExpressionSyntax reference => reference.Expression,
                    ArgumentSyntax { RefKindKeyword.RawKind: (int)SyntaxKind.RefKeyword } argument => argument.Expression,
                    PrefixUnaryExpressionSyntax { RawKind: (int)SyntaxKind.AddressOfExpression } address => address.Operand,
                    _ => null,
                }
            )
            .OfType<ExpressionSyntax>()
            .Select(each => model.GetSymbolInfo(each).Symbol)
            .OfType<ISymbol>(),
        SymbolEqualityComparer.Default
    );

    /// <summary>
    /// Whether a loop counts from a number that is written there up to a small one or a length, and its body is cheap. An `int`
    /// that counts from or to any number is not short: two billion rounds take seconds, and `i &lt;= int.MaxValue` never ends.
    /// </summary>
    public bool IsShort(ForStatementSyntax loop) =>
        loop
            is {
                Declaration: { Variables: [{ Identifier.ValueText: var name, Initializer.Value: var start }] },
                Condition: BinaryExpressionSyntax
                {
                    RawKind: (int)SyntaxKind.LessThanExpression or (int)SyntaxKind.LessThanOrEqualExpression,
                    Left: IdentifierNameSyntax left
                } condition,
                Incrementors: [var step]
            }
        && left.Identifier.ValueText == name
        && model.GetTypeInfo(left).Type?.SpecialType == SpecialType.System_Int32
        && model.GetConstantValue(start).Value is int and >= -FewRounds
        && StepOf(step, name) is > 0 and <= FewRounds and int size
        && (model.GetConstantValue(condition.Right).Value is int and <= FewRounds || (size == 1 && IsLength(condition)))
        && IsCheap(loop.Statement)
        && !Changes(loop.Statement, name);

    /// <summary>Whether a loop goes over something in memory, and its body is cheap.</summary>
    public bool IsShort(CommonForEachStatementSyntax loop) =>
        model.GetTypeInfo(loop.Expression).Type is { } type && IsInMemory(type) && IsCheap(loop.Statement);

    /// <summary>
    /// What a loop counts, if it goes up or down to a number that stays as it is, and its body is cheap, or is but for loops of
    /// cheap rounds; null for other loops.
    /// </summary>
    public LoopCount? CountOf(ForStatementSyntax loop) =>
        loop is { Condition: BinaryExpressionSyntax condition, Incrementors: [var step] }
        && VariableOf(condition) is { } name
        && Changes(step, name)
        && !Changes(loop.Statement, name)
            ? CountOf(condition, name, step, loop.Statement)
            : null;

    /// <summary>The same; a <c>while</c> loop counts if one statement of its block does, which no round leaves out.</summary>
    public LoopCount? CountOf(WhileStatementSyntax loop) =>
        loop is { Condition: BinaryExpressionSyntax condition, Statement: BlockSyntax body }
        && VariableOf(condition) is { } name
        && Targets(body).Count(target => NameOf(target) == name) == 1
        && !body.DescendantNodes().Any(node => node is ContinueStatementSyntax)
        && body.Statements.OfType<ExpressionStatementSyntax>().FirstOrDefault(each => Changes(each, name)) is { } step
            ? CountOf(condition, name, step.Expression, body)
            : null;

    private LoopCount? CountOf(BinaryExpressionSyntax condition, string name, ExpressionSyntax step, StatementSyntax body)
    {
        bool isDown = condition.Kind() is SyntaxKind.GreaterThanExpression or SyntaxKind.GreaterThanOrEqualExpression;
        bool isReached = condition.Kind() is SyntaxKind.LessThanOrEqualExpression or SyntaxKind.GreaterThanOrEqualExpression;
        ExpressionSyntax variable = CountedIn(condition);
        bool isLong = IsOf(SpecialType.System_Int64, variable);
        return
            (isDown || condition.Kind() is SyntaxKind.LessThanExpression or SyntaxKind.LessThanOrEqualExpression)
            && (isLong || IsOf(SpecialType.System_Int32, variable))
            && (IsOf(SpecialType.System_Int32, condition.Right) || (isLong && IsOf(SpecialType.System_Int64, condition.Right)))
            && AheadOf(condition.Left, isLong || isDown) is { } ahead
            && SizeOf(step, isDown, body) is { } size
            && (size == "1" || !isLong)
            && RoundsAtOnce(body) is > 0 and int rounds
            && StaysDuring(body, condition.Right)
            && StaysDuring(step, condition.Right)
            ? new LoopCount(
                Written(name),
                isLong ? "long" : "int",
                isDown,
                size,
                End(),
                rounds,
                IsBare: size == "1" && !isReached && ahead == 0
            )
            : null;

        string End()
        {
            int beyond = (isReached ? 1 : 0) * (isDown ? -1 : 1);
            return (beyond - ahead) switch
            {
                0 => $"(long)({condition.Right})",
                int more and > 0 => $"unchecked((long)({condition.Right}) + {more})",
                int less => $"unchecked((long)({condition.Right}) - {-less})",
            };
        }
    }

    // How many rounds with this body may pass without a look; 0 if none. Loops inside look by themselves.
    private int RoundsAtOnce(StatementSyntax body) =>
        IsCheap(body) ? Checkpoint.RoundsAtOnce
        : body.DescendantNodesAndSelf()
            .All(node =>
                node switch
                {
                    ForStatementSyntax loop => !IsShort(loop) && IsCheap(loop.Statement),
                    WhileStatementSyntax loop => IsCheap(loop.Statement),
                    _ => IsCheapByItself(node),
                }
            )
            ? Checkpoint.OuterRoundsAtOnce
        : 0;

    /// <summary>
    /// What tells, before a loop of loops of cheap rounds begins, that none of them makes more rounds than it may without a look;
    /// null where only its rounds tell, or where asking might fail.
    /// </summary>
    public string? IsShortHere(ForStatementSyntax loop, LoopCount count)
    {
        SyntaxNode[] inside = [.. loop.Statement.DescendantNodesAndSelf()];
        ForStatementSyntax[] loops = [.. inside.OfType<ForStatementSyntax>()];
        string?[] all = [IsShortAt(loop, count), .. loops.Select(each => Stays(each) ? IsShortAt(each, CountOf(each)) : null)];
        return loops.Length > 0 && !inside.OfType<WhileStatementSyntax>().Any() && !all.Contains(null)
            ? $"unchecked({string.Join(" && ", all)})"
            : null;

        bool Stays(ForStatementSyntax inner) =>
            inner
                is {
                    Declaration.Variables: [{ Initializer.Value: var start }],
                    Condition: BinaryExpressionSyntax { Right: var end }
                }
            && new[] { start, end }.All(number => StaysIn(loop, number));
    }

    /// <summary>
    /// What tells, before loops over the multiples of each number begin, as a sieve's do, that they all take milliseconds: of a
    /// million numbers there are fifteen million multiples up to a million. Null where only their rounds tell, or where asking
    /// might fail.
    /// </summary>
    public string? IsShortSieve(ForStatementSyntax loop, LoopCount count)
    {
        SyntaxNode[] inside = [.. loop.Statement.DescendantNodesAndSelf()];
        ForStatementSyntax[] loops = [.. inside.OfType<ForStatementSyntax>()];
        if (
            count is not { Type: "int", IsDown: false, Step: "1" }
            || loop
                is not {
                    Declaration.Variables: [{ Identifier.ValueText: var name, Initializer.Value: var first }],
                    Condition: BinaryExpressionSyntax { Right: var last }
                }
            || model.GetConstantValue(first).Value is not (int and > 0)
            || loops.Length is not (1 or 2)
            || inside.OfType<WhileStatementSyntax>().Any()
            || LineOf(loop) != LineOf(last)
            || loop.Span.Length > SmallSieve
        )
        {
            return null;
        }

        string?[] all = [$"{count.End} <= {FewRounds}", .. loops.Select(FewMultiples)];
        return all.Contains(null) ? null : $"unchecked({string.Join(" && ", all.Distinct())})";

        string? FewMultiples(ForStatementSyntax inner) =>
            CountOf(inner) is { Type: "int", IsDown: false } multiples
            && inner
                is {
                    Declaration.Variables: [{ Initializer.Value: BinaryExpressionSyntax start }],
                    Condition: BinaryExpressionSyntax { Right: var end },
                    Incrementors: [AssignmentExpressionSyntax { Right: var step }]
                }
            && IsNumber(step)
            && IsMultiple(start)
            && StaysIn(loop, end)
            && (end.IsEquivalentTo(last) || !end.DescendantNodesAndSelf().Any(MayFailByItself))
                ? $"{multiples.End} <= {FewRounds}"
                : null;

        bool IsNumber(ExpressionSyntax part) => part is IdentifierNameSyntax { Identifier.ValueText: var text } && text == name;

        // At most 999 million, so that it does not overflow, as a square could.
        bool IsMultiple(BinaryExpressionSyntax start) =>
            start.IsKind(SyntaxKind.MultiplyExpression)
            && (
                (IsNumber(start.Right) && model.GetConstantValue(start.Left).Value is int and > 0 and < 1_000)
                || (IsNumber(start.Left) && model.GetConstantValue(start.Right).Value is int and > 0 and < 1_000)
            );
    }

    private int LineOf(SyntaxNode node) => model.SyntaxTree.GetLineSpan(node.Span).StartLinePosition.Line;

    // Whether a number is the same in all of a loop, and known before it.
    private bool StaysIn(ForStatementSyntax loop, ExpressionSyntax number)
    {
        return StaysDuring(loop.Statement, number)
            && StaysDuring(loop.Incrementors[0], number)
            && !number.DescendantNodesAndSelf().Any(IsDeclaredInLoop);

        bool IsDeclaredInLoop(SyntaxNode name) =>
            name is IdentifierNameSyntax
            && model.GetSymbolInfo(name).Symbol?.DeclaringSyntaxReferences is [var declared]
            && declared.SyntaxTree == loop.SyntaxTree
            && loop.Span.Contains(declared.Span);
    }

    /// <summary>Whether a method is one of .NET's <c>Math</c> or <c>MathF</c>, or compares two of the language's own numbers.</summary>
    public static bool ComputesOnly(ISymbol method) =>
        method.ContainingType is { Name: "Math" or "MathF", ContainingNamespace.Name: "System" }
        || (
            method.Name is "CompareTo" or "Equals"
            && method.ContainingType?.SpecialType is >= SpecialType.System_Boolean and <= SpecialType.System_Double
        );

    /// <summary>The condition under which a loop of cheap rounds makes so few of them that it needs no look.</summary>
    public string? IsShortAlone(ForStatementSyntax loop, LoopCount count) =>
        IsCheap(loop.Statement) && IsShortAt(loop, count) is { } isShort ? $"unchecked({isShort})" : null;

    private string? IsShortAt(ForStatementSyntax loop, LoopCount? count) =>
        count is { IsBare: true, Type: "int" }
        && loop
            is { Declaration.Variables: [{ Initializer.Value: var start }], Condition: BinaryExpressionSyntax { Right: var end } }
        && IsOf(SpecialType.System_Int32, start)
        && IsRepeatableNumber(start)
        && !start.DescendantNodesAndSelf().Concat(end.DescendantNodesAndSelf()).Any(MayFailByItself)
            ? count.IsFew($"({start})")
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

    /// <summary>The same of a part of code, whatever stands in it.</summary>
    public bool IsCheapByItself(SyntaxNode node) =>
        node switch
        {
            InvocationExpressionSyntax call => IsComputation(call),
            AssignmentExpressionSyntax assignment when CallsMethod(model.GetDeconstructionInfo(assignment)) => false,
            PositionalPatternClauseSyntax or ListPatternSyntax => false, // may call a `Deconstruct` or an indexer
            BinaryExpressionSyntax or AssignmentExpressionSyntax => IsBuiltIn(node) && !IsConcatenation(node),
            PrefixUnaryExpressionSyntax or PostfixUnaryExpressionSyntax or CastExpressionSyntax => IsBuiltIn(node),
            ElementAccessExpressionSyntax access => model.GetTypeInfo(access.Expression).Type is { } type && IsInMemory(type),
            SimpleNameSyntax name => IsStored(name),
            RangeExpressionSyntax => false, // a slice of an array is a copy
            LiteralExpressionSyntax
            or ParenthesizedExpressionSyntax
            or ConditionalExpressionSyntax
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

    /// <summary>Whether a part of cheap code may throw, whatever stands in it.</summary>
    public bool MayFailByItself(SyntaxNode node) =>
        node switch
        {
            BinaryExpressionSyntax or AssignmentExpressionSyntax when IsOf(SpecialType.System_Decimal, (ExpressionSyntax)node) =>
                true,
            BinaryExpressionSyntax { RawKind: (int)SyntaxKind.DivideExpression or (int)SyntaxKind.ModuloExpression } division =>
                division.Right is not LiteralExpressionSyntax,
            AssignmentExpressionSyntax
            {
                RawKind: (int)SyntaxKind.DivideAssignmentExpression or (int)SyntaxKind.ModuloAssignmentExpression
            }
            or InvocationExpressionSyntax
            or ElementAccessExpressionSyntax
            or MemberAccessExpressionSyntax
            or CastExpressionSyntax
            or SwitchExpressionSyntax
            or CheckedExpressionSyntax
            or CheckedStatementSyntax => true,
            _ => false,
        };

    private bool IsConvertedByLanguage(ExpressionSyntax expression) =>
        model.GetTypeInfo(expression).Type?.TypeKind != TypeKind.Dynamic && !model.GetConversion(expression).IsUserDefined;

    private bool IsBuiltIn(SyntaxNode operation) =>
        model.GetSymbolInfo(operation).Symbol is not IMethodSymbol { MethodKind: not MethodKind.BuiltinOperator };

    private static bool CallsMethod(DeconstructionInfo parts) => parts.Method is not null || parts.Nested.Any(CallsMethod);

    private bool IsConcatenation(SyntaxNode operation) =>
        (operation.IsKind(SyntaxKind.AddExpression) || operation.IsKind(SyntaxKind.AddAssignmentExpression))
        && model.GetTypeInfo(operation).Type is { IsReferenceType: true };

    // A variable, a field, a type, or a length; not a property, which may compute.
    private bool IsStored(SimpleNameSyntax name) =>
        model.GetSymbolInfo(name).Symbol is not IPropertySymbol { ContainingType: var owner, Name: var property }
        || (property is "Length" or "Count" && IsInMemory(owner));

    private bool IsComputation(InvocationExpressionSyntax call) =>
        model.GetSymbolInfo(call).Symbol is { } method
        && (ComputesOnly(method) || method is { Name: "GetLength", ContainingType.SpecialType: SpecialType.System_Array });

    private bool IsLength(BinaryExpressionSyntax condition) =>
        condition.IsKind(SyntaxKind.LessThanExpression)
        && condition.Right is MemberAccessExpressionSyntax { Name.Identifier.ValueText: "Length" or "Count" }
        && IsCheap(condition.Right);

    /// <summary>Whether values of a type hold a number of elements that are there.</summary>
    public static bool IsInMemory(ITypeSymbol type) =>
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

    private bool IsOf(SpecialType type, ExpressionSyntax expression) => model.GetTypeInfo(expression).Type?.SpecialType == type;

    // `i` of `i < n` and `i + 1 < n`, if nothing but the loop changes it.
    private string? VariableOf(BinaryExpressionSyntax condition) =>
        CountedIn(condition) is IdentifierNameSyntax variable
        && model.GetSymbolInfo(variable).Symbol is ILocalSymbol or IParameterSymbol or IFieldSymbol
        && !HasOtherNames(variable)
            ? variable.Identifier.ValueText
            : null;

    private static ExpressionSyntax CountedIn(BinaryExpressionSyntax condition) =>
        condition.Left is BinaryExpressionSyntax { RawKind: (int)SyntaxKind.AddExpression } sum ? sum.Left : condition.Left;

    // 0 for `i`, 1 for `i + 1`.
    private int? AheadOf(ExpressionSyntax counted, bool isAlone) =>
        counted is BinaryExpressionSyntax sum
            ? isAlone
                ? null
                : model.GetConstantValue(sum.Right).Value is int and > 0 and var ahead
                    ? ahead
                    : null
            : 0;

    /// <summary>
    /// The numbers of a function that a loop changes and that have a value where it begins: what it sums up, and what it counts.
    /// </summary>
    /// <param name="body">The loop's body.</param>
    /// <param name="steps">What else a round does.</param>
    public IReadOnlyList<string> Carried(StatementSyntax body, IEnumerable<ExpressionSyntax> steps) =>
        [.. CarriedBy(body, steps).Select(each => Written(each.Name))];

    /// <summary>Whether some of them are floating-point numbers.</summary>
    public bool CarriesFloats(StatementSyntax body, IEnumerable<ExpressionSyntax> steps) =>
        CarriedBy(body, steps).Any(each => TypeOf(each) is SpecialType.System_Single or SpecialType.System_Double);

    private List<ISymbol> CarriedBy(StatementSyntax body, IEnumerable<ExpressionSyntax> steps)
    {
        DataFlowAnalysis? flow = model.AnalyzeDataFlow(body);
        if (flow is not { Succeeded: true })
        {
            return [];
        }

        return
        [
            .. steps
                .SelectMany(step => model.AnalyzeDataFlow(step)?.WrittenInside ?? [])
                .Concat(flow.WrittenInside)
                .Distinct(SymbolEqualityComparer.Default)
                .Except(flow.VariablesDeclared, SymbolEqualityComparer.Default) // which count as assigned where code is not reached
                .Where(each => flow.DefinitelyAssignedOnEntry.Contains(each!, SymbolEqualityComparer.Default))
                .Where(each => !flow.Captured.Contains(each!, SymbolEqualityComparer.Default) && IsNumber(each!))
                .Select(each => each!),
        ];
    }

    private static string Written(string name) => SyntaxFacts.GetKeywordKind(name) == SyntaxKind.None ? name : $"@{name}";

    private static bool IsNumber(ISymbol variable) =>
        TypeOf(variable) is >= SpecialType.System_Boolean and <= SpecialType.System_Double and not SpecialType.System_Decimal;

    private static SpecialType TypeOf(ISymbol variable) =>
        variable switch
        {
            ILocalSymbol { RefKind: RefKind.None, IsForEach: false, Type: var type } => type.SpecialType,
            IParameterSymbol { RefKind: RefKind.None, Type: var type } => type.SpecialType,
            _ => SpecialType.None,
        };

    // By how much a loop counts. What is added is above 0, or is a variable, which is looked at before.
    private string? SizeOf(ExpressionSyntax step, bool isDown, StatementSyntax body) =>
        step switch
        {
            PostfixUnaryExpressionSyntax or PrefixUnaryExpressionSyntax => isDown
            == (step.Kind() is SyntaxKind.PostDecrementExpression or SyntaxKind.PreDecrementExpression)
                ? "1"
                : null,
            AssignmentExpressionSyntax assignment
                when assignment.IsKind(isDown ? SyntaxKind.SubtractAssignmentExpression : SyntaxKind.AddAssignmentExpression) =>
                model.GetConstantValue(assignment.Right) switch
                {
                    { HasValue: true, Value: int and > 0 and var size } => size.ToString(CultureInfo.InvariantCulture),
                    { HasValue: true } => null,
                    _ => assignment.Right is IdentifierNameSyntax name
                    && IsOf(SpecialType.System_Int32, name)
                    && StaysDuring(body, name)
                    && StaysDuring(step, name)
                        ? name.Identifier.ValueText
                        : null,
                },
            _ => null,
        };

    // Whether a number is the same after code as before. What a reference leads to may have another name.
    private bool StaysDuring(SyntaxNode code, ExpressionSyntax number) =>
        IsRepeatableNumber(number)
        && Targets(code).All(target => target is not ThisExpressionSyntax && !IsReference(target))
        && number
            .DescendantNodesAndSelf()
            .OfType<IdentifierNameSyntax>()
            .All(name => !HasOtherNames(name) && !Changes(code, name.Identifier.ValueText));

    private bool IsRepeatableNumber(ExpressionSyntax number) =>
        IsCheap(number)
        && !Targets(number).Any()
        && !number.DescendantNodesAndSelf().Any(node => node is ElementAccessExpressionSyntax or VariableDesignationSyntax);

    // What code may change without its name: by a reference, a pointer or a span, a tuple's part by `Item1`, and a field by
    // another at the same place.
    private bool HasOtherNames(ExpressionSyntax variable) =>
        IsReference(variable)
        || (model.GetSymbolInfo(variable).Symbol is { } symbol && _referenced.Contains(symbol))
        || (
            model.GetSymbolInfo(variable).Symbol is IFieldSymbol field
            && (
                field.ContainingType.IsTupleType
                || field.GetAttributes().Any(each => each.AttributeClass?.Name == nameof(FieldOffsetAttribute))
            )
        );

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
                    ArgumentSyntax argument when !argument.RefKindKeyword.IsKind(SyntaxKind.None) => [argument.Expression],
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
