using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace AttentionLab.Kernel.Session;

/// <summary>
/// What the cells so far declared, each name in its newest form, as one source text: completion reads this instead of hundreds
/// of cells. Statements that ran are not in it, and a variable stands with its type instead of its value.
/// </summary>
internal sealed class SessionSource
{
    private static readonly SymbolDisplayFormat TypeFormat = SymbolDisplayFormat.FullyQualifiedFormat.AddMiscellaneousOptions(
        SymbolDisplayMiscellaneousOptions.IncludeNullableReferenceTypeModifier
    );

    private readonly Lock _lock = new();
    private readonly List<string> _usings = [];
    private readonly List<(string Name, string? Signature, string Text)> _members = [];
    private string? _text = "";

    /// <summary>Adds what a cell declared; a name it declares anew replaces the older one.</summary>
    public void Add(Compilation cell)
    {
        lock (_lock)
        {
            var root = (CompilationUnitSyntax)cell.SyntaxTrees.Last().GetRoot();
            _usings.AddRange(root.Usings.Select(line => line.ToString()).Except(_usings));
            foreach (ISymbol member in cell.ScriptClass!.GetMembers())
            {
                if (
                    !member.IsImplicitlyDeclared
                    && member.DeclaringSyntaxReferences is [var declaration, ..]
                    && Text(member, declaration.GetSyntax()) is { } text
                )
                {
                    string? signature = (member as IMethodSymbol)?.ToDisplayString();
                    _members.RemoveAll(older =>
                        older.Name == member.Name
                        && (signature is null || older.Signature is null || older.Signature == signature)
                    );
                    _members.Add((member.Name, signature, text));
                }
            }

            _text = null;
        }
    }

    /// <summary>The source text.</summary>
    public override string ToString()
    {
        lock (_lock)
        {
            return _text ??= string.Join('\n', _usings.Concat(_members.Select(member => member.Text)));
        }
    }

    private static string? Text(ISymbol member, SyntaxNode syntax) =>
        member switch
        {
            IMethodSymbol { MethodKind: not MethodKind.Ordinary } => null,
            IFieldSymbol field when !HasNoName(field.Type) => $"{field.Type.ToDisplayString(TypeFormat)} {field.Name};",
            IFieldSymbol when syntax is VariableDeclaratorSyntax { Initializer: not null } => $"var {syntax};",
            IFieldSymbol field => $"object {field.Name};",
            _ => syntax.ToFullString(),
        };

    // An anonymous type can only be had again from the expression that made it.
    private static bool HasNoName(ITypeSymbol type) =>
        type.IsAnonymousType
        || (type is IArrayTypeSymbol array && HasNoName(array.ElementType))
        || (type is INamedTypeSymbol named && named.TypeArguments.Any(HasNoName));
}
