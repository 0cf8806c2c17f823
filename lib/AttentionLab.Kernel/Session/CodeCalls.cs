using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace AttentionLab.Kernel.Session;

/// <summary>
/// Which of a cell's functions can be part of a recursion, and which of a recursion's functions need not check the stack because
/// another one of them does.
/// </summary>
internal sealed class CodeCalls
{
    private const int MostSpared = 100; // frames of small functions: less than the 64 KB that a look leaves

    private readonly SemanticModel _model;
    private readonly bool _ownOperators;
    private readonly HashSet<SyntaxNode> _spared;
    private readonly HashSet<string> _delegates;
    private readonly HashSet<string> _handingOn;

    /// <summary>Reads a cell.</summary>
    /// <param name="root">The cell.</param>
    /// <param name="model">What its names mean.</param>
    /// <param name="isCode">Which of its parts run.</param>
    public CodeCalls(SyntaxNode root, SemanticModel model, Func<SyntaxNode, bool> isCode)
    {
        _model = model;
        _ownOperators = root.DescendantNodes()
            .Any(node => node is OperatorDeclarationSyntax or ConversionOperatorDeclarationSyntax or IndexerDeclarationSyntax);
        _delegates =
        [
            .. root.DescendantNodes(isCode)
                .OfType<SimpleNameSyntax>()
                .Where(IsDelegate)
                .Select(name => name.Identifier.ValueText),
        ];
        _handingOn =
        [
            .. from method in root.DescendantNodes().OfType<MethodDeclarationSyntax>()
            where IsCallOnly(method)
            select method.Identifier.ValueText,
        ];
        _spared = Spared(root.DescendantNodes(isCode).Where(IsNamedToBeCalled));
    }

    /// <summary>Whether a body runs none of the reader's functions, so that it can be no part of a recursion.</summary>
    public bool CallsNothing(SyntaxNode body) => body.DescendantNodesAndSelf().All(CallsNothingByItself);

    /// <summary>
    /// Whether a body needs no checkpoint: it ends at once, or only calls a method that has a checkpoint. This holds for members of
    /// class hierarchies in cells (<c>override double Area()</c>, <c>override int Accept(IVisitor v) => v.Visit(this)</c>), whose
    /// calls take less time than a checkpoint; code of cells that calls them repeatedly has checkpoints of its own. Excluded are
    /// members that a library may call without end: through one of its interfaces, as a delegate, or as a predicate.
    /// </summary>
    public bool NeedsNoLook(SyntaxNode body) =>
        (CallsNothing(body) || HandsOn(body))
        && (body.Parent is AccessorDeclarationSyntax { Parent.Parent: { } property } ? property : body.Parent) is { } declaration
        && _model.GetDeclaredSymbol(declaration) is { IsStatic: false, ContainingType: { IsScriptClass: false } type } member
        && member
            is IMethodSymbol { MethodKind: MethodKind.Ordinary, ReturnType.SpecialType: not SpecialType.System_Boolean }
                or IPropertySymbol { Type.SpecialType: not SpecialType.System_Boolean }
        && !_delegates.Contains(member.Name)
        && StandsFor(member, type) is { Count: > 0 } roots
        && roots.All(root => root.DeclaringSyntaxReferences.Length > 0);

    /// <summary>Whether each recursion through a function passes through another one that checks the stack.</summary>
    public bool IsSpared(SyntaxNode function) => _spared.Contains(function);

    /// <summary>Whether code stands in a function that calls itself by its name.</summary>
    public bool IsInRecursion(SyntaxNode code) =>
        code.Ancestors().FirstOrDefault(node => node is MethodDeclarationSyntax or LocalFunctionStatementSyntax) is { } function
        && _model.GetDeclaredSymbol(function) is { } symbol
        && function
            .DescendantNodes()
            .OfType<InvocationExpressionSyntax>()
            .Any(call => SymbolEqualityComparer.Default.Equals(_model.GetSymbolInfo(call).Symbol?.OriginalDefinition, symbol));

    // Whether a body only calls a method of a type of this cell, and no method of that name only calls another. Overrides in later
    // cells hand on only to methods of their own cell, or through an interface to one of an earlier cell that does more than call.
    private bool HandsOn(SyntaxNode body) =>
        CallIn(body) is { } call
        && call.DescendantNodes()
            .All(node =>
                node
                    is ArgumentListSyntax
                        or ArgumentSyntax
                        or IdentifierNameSyntax
                        or ThisExpressionSyntax
                        or MemberAccessExpressionSyntax
                && CallsNothingByItself(node)
            )
        && _model.GetSymbolInfo(call).Symbol
            is IMethodSymbol { MethodKind: MethodKind.Ordinary, ContainingType.IsScriptClass: false } called
        && called.OriginalDefinition.DeclaringSyntaxReferences is [var declared]
        && declared.SyntaxTree == _model.SyntaxTree
        && declared.GetSyntax() is MethodDeclarationSyntax
        && !_handingOn.Contains(called.Name)
        && !(called.ContainingType.TypeKind == TypeKind.Interface && IsCallOnlyBefore(called.Name));

    private bool IsCallOnlyBefore(string name)
    {
        for (Compilation? cell = Before(_model.Compilation); cell is not null; cell = Before(cell))
        {
            if (
                cell.GetSymbolsWithName(name, SymbolFilter.Member)
                    .SelectMany(each => each.DeclaringSyntaxReferences)
                    .Any(each => each.GetSyntax() is MethodDeclarationSyntax method && IsCallOnly(method))
            )
            {
                return true;
            }
        }

        return false;

        static Compilation? Before(Compilation cell) => cell.ScriptCompilationInfo?.PreviousScriptCompilation;
    }

    private static bool IsCallOnly(MethodDeclarationSyntax method) =>
        CallIn(method.Body ?? (SyntaxNode?)method.ExpressionBody) is not null;

    private static InvocationExpressionSyntax? CallIn(SyntaxNode? body) =>
        body switch
        {
            ArrowExpressionClauseSyntax arrow => arrow.Expression as InvocationExpressionSyntax,
            BlockSyntax { Statements: [ReturnStatementSyntax only] } => only.Expression as InvocationExpressionSyntax,
            BlockSyntax { Statements: [ExpressionStatementSyntax only] } => only.Expression as InvocationExpressionSyntax,
            _ => null,
        };

    private bool IsDelegate(SimpleNameSyntax name) =>
        (name.Parent is MemberAccessExpressionSyntax or MemberBindingExpressionSyntax ? name.Parent : name)
            is { Parent: not InvocationExpressionSyntax }
        && _model.GetSymbolInfo(name).Symbol is IMethodSymbol;

    // The virtual member that a member overrides or is, and the members of interfaces that it implements.
    private static List<ISymbol> StandsFor(ISymbol member, INamedTypeSymbol type)
    {
        List<ISymbol> roots =
        [
            .. type
                .AllInterfaces.SelectMany(each => each.GetMembers())
                .Where(each => SymbolEqualityComparer.Default.Equals(type.FindImplementationForInterfaceMember(each), member)),
        ];
        if (member.IsVirtual || member.IsAbstract || member.IsOverride)
        {
            ISymbol root = member;
            while (Overridden(root) is { } next)
            {
                root = next;
            }

            roots.Add(root);
        }

        return roots;

        static ISymbol? Overridden(ISymbol member) =>
            member is IPropertySymbol property ? property.OverriddenProperty : ((IMethodSymbol)member).OverriddenMethod;
    }

    // What the language calls unnamed, as it calls a `Deconstruct`, stands in a type or extends one.
    private static bool IsNamedToBeCalled(SyntaxNode node) =>
        node switch
        {
            LocalFunctionStatementSyntax => true,
            MethodDeclarationSyntax { Parent: CompilationUnitSyntax, ParameterList.Parameters: var parameters } =>
                !parameters.Any(parameter => parameter.Modifiers.Any(SyntaxKind.ThisKeyword)),
            _ => false,
        };

    // Of small functions that call only each other and functions that check the stack, one in each cycle of calls checks it.
    private HashSet<SyntaxNode> Spared(IEnumerable<SyntaxNode> functions)
    {
        Dictionary<SyntaxNode, SyntaxNode[]> calls = functions
            .Where(function =>
                function.Span.Length <= Recursion.SmallFunction
                && function.DescendantNodes().All(node => CallsNothingByItself(node) || Called(node) is not null)
            )
            .ToDictionary(
                function => function,
                function => function.DescendantNodes().Select(Called).OfType<SyntaxNode>().ToArray()
            );
        if (calls.Count > MostSpared)
        {
            return [];
        }

        HashSet<SyntaxNode> spared = [.. calls.Keys];
        foreach (SyntaxNode function in calls.Keys)
        {
            var reached = new HashSet<SyntaxNode>();
            Follow(function, reached);
            if (reached.Contains(function))
            {
                spared.Remove(function);
            }
        }

        return spared;

        void Follow(SyntaxNode function, HashSet<SyntaxNode> reached)
        {
            foreach (SyntaxNode next in calls[function].Where(spared.Contains).Where(reached.Add))
            {
                Follow(next, reached);
            }
        }
    }

    // The function of the cell that a call surely runs.
    private SyntaxNode? Called(SyntaxNode call) =>
        call is InvocationExpressionSyntax
        && _model.GetSymbolInfo(call).Symbol
            is IMethodSymbol { IsVirtual: false, IsAbstract: false, IsOverride: false, IsExtern: false } called
        && called.OriginalDefinition.DeclaringSyntaxReferences is [var declared]
        && declared.SyntaxTree == _model.SyntaxTree
        && declared.GetSyntax() is var function
        && function
            is LocalFunctionStatementSyntax
                or MethodDeclarationSyntax { Body: not null }
                or MethodDeclarationSyntax { ExpressionBody: not null }
            ? function
            : null;

    private bool CallsNothingByItself(SyntaxNode node) =>
        node switch
        {
            InvocationExpressionSyntax call => IsComputation(call),
            ExpressionSyntax bound when _model.GetTypeInfo(bound).Type is IDynamicTypeSymbol => false,
            BaseObjectCreationExpressionSyntax or InterpolatedStringExpressionSyntax or CollectionExpressionSyntax => false,
            YieldStatementSyntax => false, // who asks for its next value may ask the value for its own
            AssignmentExpressionSyntax
            {
                Left: TupleExpressionSyntax or DeclarationExpressionSyntax,
                Right: not TupleExpressionSyntax
            }
            or PositionalPatternClauseSyntax => false, // a `Deconstruct`
            UsingStatementSyntax or LocalDeclarationStatementSyntax { UsingKeyword.RawKind: not 0 } => false, // a `Dispose`
            BinaryExpressionSyntax or AssignmentExpressionSyntax when MakesText(node) => false,
            ExpressionSyntax converted when _ownOperators && _model.GetConversion(converted).IsUserDefined => false,
            AwaitExpressionSyntax or CommonForEachStatementSyntax or WithExpressionSyntax => false,
            AnonymousFunctionExpressionSyntax or LocalFunctionStatementSyntax or QueryExpressionSyntax => false,
            BinaryExpressionSyntax both when IsOfRecords(both) => false,
            BinaryExpressionSyntax or PrefixUnaryExpressionSyntax or PostfixUnaryExpressionSyntax => !_ownOperators,
            CastExpressionSyntax or AssignmentExpressionSyntax => !_ownOperators,
            ConditionalExpressionSyntax or IfStatementSyntax => !_ownOperators, // an `operator true`
            // An indexer of this cell, or one of an earlier cell.
            ElementAccessExpressionSyntax access => !_ownOperators && !IsOwn(_model.GetTypeInfo(access.Expression).Type),
            ElementBindingExpressionSyntax or ListPatternSyntax => false,
            IdentifierNameSyntax name => _model.GetSymbolInfo(name).Symbol is not IPropertySymbol property
                || !MayCompute(property),
            _ => true,
        };

    // Whether a property runs code of a cell, this one or an earlier one.
    private static bool MayCompute(IPropertySymbol property) =>
        property.IsAbstract
        || property.IsVirtual
        || property.IsOverride
        || property.PartialImplementationPart is not null
        || property.DeclaringSyntaxReferences.Any(each =>
            each.GetSyntax() is PropertyDeclarationSyntax declared
            && (
                declared.ExpressionBody is not null
                || declared.AccessorList!.Accessors.Any(accessor =>
                    accessor.Body is not null || accessor.ExpressionBody is not null
                )
            )
        );

    private static bool IsOwn(ISymbol? symbol) => symbol is { DeclaringSyntaxReferences.Length: > 0 };

    // Whether an `==` calls an `Equals`. A tuple's compares its parts.
    private bool IsOfRecords(BinaryExpressionSyntax both) =>
        both.Kind() is SyntaxKind.EqualsExpression or SyntaxKind.NotEqualsExpression
        && (
            IsOwn(_model.GetSymbolInfo(both).Symbol?.ContainingType)
            || _model.GetTypeInfo(both.Left).Type is INamedTypeSymbol { IsTupleType: true }
            || both.Left is TupleExpressionSyntax
        );

    // Whether a sum calls a `ToString`.
    private bool MakesText(SyntaxNode sum) =>
        sum.RawKind is (int)SyntaxKind.AddExpression or (int)SyntaxKind.AddAssignmentExpression
        && sum.ChildNodes()
            .Select(term => _model.GetTypeInfo(term).Type?.SpecialType)
            .Any(type => type is SpecialType.None or SpecialType.System_Object);

    private bool IsComputation(InvocationExpressionSyntax call) =>
        _model.GetSymbolInfo(call).Symbol is { } method
            ? CodeCost.ComputesOnly(method)
            : call.Expression is IdentifierNameSyntax { Identifier.ValueText: "nameof" };
}
