using System.Globalization;
using System.Text;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.CodeAnalysis.Text;

namespace AttentionLab.Kernel.Session;

/// <summary>
/// Writes a <see cref="Checkpoint"/> into each round of a loop and the start of each function, whatever its form: method, local
/// function, lambda, constructor, operator, accessor, with a block or an expression as its body, and the clauses of a query.
/// Lines stay where they are, so that errors name the reader's own.
/// </summary>
internal sealed class CheckpointInsertion
{
    private const string Class = $"global::{nameof(AttentionLab)}.{nameof(Kernel)}.{nameof(Session)}.{nameof(Checkpoint)}";

    /// <summary>Stops a loop's round, or a function whose recursions, if any, all pass through a <see cref="Call"/>.</summary>
    public const string Look = $" if ({Class}.{nameof(Checkpoint.Stopping)}) {Class}.{nameof(Checkpoint.StopHere)}();";

    /// <summary>
    /// The same as an expression, a call, which the compiler writes into its caller. A function that it would inline, also into
    /// itself, is to stay short; where a round calls others anyway, unoptimised code loses little by it.
    /// </summary>
    public const string ShortLook = $"{Class}.{nameof(Checkpoint.Look)}()";

    /// <summary>Stops a function, also for lack of stack.</summary>
    public const string Call = $" if ({Class}.{nameof(Checkpoint.MustAsk)}()) {Class}.{nameof(Checkpoint.Ask)}();";

    /// <summary>
    /// The same for a function whose last act is a call, of which the compiler makes a jump: not where the function itself asks
    /// for the stack.
    /// </summary>
    public const string CallApart = $" {Class}.{nameof(Checkpoint.CallApart)}();";

    /// <summary>Stops a cell that was stopped while it awaited something.</summary>
    public const string Resumed = $" {Class}.{nameof(Checkpoint.Resumed)}();";

    /// <summary>Tells that the cell caught an exception after it was asked to stop.</summary>
    public const string Caught = $" {Class}.{nameof(Checkpoint.Caught)}();";

    /// <summary>Whether an exception can be handled, in a <c>when</c>.</summary>
    public const string HasRoom = $"{Class}.{nameof(Checkpoint.HasRoom)}()";

    /// <summary>Begins an async function that awaits, before what it does.</summary>
    public const string Try = " try {";

    /// <summary>Ends it: what stops the cell's code leaves many of them sooner than by the compiler's own way.</summary>
    public const string Unwind =
        $" }} catch (global::System.Exception __stop) when ({Class}.{nameof(Checkpoint.Stops)}(__stop)) {{ await {Class}.{nameof(Checkpoint.UnwindAsync)}(__stop); throw; }}";

    /// <summary>
    /// Marks a function that does little but call itself: its copies are written into it, so that all its recursions return to
    /// the same places. A processor that has more calls to return from than it keeps in mind guesses the last places again.
    /// </summary>
    public const string Alone = $"[{MethodImpl}({MethodImpl}Options.NoInlining)] ";

    /// <summary>
    /// The same at once: unoptimised, its first milliseconds would cost more than all the rest. Other functions become slower with
    /// the mark, because the compiler then cannot use what it learns while they run.
    /// </summary>
    public const string Optimized =
        $"[{MethodImpl}({MethodImpl}Options.AggressiveOptimization | {MethodImpl}Options.NoInlining)] ";

    /// <summary>What its copies are marked with.</summary>
    public const string Inlined = $"[{MethodImpl}({MethodImpl}Options.AggressiveInlining)] ";

    private const char Invisible = '\ufe00';
    private const string MethodImpl = "global::System.Runtime.CompilerServices.MethodImpl";

    private readonly SemanticModel _model;
    private readonly CodeCost _cost;
    private readonly CodeCalls _calls;
    private readonly OwnDelegates _delegates;
    private readonly bool _keepsProcess;
    private readonly IReadOnlyDictionary<SyntaxNode, Recursion> _recursions;
    private readonly List<Edit> _edits = [];
    private readonly List<(Recursion Recursion, int Order)> _copied = [];

    private CheckpointInsertion(SyntaxNode root, SemanticModel model, bool keepsProcess)
    {
        _keepsProcess = keepsProcess;
        _model = model;
        _cost = new CodeCost(model);
        _calls = new CodeCalls(root, model, IsCode);
        _delegates = new OwnDelegates(model, _calls, _cost);
        _recursions = Recursion.Of(root.DescendantNodes(IsCode), model, _cost);
    }

    /// <summary>
    /// The text of a compilation's last tree with its checkpoints; the same text when it has neither loops nor functions.
    /// </summary>
    /// <param name="cell">The cell, its text last.</param>
    /// <param name="keepsProcess">Whether calls that end the process become errors.</param>
    public static string Into(Compilation cell, bool keepsProcess = false)
    {
        SyntaxTree tree = cell.SyntaxTrees.Last();
        SyntaxNode root = tree.GetRoot();
        var insertion = new CheckpointInsertion(root, cell.GetSemanticModel(tree), keepsProcess);
        int order = 0;
        foreach (SyntaxNode node in root.DescendantNodes(insertion.IsCode))
        {
            order += 2;
            insertion.Visit(node, order);
        }

        foreach ((Recursion recursion, int at) in insertion._copied.ToArray())
        {
            // After all that ends there.
            insertion.InsertEnd(recursion.Function.Span.End, insertion.Copies(recursion, at), at - 1);
        }

        return insertion.Written(new TextSpan(0, tree.Length), edit => edit.Text, _ => true);
    }

    // A stretch of the cell with the edits that are chosen.
    private string Written(TextSpan span, Func<Edit, string> textOf, Func<Edit, bool> isChosen)
    {
        string text = _model.SyntaxTree.ToString();
        var result = new StringBuilder();
        int done = span.Start;
        IEnumerable<Edit> inOrder = _edits
            .Where(isChosen)
            .OrderBy(edit => edit.Position)
            .ThenBy(edit => edit.Length) // what stands before a word, then the word that replaces it
            .ThenBy(edit => edit.Order);
        foreach (Edit edit in inOrder)
        {
            result.Append(text, done, edit.Position - done).Append(textOf(edit));
            done = edit.Position + edit.Length;
        }

        return result.Append(text, done, span.End - done).ToString();
    }

    // The same function under other names and without its checkpoint.
    private string Copies(Recursion recursion, int order)
    {
        SyntaxNode function = recursion.Function;
        int last = order + (2 * function.DescendantNodes(IsCode).Count());
        (string before, string after) = IsOnLines(function) ? (LineOf(function), LineOf(function.GetLastToken())) : (" ", "");
        IEnumerable<string> copies =
            from copy in Enumerable.Range(1, recursion.Copies)
            select before
                + Written(
                    function.Span,
                    edit => edit.InCopy?.Invoke(copy) ?? edit.Text,
                    edit => Math.Abs(edit.Order) >= order && Math.Abs(edit.Order) <= last
                );
        return string.Concat(copies) + after;
    }

    // Not what a provider reads as an expression tree: a tree holds no statements, and a call in it means something else.
    private bool IsCode(SyntaxNode node) =>
        node switch
        {
            LambdaExpressionSyntax lambda => !IsTree(_model.GetTypeInfo(lambda).ConvertedType),
            QueryExpressionSyntax { Parent: InterpolationSyntax } => false, // a `::` would begin a format
            QueryExpressionSyntax query => !query.DescendantNodes().Any(TakesTree),
            AttributeListSyntax => false,
            _ => true,
        };

    private static bool IsTree(ITypeSymbol? type) =>
        type is INamedTypeSymbol { Name: "Expression", ContainingNamespace.Name: "Expressions" };

    // Whether the method that a query's clause stands for reads it as a tree.
    private bool TakesTree(SyntaxNode node) =>
        node switch
        {
            QueryClauseSyntax clause => _model.GetQueryClauseInfo(clause).OperationInfo.Symbol,
            SelectOrGroupClauseSyntax or OrderingSyntax => _model.GetSymbolInfo(node).Symbol,
            _ => null,
        }
            is IMethodSymbol { Parameters: var parameters }
        && parameters.Any(parameter => IsTree(parameter.Type));

    private void Visit(SyntaxNode node, int order)
    {
        switch (node)
        {
            case WhileStatementSyntax loop:
                While(loop, order);
                break;
            case DoStatementSyntax loop:
                Round(loop.Statement, [], order);
                break;
            case ForStatementSyntax loop when !_cost.IsShort(loop):
                For(loop, order);
                break;
            case CommonForEachStatementSyntax loop when !_cost.IsShort(loop):
                Round(loop.Statement, [], order);
                break;
            case LabeledStatementSyntax label:
                Insert(label.ColonToken.Span.End, Look, order); // goto may come back to it
                break;
            case SwitchSectionSyntax { Parent: { } all } section when all.DescendantNodes().Any(IsGotoCase):
                Insert(section.Labels.Last().ColonToken.Span.End, Look, order);
                break;
            case BaseMethodDeclarationSyntax method
                when method is not DestructorDeclarationSyntax && !method.Modifiers.Any(IsStatic(method)):
                Function(method, method.Body, method.ExpressionBody, method.SemicolonToken, order);
                break;
            case LocalFunctionStatementSyntax function:
                Function(function, function.Body, function.ExpressionBody, function.SemicolonToken, order);
                break;
            case AccessorDeclarationSyntax accessor:
                Function(accessor, accessor.Body, accessor.ExpressionBody, accessor.SemicolonToken, order);
                break;
            case PropertyDeclarationSyntax { ExpressionBody: { } body } property:
                Arrow(body, property.SemicolonToken, "{ get {", " } }", returns: true, order);
                break;
            case IndexerDeclarationSyntax { ExpressionBody: { } body } indexer:
                Arrow(body, indexer.SemicolonToken, "{ get {", " } }", returns: true, order);
                break;
            case AnonymousFunctionExpressionSyntax { Block: { } block }:
                Block(block, order);
                break;
            case LambdaExpressionSyntax { ExpressionBody: { } body } lambda when IsCode(lambda) && !_delegates.NeedsNoLook(body):
                if (_model.GetSymbolInfo(lambda).Symbol is IMethodSymbol symbol)
                {
                    (string begin, string end) = Around(body);
                    Insert(body.SpanStart, $"{{{begin}{Check(body)} {Returned(body, symbol)}", order);
                    InsertEnd(body.Span.End, $";{end} }}", order);
                }

                break;
            case BaseObjectCreationExpressionSyntax creation when IsInField(creation):
                Insert(creation.SpanStart, $"({Class}.{nameof(Checkpoint.Called)}() ? ", order);
                InsertEnd(creation.Span.End, " : default)", order);
                break;
            case ArgumentListSyntax { Parent: InvocationExpressionSyntax call } list:
                string[] texts = [.. CallerTexts.Of(call, _model)];
                string comma = texts.Length > 0 && list.Arguments.Count > 0 ? ", " : "";
                Insert(list.CloseParenToken.SpanStart, comma + string.Join(", ", texts), order);
                break;
            case CatchClauseSyntax handler:
                Handler(handler, order);
                break;
            case ArgumentSyntax argument when _delegates.TypesOfLooking(argument) is { } types:
                Looking(argument.Expression, types, order);
                break;
            case IdentifierNameSyntax name when _delegates.TypesOfLooking(name) is { } types:
                Looking(name, types, order);
                break;
            case ExpressionStatementSyntax { Expression: AwaitExpressionSyntax, SemicolonToken.IsMissing: false } statement
                when statement.Parent is GlobalStatementSyntax or BlockSyntax && IsOfCellItself(statement):
                InsertEnd(statement.Span.End, Resumed, order);
                break;
            case AwaitExpressionSyntax { Parent: not ExpressionStatementSyntax } awaited
                when IsOfCellItself(awaited)
                    && _model.GetTypeInfo(awaited).Type
                        is {
                            IsRefLikeType: false,
                            TypeKind: not (TypeKind.Dynamic or TypeKind.Error),
                            SpecialType: not SpecialType.System_Void
                        }:
                Insert(awaited.SpanStart, $"{Class}.{nameof(Checkpoint.Resumed)}(", order);
                InsertEnd(awaited.Span.End, ")", order);
                break;
            case WhereClauseSyntax clause:
                Pass(clause.Condition, order);
                break;
            case SelectClauseSyntax clause when !IsLeftOut(clause):
                Pass(clause.Expression, order);
                break;
            case LetClauseSyntax clause:
                Pass(clause.Expression, order);
                break;
            case OrderingSyntax clause:
                Pass(clause.Expression, order);
                break;
            case RecordDeclarationSyntax record when RecordEquality.Declaration(record, _model, Call) is { } declaration:
                if (record.OpenBraceToken.IsKind(SyntaxKind.OpenBraceToken))
                {
                    Insert(record.OpenBraceToken.Span.End, $" {declaration}", order);
                }
                else
                {
                    _edits.Add(new(record.SemicolonToken.SpanStart, 1, $" {{ {declaration} }}", order));
                }

                break;
            case BaseObjectCreationExpressionSyntax { ArgumentList.Arguments: [_, var size] } thread
                when _model.GetSymbolInfo(thread).Symbol
                    is IMethodSymbol { ContainingType: { Name: "Thread", ContainingNamespace.Name: "Threading" } }:
                Insert(size.Expression.SpanStart, $"{Class}.{nameof(Checkpoint.StackSize)}(", order);
                InsertEnd(size.Expression.Span.End, ")", order);
                break;
            case InvocationExpressionSyntax { Expression: var called } when _keepsProcess && EndsProcess(called):
                _edits.Add(new(called.SpanStart, called.Span.Length, $"{Class}.{called.GetLastToken().Text}", order));
                break;
        }
    }

    private void Handler(CatchClauseSyntax handler, int order)
    {
        if (MayThrow(handler.Block)) // others run to their end on the stack that is left
        {
            if (handler.Filter is { } filter)
            {
                Insert(filter.OpenParenToken.Span.End, $"{HasRoom} && (", order);
                Insert(filter.CloseParenToken.SpanStart, ")", order);
            }
            else
            {
                SyntaxToken before = handler.Declaration?.CloseParenToken ?? handler.CatchKeyword;
                Insert(before.Span.End, $" when ({HasRoom})", order);
            }
        }

        Insert(handler.Block.OpenBraceToken.Span.End, Caught, order);
    }

    // Whether an await belongs to the cell's own code, not to a function's: it may resume after the cell was stopped, and a
    // checkpoint stops it then. In an interpolated string the checkpoint's `::` would begin a format.
    private static bool IsOfCellItself(SyntaxNode node) =>
        !node.Ancestors()
            .Any(each =>
                IsFunction(each)
                || each
                    is InterpolationSyntax
                        or (MemberDeclarationSyntax and not (GlobalStatementSyntax or FieldDeclarationSyntax))
            );

    // Whether a handler throws itself, or calls code of a cell, which may.
    private bool MayThrow(BlockSyntax handler) =>
        handler
            .DescendantNodes()
            .Any(node =>
                node is ThrowStatementSyntax or ThrowExpressionSyntax
                || (
                    node is InvocationExpressionSyntax or BaseObjectCreationExpressionSyntax
                    && _model.GetSymbolInfo(node).Symbol
                        is null
                            or { DeclaringSyntaxReferences.Length: > 0 }
                            or IMethodSymbol { MethodKind: MethodKind.DelegateInvoke }
                )
            );

    private static bool IsGotoCase(SyntaxNode node) =>
        node.Kind() is SyntaxKind.GotoCaseStatement or SyntaxKind.GotoDefaultStatement;

    // Static constructors run once, for all cells: one that is stopped would leave its type unusable.
    private static Func<SyntaxToken, bool> IsStatic(BaseMethodDeclarationSyntax method) =>
        modifier => method is ConstructorDeclarationSyntax && modifier.IsKind(SyntaxKind.StaticKeyword);

    // `class Node { Node next = new Node(); }`: a recursion without a function.
    private bool IsInField(BaseObjectCreationExpressionSyntax creation) =>
        creation
            .Ancestors()
            .TakeWhile(node => node is not (AnonymousFunctionExpressionSyntax or ArrowExpressionClauseSyntax or StatementSyntax))
            .OfType<MemberDeclarationSyntax>()
            .FirstOrDefault()
            is (FieldDeclarationSyntax or PropertyDeclarationSyntax)
                and { Parent: TypeDeclarationSyntax } member
        && !member.Modifiers.Any(SyntaxKind.StaticKeyword)
        && _model.GetTypeInfo(creation).Type is { DeclaringSyntaxReferences.Length: > 0 };

    // `while (c) …` whose rounds are cheap: `for (; c; ) { Look for (int n = 1024; n > 0 && (c); n--) … }`, after
    // `int n = 1024; while (c) { if ((n -= 2) < 0) goto more; … if (!(c)) break; … } goto end; more:`. So the first rounds, mostly
    // all, are of a loop that holds no call, for which the compiler would keep values in memory.
    private void While(WhileStatementSyntax loop, int order)
    {
        if (_cost.CountOf(loop) is { } count && IsOnOneLine(loop.Condition))
        {
            Count(loop, count, loop.CloseParenToken.Span.End, loop.Statement, [], order);
            return;
        }

        if (!_cost.IsCheap(loop.Statement) || !CanRepeat(loop.Condition))
        {
            Round(loop.Statement, [], order);
            return;
        }

        bool isTwice = CanBeTwice(loop);
        if (isTwice)
        {
            string first = Paired(loop, $"if ((__left{order} -= 2) < 0) goto __more{order};");
            string text = $"{{ int __left{order} = {Checkpoint.RoundsAtOnce};{first}goto __end{order}; __more{order}: ";
            Insert(loop.SpanStart, text, order);
        }

        _edits.Add(new(loop.WhileKeyword.SpanStart, loop.WhileKeyword.Span.Length, "for", order));
        Insert(loop.OpenParenToken.Span.End, "; ", order);
        Insert(loop.CloseParenToken.SpanStart, $";{Manyfold(loop.Condition, loop.Statement, [], order)}", order);
        EndMany(loop, loop.Statement, order, isTwice);
    }

    // `for (a; c; i) …` whose rounds are cheap: `for (a; c; ) { Look for (int n = 1024; n > 0 && (c); n--, i) … }`.
    private void For(ForStatementSyntax loop, int order)
    {
        if (_cost.CountOf(loop) is { } count && IsOnOneLine(loop.Condition!) && IsOnOneLine(loop.Incrementors[0]))
        {
            // `if (k - 0 <= 64 && …) { … } else …`: loops in a loop that end in a moment run as they were written. So do loops in
            // recursions, which mostly make few rounds.
            if (
                (
                    _cost.IsShortHere(loop, count)
                    ?? _cost.IsShortSieve(loop, count)
                    ?? (_calls.IsInRecursion(loop) ? _cost.IsShortAlone(loop, count) : null)
                )
                    is { } isShort
                && !isShort.Contains('\n', StringComparison.Ordinal)
                && CanBeTwice(loop)
            )
            {
                Insert(loop.SpanStart, $"if ({isShort}) {{{OnItsLines(loop, loop.ToString())}}} else ", order);
            }

            Count(loop, count, loop.CloseParenToken.Span.End, loop.Statement, loop.Incrementors, order);
            return;
        }

        if (
            !_cost.IsCheap(loop.Statement)
            || !loop.Incrementors.All(_cost.IsCheap)
            || (loop.Condition is { } condition && !CanRepeat(condition))
        )
        {
            Round(loop.Statement, loop.Incrementors, order);
            return;
        }

        string comma = loop.Incrementors.Count > 0 ? "," : "";
        Insert(
            loop.SecondSemicolonToken.Span.End,
            Manyfold(loop.Condition, loop.Statement, loop.Incrementors, order) + comma,
            order
        );
        EndMany(loop, loop.Statement, order);
    }

    // `for (int i = a; i < b; i++) …` whose rounds are cheap:
    // `for (int i = a; i < b; ) { int n = b; if (b - i > 1024) { Look n = i + 1024; } for (; i < n; i++) … }`, so that a round
    // costs nothing. A `while` loop has its `i++` in its body.
    private void Count(
        StatementSyntax loop,
        LoopCount count,
        int bodyStart,
        StatementSyntax body,
        SeparatedSyntaxList<ExpressionSyntax> steps,
        int order
    )
    {
        string limit = string.Create(CultureInfo.InvariantCulture, $"__limit{order}");
        string look = count.Limit(limit, LookIn(body, steps));
        foreach (ExpressionSyntax moved in steps)
        {
            _edits.Add(new(moved.SpanStart, moved.Span.Length, "", order));
        }

        if (count.IsBare)
        {
            Insert(bodyStart, $" {{{look} for (; {count.IsBefore(limit)}; {string.Join(", ", steps)})", order);
            InsertEnd(body.Span.End, " }", order);
        }
        else
        {
            Insert(bodyStart, $" {{{look} do {{ ", order);
            InsertEnd(body.Span.End, $" {StepsOf(body, steps, order)} }} while ({count.IsBefore(limit)}); }}", order);
        }

        LeaveBoth(loop, body, order);
    }

    // The steps of a round as statements, to which `continue` goes.
    private string StepsOf(StatementSyntax body, SeparatedSyntaxList<ExpressionSyntax> steps, int order)
    {
        ContinueStatementSyntax[] skips = [.. OfThisLoop(body).OfType<ContinueStatementSyntax>()];
        foreach (ContinueStatementSyntax skip in skips)
        {
            _edits.Add(new(skip.ContinueKeyword.SpanStart, skip.ContinueKeyword.Span.Length, $"goto __next{order}", order));
        }

        return string.Concat(steps.Select(step => $"{step};").Prepend(skips.Length > 0 ? $"__next{order}: " : ""));
    }

    // Whether a loop can stand in its text a second time: on several lines each takes a line for its `#line`.
    private static bool CanBeTwice(StatementSyntax loop) =>
        !loop.DescendantTokens().Skip(1).Any(token => token.ContainsDirectives)
        && !loop.Ancestors().Any(node => node is InterpolatedStringExpressionSyntax);

    // `while (c) …` as it was written, but that each round makes two, so that `count` counts them together. It stands before the
    // loop itself.
    private static string Paired(WhileStatementSyntax loop, string count)
    {
        string head = loop.ToString()[..(loop.Statement.SpanStart - loop.SpanStart)],
            body = loop.Statement is BlockSyntax ? $"{loop.Statement}" : $"{{ {loop.Statement} }}";
        return At(loop, $"{head}{{ {count} {body}")
            + At(loop.Condition, $"if (!({loop.Condition})) break;")
            + At(loop.Statement, $"{body} }}")
            + At(loop, "");

        string At(SyntaxNode part, string text) => IsOnLines(loop) ? $"{LineOf(part)}{text}" : $" {text}";
    }

    // A loop's copy, after which the loop begins.
    private static string OnItsLines(StatementSyntax loop, string copy) =>
        IsOnLines(loop) ? $"{LineOf(loop)}{copy}{LineOf(loop)}" : $" {copy} ";

    private static bool IsOnLines(SyntaxNode text)
    {
        FileLinePositionSpan lines = text.GetLocation().GetMappedLineSpan();
        return lines.StartLinePosition.Line != lines.EndLinePosition.Line;
    }

    // `#line` with the line on which a part of the cell begins.
    private static string LineOf(SyntaxNodeOrToken part) =>
        string.Create(
            CultureInfo.InvariantCulture,
            $"\n#line {part.GetLocation()!.GetMappedLineSpan().StartLinePosition.Line + 1}\n"
        );

    private bool CanRepeat(ExpressionSyntax condition) => _cost.IsRepeatable(condition) && IsOnOneLine(condition);

    // With what comes after it.
    private static bool IsOnOneLine(SyntaxNode text)
    {
        var span = TextSpan.FromBounds(text.SpanStart, text.GetLastToken().GetNextToken().SpanStart);
        FileLinePositionSpan lines = text.SyntaxTree.GetLineSpan(span);
        return lines.StartLinePosition.Line == lines.EndLinePosition.Line;
    }

    // Between the condition and the steps of a loop. The inner loop has neither a call nor a volatile read, which would keep the
    // compiler from holding fields in registers.
    private string Manyfold(
        ExpressionSyntax? condition,
        StatementSyntax body,
        SeparatedSyntaxList<ExpressionSyntax> steps,
        int order
    ) =>
        string.Create(
            CultureInfo.InvariantCulture,
            $") {{{LookIn(body, steps)} for (int __rounds{order} = {Checkpoint.RoundsAtOnce}; __rounds{order} > 0"
        ) + $"{(condition is null ? "" : $" && ({condition})")}; __rounds{order}--";

    private void EndMany(StatementSyntax loop, StatementSyntax body, int order, bool isOpen = false)
    {
        InsertEnd(body.Span.End, " }", order);
        LeaveBoth(loop, body, order, isOpen);
    }

    // What leaves the loop leaves both. `isOpen`: the block around them was begun.
    private void LeaveBoth(StatementSyntax loop, StatementSyntax body, int order, bool isOpen = false)
    {
        BreakStatementSyntax[] breaks = [.. OfThisLoop(body, intoSwitch: false).OfType<BreakStatementSyntax>()];
        if (breaks.Length > 0 && !isOpen)
        {
            Insert(loop.SpanStart, "{ ", order);
        }

        if (breaks.Length > 0 || isOpen)
        {
            InsertEnd(loop.Span.End, $" __end{order}: ; }}", order);
        }

        foreach (BreakStatementSyntax leave in breaks)
        {
            _edits.Add(new(leave.BreakKeyword.SpanStart, leave.BreakKeyword.Span.Length, $"goto __end{order}", order));
        }
    }

    // What stands in a loop's body and in no loop inside it.
    private static IEnumerable<SyntaxNode> OfThisLoop(StatementSyntax body, bool intoSwitch = true) =>
        body.DescendantNodesAndSelf(node =>
            node is not (ForStatementSyntax or WhileStatementSyntax or DoStatementSyntax or CommonForEachStatementSyntax)
            && (intoSwitch || node is not SwitchStatementSyntax)
        );

    // Looks in a loop, and hands through what it carries from round to round.
    private string LookIn(StatementSyntax body, IEnumerable<ExpressionSyntax> steps)
    {
        string numbers = Together(_cost.Carried(body, steps));
        return numbers.Length == 0
            ? Look
            : $" if ({Class}.{nameof(Checkpoint.Stopping)}) {numbers} = {Class}.{nameof(Checkpoint.StopHere)}({numbers});";
    }

    private void Round(StatementSyntax body, IEnumerable<ExpressionSyntax> steps, int order)
    {
        if (CallsOthers(body) && !_cost.CarriesFloats(body, steps))
        {
            RoundOfCalls(body, order);
            return;
        }

        string look = LookIn(body, steps);
        if (body is BlockSyntax block)
        {
            Insert(block.OpenBraceToken.Span.End, look, order);
        }
        else
        {
            Insert(body.SpanStart, $"{{{look} ", order);
            InsertEnd(body.Span.End, " }", order);
        }
    }

    // A round that calls functions looks at its end: the compiler reloads variables after each call, also after one that looks.
    private void RoundOfCalls(StatementSyntax body, int order)
    {
        if (body.Parent is ForStatementSyntax loop)
        {
            string comma = loop.Incrementors.Count > 0 ? ", " : "";
            Insert(loop.CloseParenToken.SpanStart, comma + ShortLook, order);
        }
        else if (body is not BlockSyntax block)
        {
            Insert(body.SpanStart, "{ ", order);
            InsertEnd(body.Span.End, $" {ShortLook}; }}", order);
        }
        else if (OfThisLoop(body).OfType<ContinueStatementSyntax>().Any())
        {
            Insert(block.OpenBraceToken.Span.End, $" {ShortLook};", order);
        }
        else
        {
            Insert(block.CloseBraceToken.SpanStart, $"{ShortLook}; ", order);
        }
    }

    // Functions of the cell or of libraries.
    private bool CallsOthers(StatementSyntax body) =>
        body.DescendantNodes(IsCode).Any(node => node is InvocationExpressionSyntax && !_cost.IsCheapByItself(node));

    private void Function(
        SyntaxNode function,
        BlockSyntax? block,
        ArrowExpressionClauseSyntax? arrow,
        SyntaxToken semicolon,
        int order
    )
    {
        _recursions.TryGetValue(function, out Recursion? recursion);
        if (recursion is not null)
        {
            Copy(recursion, order);
        }

        if (block is not null)
        {
            Block(block, order);
        }
        else if (arrow is not null)
        {
            bool returns = function switch
            {
                AccessorDeclarationSyntax accessor => accessor.IsKind(SyntaxKind.GetAccessorDeclaration),
                ConstructorDeclarationSyntax => false,
                _ => _model.GetDeclaredSymbol(function) is IMethodSymbol symbol && Returns(symbol),
            };
            Arrow(arrow, semicolon, "{", " }", returns, order, keepsLines: recursion?.IsOptimized != true);
        }
    }

    // A recursive function calls a copy of what it called, which calls the next, and the last one calls the function itself: of
    // a few calls one looks. The copies of a loop go around.
    private void Copy(Recursion recursion, int order)
    {
        int copies = recursion.Copies;
        _copied.Add((recursion, order));
        if (recursion is { IsCheap: true, IsLoop: false })
        {
            string mark = recursion.IsOptimized ? Optimized : Alone;
            Insert(recursion.Function.SpanStart, mark, order, _ => recursion.IsOptimized ? Inlined : "");
        }

        string name = recursion.Name.Text;
        Rename(recursion.Name, name, copy => NameOf(recursion.Name, recursion.Function.SpanStart, copy), order);
        foreach ((InvocationExpressionSyntax call, int called) in recursion.Calls)
        {
            SyntaxToken written = ((SimpleNameSyntax)call.Expression).Identifier;
            Rename(
                written,
                NameOf(written, called, 1),
                copy =>
                    copy < copies ? NameOf(written, called, copy + 1)
                    : recursion.IsLoop ? NameOf(written, called, 1)
                    : written.Text,
                order
            );
        }

        foreach (SyntaxToken modifier in recursion.Modifiers.Where(each => each.IsKind(SyntaxKind.PublicKeyword)))
        {
            Rename(modifier, modifier.Text, _ => "private", order); // reflection lists public members
        }

        if (recursion.IsLoop)
        {
            Insert(recursion.Start, "", order, copy => copy == 1 ? $"{CallApart[1..]} " : "");
        }
    }

    // Reads like the function's own name where an exception is printed: the place and the copy's number are written in variation
    // selectors, which are invisible.
    private static string NameOf(SyntaxToken name, int function, int copy)
    {
        IEnumerable<char> place = Convert.ToString(function, toBase: 8).Select(digit => (char)(Invisible + digit - '0')),
            number = Convert.ToString(copy, toBase: 8).Select(digit => (char)(Invisible + 8 + digit - '0'));
        return $"{name.ValueText}{string.Concat(place)}{string.Concat(number)}";
    }

    private void Rename(SyntaxToken name, string here, Func<int, string> inCopy, int order) =>
        _edits.Add(new(name.SpanStart, name.Span.Length, here, order, inCopy));

    private void Block(BlockSyntax block, int order)
    {
        if (NeedsNoLook(block))
        {
            return;
        }

        (string begin, string end) = Around(block);
        Insert(block.OpenBraceToken.Span.End, begin, order);
        Insert(block.CloseBraceToken.SpanStart, end, order);

        // `if (n < 2) return n;` comes first: the last of many calls pays nothing.
        int guards = block
            .Statements.TakeWhile(statement =>
                statement is IfStatementSyntax { Else: null, Statement: ReturnStatementSyntax } && _calls.CallsNothing(statement)
            )
            .Count();
        if (guards > 0 && !_calls.CallsNothing(block))
        {
            Insert(block.Statements[guards - 1].Span.End, Check(block), order, _ => "");
        }
        else if (block.Statements.FirstOrDefault(statement => statement is not LocalFunctionStatementSyntax) is { } first)
        {
            // On its line: an array's index out of range names the line where a function's code begins.
            Insert(first.SpanStart, $"{Check(block)[1..]} ", order, _ => "");
        }
        else
        {
            Insert(block.OpenBraceToken.Span.End, Check(block), order, _ => "");
        }
    }

    private void Arrow(
        ArrowExpressionClauseSyntax arrow,
        SyntaxToken semicolon,
        string open,
        string close,
        bool returns,
        int order,
        bool keepsLines = true
    )
    {
        ExpressionSyntax body = arrow.Expression;
        if (NeedsNoLook(arrow))
        {
            return;
        }

        (string begin, string end) = Around(arrow);
        if (
            returns
            && body is ConditionalExpressionSyntax choice
            && _calls.CallsNothing(choice.Condition)
            && _calls.CallsNothing(choice.WhenTrue)
            && !_calls.CallsNothing(choice.WhenFalse)
            && IsOfOneType(arrow, choice)
            && (IsOnOneLine(choice) || !keepsLines)
        )
        {
            // `n < 2 ? n : F(n - 1)`: as above.
            _edits.Add(new(arrow.ArrowToken.SpanStart, arrow.ArrowToken.Span.Length, open + begin, order));
            Insert(choice.SpanStart, "if (", order);
            _edits.Add(new(choice.QuestionToken.SpanStart, 1, ") return ", order));
            _edits.Add(new(choice.ColonToken.SpanStart, 1, $";{Check(arrow)} return ", order, _ => "; return "));
        }
        else
        {
            string returned = returns && body is not ThrowExpressionSyntax ? "return " : "";
            _edits.Add(new(arrow.ArrowToken.SpanStart, arrow.ArrowToken.Span.Length, open + begin, order));
            Insert(body.SpanStart, $"{Check(arrow)[1..]} {returned}", order, _ => returned);
        }

        InsertEnd(semicolon.Span.End, end + close, order);
    }

    // Else each branch would be converted on its own: 1 instead of 1.0 in `c ? 1 : 2.5` returned as an object.
    private bool IsOfOneType(ArrowExpressionClauseSyntax arrow, ConditionalExpressionSyntax choice) =>
        _model.GetTypeInfo(choice.WhenTrue).Type is { } type
        && SymbolEqualityComparer.Default.Equals(type, _model.GetTypeInfo(choice.WhenFalse).Type)
        && SymbolEqualityComparer.Default.Equals(
            type,
            (_model.GetEnclosingSymbol(arrow.Expression.SpanStart) as IMethodSymbol)?.ReturnType
        );

    // In `from x in all orderby x select x` nothing selects, and the value is what `orderby` gives.
    private bool IsLeftOut(SelectClauseSyntax clause) =>
        clause
            is {
                Expression: IdentifierNameSyntax,
                Parent: QueryBodySyntax { Clauses: [.., WhereClauseSyntax or OrderByClauseSyntax] }
            }
        && _model.GetSymbolInfo(clause).Symbol is null;

    private void Pass(ExpressionSyntax expression, int order)
    {
        Insert(expression.SpanStart, $"{Class}.{nameof(Checkpoint.Pass)}(", order);
        InsertEnd(expression.Span.End, ")", order);
    }

    private void Looking(ExpressionSyntax called, string types, int order)
    {
        Insert(called.SpanStart, $"{Class}.{nameof(Checkpoint.Looking)}<{types}>(", order);
        InsertEnd(called.Span.End, ")", order);
    }

    private bool NeedsNoLook(SyntaxNode body) =>
        !_recursions.ContainsKey(body.Parent!) && (_calls.NeedsNoLook(body) || _delegates.NeedsNoLook(body));

    private string Check(SyntaxNode body)
    {
        SyntaxNode function = body.Parent!;
        if (_calls.CallsNothing(body) || (_calls.IsSpared(function) && !_recursions.ContainsKey(function)))
        {
            return Look;
        }

        // The compiler would put floating-point numbers into memory because of the call, and read them again at once.
        string numbers = Together(FloatsOf(function, body));
        return numbers.Length == 0
            ? Call
            : $" if ({Class}.{nameof(Checkpoint.MustAsk)}()) {numbers} = {Class}.{nameof(Checkpoint.Ask)}({numbers});";
    }

    // One variable, or a tuple of them.
    private static string Together(IReadOnlyList<string> variables) =>
        variables.Count > 1 ? $"({string.Join(", ", variables)})" : string.Concat(variables);

    // The floating-point parameters that a function's body names.
    private string[] FloatsOf(SyntaxNode function, SyntaxNode body)
    {
        ISymbol? symbol =
            function is AnonymousFunctionExpressionSyntax
                ? _model.GetSymbolInfo(function).Symbol
                : _model.GetDeclaredSymbol(function);
        return symbol is IMethodSymbol method
            ? [.. method.Parameters.Where(IsFloat).Where(IsNamed).Select(parameter => $"@{parameter.Name}")]
            : [];

        static bool IsFloat(IParameterSymbol parameter) =>
            parameter
                is {
                    RefKind: RefKind.None,
                    IsDiscard: false,
                    Type.SpecialType: SpecialType.System_Single or SpecialType.System_Double
                };

        bool IsNamed(IParameterSymbol parameter) => body.DescendantTokens().Any(token => token.ValueText == parameter.Name);
    }

    // What stands before and after all that a function does: an async function that awaits is unwound by `UnwindAsync`.
    private static (string Begin, string End) Around(SyntaxNode body)
    {
        SyntaxNode[] own = [.. body.DescendantNodesAndSelf(node => !IsFunction(node))];
        return own.Any(node => node is AwaitExpressionSyntax) && !own.Any(node => node is YieldStatementSyntax)
            ? (Try, Unwind)
            : ("", "");
    }

    private static bool IsFunction(SyntaxNode node) => node is AnonymousFunctionExpressionSyntax or LocalFunctionStatementSyntax;

    private static string Returned(ExpressionSyntax body, IMethodSymbol function) =>
        Returns(function) && body is not ThrowExpressionSyntax ? "return " : "";

    private static bool Returns(IMethodSymbol function) =>
        !function.ReturnsVoid && !(function.IsAsync && function.ReturnType is INamedTypeSymbol { IsGenericType: false });

    private bool EndsProcess(ExpressionSyntax called) =>
        called
            is MemberAccessExpressionSyntax { Name.Identifier.ValueText: "Exit" or "FailFast" }
                or IdentifierNameSyntax { Identifier.ValueText: "Exit" or "FailFast" }
        && _model.GetSymbolInfo(called).Symbol
            is IMethodSymbol { ContainingType: { Name: "Environment", ContainingNamespace.Name: "System" } };

    private void Insert(int position, string text, int order, Func<int, string>? inCopy = null) =>
        _edits.Add(new(position, 0, text, order, inCopy));

    // What ends where another ends comes after it if it began before it.
    private void InsertEnd(int position, string text, int order) => _edits.Add(new(position, 0, text, -order));

    // `InCopy` is the text in each copy of a function where that is another.
    private sealed record Edit(int Position, int Length, string Text, int Order, Func<int, string>? InCopy = null);
}
