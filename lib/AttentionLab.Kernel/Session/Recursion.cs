using System.Runtime.CompilerServices;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace AttentionLab.Kernel.Session;

/// <summary>
/// A method or local function that calls itself by its name, perhaps through others, and that may stand under other names beside
/// it: a few copies that call each other in turn, so that of a few calls one checks the stack.
/// </summary>
/// <param name="Function">The function.</param>
/// <param name="Name">Its name where it is declared.</param>
/// <param name="Modifiers">Its modifiers.</param>
/// <param name="Calls">The calls of itself and of the others, and where what each calls begins.</param>
/// <param name="Copies">How many copies it has.</param>
/// <param name="IsLoop">
/// Whether all calls are the last that a function does. The compiler makes a loop of such calls, but not through a function that
/// checks the stack, so the copies call each other, and the first has that done by another.
/// </param>
/// <param name="IsCheap">Whether it does little but call itself and the others, so that it may run a million times.</param>
/// <param name="IsOptimized">Whether it is cheap, its errors are all of one line, and dozens of it fit into a frame.</param>
internal sealed record Recursion(
    SyntaxNode Function,
    SyntaxToken Name,
    SyntaxTokenList Modifiers,
    IReadOnlyList<(InvocationExpressionSyntax Call, int Called)> Calls,
    int Copies,
    bool IsLoop,
    bool IsCheap,
    bool IsOptimized
)
{
    /// <summary>Where its first statement begins.</summary>
    public int Start =>
        BodyOf(Function) is BlockSyntax block
            ? block.Statements[0].SpanStart
            : ((ArrowExpressionClauseSyntax)BodyOf(Function)!).Expression.SpanStart;

    // How many times a function that holds its copies stands in itself at most, a copy for each call: more of it would take long
    // to compile and not fit into the processor's cache.
    private const int MostInside = 50;

    // How many bytes a value has at most of which a frame may hold several.
    private const int LargeValue = 256;

    /// <summary>How many characters a function has at most whose frame on the stack is taken to be small.</summary>
    public const int SmallFunction = 400;

    /// <summary>
    /// The recursions among a cell's functions. Left out are those that carry attributes, that others may override or that stand
    /// for a member of an interface, and those that make functions, whose copies would be others.
    /// </summary>
    public static IReadOnlyDictionary<SyntaxNode, Recursion> Of(
        IEnumerable<SyntaxNode> functions,
        SemanticModel model,
        CodeCost cost
    )
    {
        // Code that reads stack frames, or lists private members, finds the names that the cell declares.
        bool asksForNames = model
            .SyntaxTree.GetRoot()
            .DescendantTokens()
            .Any(token => token.ValueText is "GetCurrentMethod" or "StackFrame" or "StackTrace" or "TargetSite" or "NonPublic");
        Dictionary<ISymbol, SyntaxNode> copied = functions
            .Where(_ => !asksForNames)
            .Where(function => CanBeCopied(function, model))
            .ToDictionary(function => model.GetDeclaredSymbol(function)!, SymbolEqualityComparer.Default);
        var calls = copied.Values.ToDictionary(function => function, CallsOf);
        var result = new Dictionary<SyntaxNode, Recursion>();
        foreach (SyntaxNode function in copied.Values)
        {
            HashSet<SyntaxNode> group = [.. Reached(function).Where(other => Reached(other).Contains(function))];
            bool isCheap = group.All(member => IsCheap(member, group));
            if (!isCheap)
            {
                group.IntersectWith([function]); // what it does besides costs more than a check
            }

            (InvocationExpressionSyntax Call, int)[] inside = Inside(function, group);
            if (inside.Length > 0)
            {
                bool isLoop = isCheap && group.All(member => IsLoop(member, group));
                bool isOptimized =
                    isCheap
                    && !isLoop
                    && (IsOnOneLine(group) || !group.Any(MayFail)) // its copies are written into it
                    && group.All(HasSmallValues);
                (SyntaxToken name, SyntaxTokenList modifiers, _) = PartsOf(function)!.Value;
                result[function] = new Recursion(
                    function,
                    name,
                    modifiers,
                    inside,
                    isLoop ? 12
                        : isOptimized ? CopiesInside(group.Max(member => Inside(member, group).Length))
                        : isCheap ? 3
                        : 2,
                    isLoop,
                    isCheap,
                    isOptimized
                );
            }
        }

        return result;

        (InvocationExpressionSyntax, SyntaxNode)[] CallsOf(SyntaxNode function) =>
            [
                .. from call in function.DescendantNodes().OfType<InvocationExpressionSyntax>()
                where call.Expression is SimpleNameSyntax
                let symbol = model.GetSymbolInfo(call).Symbol?.OriginalDefinition
                where symbol is not null && copied.ContainsKey(symbol) && copied[symbol].Parent == function.Parent
                select (call, copied[symbol]),
            ];

        HashSet<SyntaxNode> Reached(SyntaxNode function)
        {
            HashSet<SyntaxNode> reached = [];
            Queue<SyntaxNode> left = new([function]);
            while (left.TryDequeue(out SyntaxNode? next))
            {
                foreach ((_, SyntaxNode called) in calls[next].Where(call => reached.Add(call.Item2)))
                {
                    left.Enqueue(called);
                }
            }

            return reached;
        }

        (InvocationExpressionSyntax Call, int Called)[] Inside(SyntaxNode function, HashSet<SyntaxNode> group) =>
            [.. calls[function].Where(call => group.Contains(call.Item2)).Select(call => (call.Item1, call.Item2.SpanStart))];

        bool IsCheap(SyntaxNode function, HashSet<SyntaxNode> group)
        {
            HashSet<SyntaxNode> inside = [.. Inside(function, group).Select(call => call.Call)];
            return BodyOf(function)!.DescendantNodes().All(node => inside.Contains(node) || cost.IsCheapByItself(node));
        }

        bool IsLoop(SyntaxNode function, HashSet<SyntaxNode> group) =>
            function.ChildNodes().All(part => part is not TypeParameterListSyntax)
            && PartsOf(function)!.Value.Parameters.Parameters.All(parameter => parameter.Modifiers.Count == 0)
            && HasSmallValues(function)
            && Inside(function, group).All(call => IsLast(call.Call));

        bool HasSmallValues(SyntaxNode function) =>
            function.DescendantNodes().OfType<ExpressionSyntax>().All(part => IsSmall(model.GetTypeInfo(part).Type));

        bool MayFail(SyntaxNode function) =>
            BodyOf(function)!
                .DescendantNodes()
                .Any(node => !calls[function].Any(call => call.Item1 == node) && cost.MayFailByItself(node));
    }

    // Three, or fewer of a function with more than three calls.
    private static int CopiesInside(int calls) =>
        Enumerable
            .Range(1, 3)
            .Last(copies => copies == 1 || Enumerable.Range(0, copies + 1).Sum(depth => Math.Pow(calls, depth)) <= MostInside);

    private static bool CanBeCopied(SyntaxNode function, SemanticModel model) =>
        function.Span.Length <= SmallFunction
        && function.Parent is not InterfaceDeclarationSyntax // whose members are public
        && PartsOf(function) is var (_, modifiers, parameters)
        && BodyOf(function) is { } body
        && model.GetDeclaredSymbol(function) is IMethodSymbol { IsVirtual: false }
        && modifiers.All(modifier =>
            modifier.Kind() is SyntaxKind.StaticKeyword or SyntaxKind.PrivateKeyword or SyntaxKind.PublicKeyword
        )
        && !function.DescendantNodes().Any(node => node is AttributeListSyntax)
        && !parameters.Parameters.Any(parameter => parameter.Modifiers.Any(SyntaxKind.ParamsKeyword))
        && function.DescendantNodes().OfType<ExpressionSyntax>().All(part => SizeOf(model.GetTypeInfo(part).Type) <= LargeValue)
        && !function.DescendantTokens().Skip(1).Any(token => token.ContainsDirectives)
        && !function.Ancestors().Any(node => node is InterpolatedStringExpressionSyntax)
        && !body.DescendantNodes()
            .Any(node =>
                node
                    is AnonymousFunctionExpressionSyntax
                        or LocalFunctionStatementSyntax
                        or QueryExpressionSyntax
                        or YieldStatementSyntax
                        or StackAllocArrayCreationExpressionSyntax
                        or ImplicitStackAllocArrayCreationExpressionSyntax
                || AsksForCaller(node, model)
            );

    private static (SyntaxToken Name, SyntaxTokenList Modifiers, ParameterListSyntax Parameters)? PartsOf(SyntaxNode function) =>
        function switch
        {
            MethodDeclarationSyntax { ExplicitInterfaceSpecifier: null } method => (
                method.Identifier,
                method.Modifiers,
                method.ParameterList
            ),
            LocalFunctionStatementSyntax local => (local.Identifier, local.Modifiers, local.ParameterList),
            _ => null,
        };

    private static SyntaxNode? BodyOf(SyntaxNode function) =>
        function switch
        {
            MethodDeclarationSyntax method => method.Body ?? (SyntaxNode?)method.ExpressionBody,
            LocalFunctionStatementSyntax local => local.Body ?? (SyntaxNode?)local.ExpressionBody,
            _ => null,
        };

    // Whether a call passes by itself who calls, or what is written there: [CallerMemberName], [CallerArgumentExpression].
    private static bool AsksForCaller(SyntaxNode node, SemanticModel model) =>
        node is InvocationExpressionSyntax or BaseObjectCreationExpressionSyntax
        && model.GetSymbolInfo(node).Symbol is IMethodSymbol called
        && called.Parameters.Any(parameter =>
            parameter
                .GetAttributes()
                .Any(each =>
                    each.AttributeClass?.Name is nameof(CallerMemberNameAttribute) or nameof(CallerArgumentExpressionAttribute)
                )
        );

    // A hundred frames of such values take less than the 64 KB that a check leaves. Sums of `long?` or `decimal` take more: each
    // part of them lies in the frame.
    private static bool IsSmall(ITypeSymbol? type) =>
        type
            is null
                or { IsReferenceType: true, TypeKind: not TypeKind.Dynamic } // a call with one chooses its function anew
                or { TypeKind: TypeKind.Enum }
                or {
                    SpecialType: >= SpecialType.System_Void and <= SpecialType.System_Double and not SpecialType.System_Decimal
                };

    // How many bytes a value takes on the stack, or a little more.
    private static long SizeOf(ITypeSymbol? type) =>
        type is INamedTypeSymbol { IsValueType: true, SpecialType: SpecialType.None, EnumUnderlyingType: null }
            ? type.GetMembers().OfType<IFieldSymbol>().Where(field => !field.IsStatic).Sum(SizeOf) * LengthOf(type)
            : sizeof(decimal);

    private static long SizeOf(IFieldSymbol field) => field.IsFixedSizeBuffer ? 8L * field.FixedSize : SizeOf(field.Type);

    private static long LengthOf(ITypeSymbol inlineArray) =>
        inlineArray.GetAttributes().FirstOrDefault(each => each.AttributeClass?.Name == nameof(InlineArrayAttribute))
            is { ConstructorArguments: [{ Value: int length }] }
            ? length
            : 1;

    // Whether nothing is left to do after a call.
    private static bool IsLast(SyntaxNode node) =>
        node.Parent switch
        {
            ReturnStatementSyntax or ArrowExpressionClauseSyntax => true,
            ParenthesizedExpressionSyntax or ExpressionStatementSyntax or ElseClauseSyntax => IsLast(node.Parent),
            ConditionalExpressionSyntax choice => node != choice.Condition && IsLast(choice),
            BinaryExpressionSyntax
            {
                RawKind: (int)SyntaxKind.LogicalAndExpression or (int)SyntaxKind.LogicalOrExpression
            } both => node == both.Right && IsLast(both),
            IfStatementSyntax branch => node != branch.Condition && IsLast(branch),
            BlockSyntax block => node == block.Statements.Last()
                && (block.Parent is MethodDeclarationSyntax or LocalFunctionStatementSyntax || IsLast(block)),
            _ => false,
        };

    private static bool IsOnOneLine(IEnumerable<SyntaxNode> functions) =>
        functions
            .Select(function => function.GetLocation().GetLineSpan())
            .SelectMany(lines => new[] { lines.StartLinePosition.Line, lines.EndLinePosition.Line })
            .Distinct()
            .Count() == 1;
}
