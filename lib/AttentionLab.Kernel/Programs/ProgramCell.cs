using System.Text;
using AttentionLab.Kernel.Notebooks;
using AttentionLab.Kernel.Session;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.CodeAnalysis.Text;

namespace AttentionLab.Kernel.Programs;

/// <summary>A cell of code as a part of a program: its text with few changes, so that a reader finds the cell in it.</summary>
internal sealed class ProgramCell
{
    private readonly CSharpCompilation _compilation;
    private readonly SemanticModel _model;
    private readonly bool _mayFail;

    /// <summary>Reads a cell.</summary>
    /// <param name="tree">Its code, without the host's lines.</param>
    /// <param name="references">The libraries known by then.</param>
    /// <param name="before">The cell before it, whose names it sees.</param>
    /// <param name="mayFail">Whether an exception is part of what it shows.</param>
    public ProgramCell(SyntaxTree tree, IEnumerable<MetadataReference> references, ProgramCell? before, bool mayFail)
    {
        _mayFail = mayFail;
        _compilation = CSharpCompilation.CreateScriptCompilation(
            $"Cell{before?.Place + 1 ?? 0}",
            tree,
            references.Concat(AssemblyReferences.Default),
            ProgramReferences.Compilation(OutputKind.DynamicallyLinkedLibrary),
            before?._compilation
        );
        _model = _compilation.GetSemanticModel(tree);
        Root = tree.GetCompilationUnitRoot();
    }

    /// <summary>The cell's code.</summary>
    public CompilationUnitSyntax Root { get; }

    /// <summary>Its place in the notebook, for errors.</summary>
    public required string Where { get; init; }

    /// <summary>Where it stands among the program's texts.</summary>
    public required int Place { get; init; }

    /// <summary>What it declares for later cells and in its own blocks; a function's own names may hide others.</summary>
    public IEnumerable<ISymbol> Declared() =>
        Root.DescendantNodes(node => node == Root || !IsFunctionOrType(node))
            .Where(node => node is not ParameterSyntax)
            .Select(node => _model.GetDeclaredSymbol(node))
            .Where(symbol =>
                symbol
                    is IFieldSymbol { ContainingType.IsScriptClass: true } // no tuple's element
                        or IMethodSymbol
                        or INamedTypeSymbol
                        or ILocalSymbol
                        or IRangeVariableSymbol
            )
            .Select(symbol => symbol!);

    /// <summary>The cell's statements and functions, and the types that it declares: in a program they come last.</summary>
    /// <exception cref="NotebookFormatException">It holds something that a program cannot.</exception>
    public (string Statements, string Types) Write(ProgramNames names)
    {
        var statements = new StringBuilder();
        var types = new StringBuilder();
        foreach (MemberDeclarationSyntax member in Root.Members)
        {
            bool isType = member is BaseTypeDeclarationSyntax or DelegateDeclarationSyntax;
            IEnumerable<TextChange> changes = Renamed(member, names).Concat(Changes(member));
            (isType ? types : statements).Append(TextOf(member.FullSpan, changes).TrimEnd()).Append('\n');
        }

        statements.Append(Root.EndOfFileToken.LeadingTrivia.ToFullString());
        string text = statements.ToString().Trim('\n', ' ');
        return (
            text.Length == 0 ? "" : $"{(_mayFail ? Attempt(text) : text)}\n",
            types.Length == 0 ? "" : $"{types.ToString().Trim('\n')}\n\n"
        );
    }

    private IEnumerable<TextChange> Renamed(MemberDeclarationSyntax member, ProgramNames names)
    {
        foreach (SyntaxToken token in member.DescendantTokens().Where(token => token.IsKind(SyntaxKind.IdentifierToken)))
        {
            if (names.Of(SymbolOf(token)) is { } name)
            {
                string implied = token.Parent!.Parent switch
                {
                    AnonymousObjectMemberDeclaratorSyntax { NameEquals: null } => $"{token.Text} = ",
                    ArgumentSyntax { NameColon: null, Parent: TupleExpressionSyntax } => $"{token.Text}: ",
                    _ => "",
                };
                yield return new TextChange(token.Span, implied + name);
            }
        }
    }

    private ISymbol? SymbolOf(SyntaxToken token) =>
        token.Parent switch
        {
            SimpleNameSyntax name when _model.GetSymbolInfo(name) is var info => info.Symbol
                ?? info.CandidateSymbols.FirstOrDefault(),
            BaseMethodDeclarationSyntax and (ConstructorDeclarationSyntax or DestructorDeclarationSyntax) => _model
                .GetDeclaredSymbol(token.Parent)
                ?.ContainingType,
            { } declaration => _model.GetDeclaredSymbol(declaration),
            null => null,
        };

    private IEnumerable<TextChange> Changes(MemberDeclarationSyntax member) =>
        member switch
        {
            GlobalStatementSyntax { Statement: ExpressionStatementSyntax { SemicolonToken.IsMissing: true } last } => Shown(
                last.Expression
            ),
            GlobalStatementSyntax statement when ReturnsFrom(statement) => throw Refused(
                "A `return` ends a cell, but would end the whole program. Use if and else."
            ),
            MethodDeclarationSyntax { ParameterList.Parameters: [{ } first, ..] } when IsThis(first) => throw Refused(
                "An extension method at the top of a cell cannot stand in a program. Call it as a function, without `this`."
            ),
            FieldDeclarationSyntax field => Without(field.Modifiers, SyntaxKind.ConstKeyword)
                .Concat(field.Declaration.Variables.Where(each => each.Initializer is null).Select(Initialized)),
            MethodDeclarationSyntax method => Without(method.Modifiers, SyntaxKind.AsyncKeyword, SyntaxKind.UnsafeKeyword),
            GlobalStatementSyntax or BaseTypeDeclarationSyntax or DelegateDeclarationSyntax => [],
            _ => throw Refused(
                $"`{member.ToString().Split('\n')[0]}` cannot stand at the top of a program. Make it a variable or a function."
            ),
        };

    private IEnumerable<TextChange> Shown(ExpressionSyntax value) =>
        _model.GetTypeInfo(value).Type is { SpecialType: SpecialType.System_Void }
            ? [Insertion(value.Span.End, ";")]
            : [Insertion(value.Span.Start, "display("), Insertion(value.Span.End, ");")];

    // A notebook's variables begin as 0, false or null.
    private static TextChange Initialized(VariableDeclaratorSyntax variable) => Insertion(variable.Span.End, " = default");

    private static TextChange Insertion(int place, string text) => new(new TextSpan(place, 0), text);

    private static IEnumerable<TextChange> Without(SyntaxTokenList modifiers, params SyntaxKind[] kept) =>
        modifiers
            .Where(modifier => !kept.Contains(modifier.Kind()))
            .Select(modifier => new TextChange(TextSpan.FromBounds(modifier.SpanStart, modifier.FullSpan.End), ""));

    private static bool IsThis(ParameterSyntax parameter) => parameter.Modifiers.Any(SyntaxKind.ThisKeyword);

    private static bool ReturnsFrom(GlobalStatementSyntax statement) =>
        statement.DescendantNodes(node => !IsFunctionOrType(node)).Any(node => node is ReturnStatementSyntax);

    private string TextOf(TextSpan span, IEnumerable<TextChange> changes) =>
        Root.GetText()
            .GetSubText(span)
            .WithChanges(
                changes
                    .OrderBy(change => change.Span.Start)
                    .Select(change => new TextChange(
                        new TextSpan(change.Span.Start - span.Start, change.Span.Length),
                        change.NewText!
                    ))
            )
            .ToString();

    private string Attempt(string statements) =>
        Declared().Any(symbol => symbol.ContainingType is { IsScriptClass: true } && symbol is not ILocalSymbol)
            ? throw Refused(
                $"A cell tagged \"{NotebookCell.RaisesExceptionTag}\" declares something. "
                    + "Move the declaration into a cell of its own: a program catches the exception in a block."
            )
            : $"try\n{{\n{statements}\n}}\ncatch (Exception e)\n{{\n    display(e);\n}}";

    private NotebookFormatException Refused(string why) => new($"{Where}: {why}");

    private static bool IsFunctionOrType(SyntaxNode node) =>
        node
            is AnonymousFunctionExpressionSyntax
                or LocalFunctionStatementSyntax
                or MethodDeclarationSyntax
                or BaseTypeDeclarationSyntax
                or DelegateDeclarationSyntax;
}
