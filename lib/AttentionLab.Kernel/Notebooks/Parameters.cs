using System.Globalization;
using System.Numerics;
using AttentionLab.Kernel.Session;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace AttentionLab.Kernel.Notebooks;

/// <summary>
/// The variables of the cell tagged "parameters", and the cell tagged "injected-parameters" after it that gives them other
/// values: papermill's convention.
/// </summary>
internal sealed class Parameters
{
    public const string Tag = "parameters";
    public const string InjectedTag = "injected-parameters";

    private readonly Notebook _notebook;
    private readonly NotebookCell? _cell;
    private readonly Dictionary<string, ITypeSymbol> _types = [];

    public Parameters(Notebook notebook)
    {
        _notebook = notebook;
        _cell = notebook.CodeCells.FirstOrDefault(cell => cell.HasTag(Tag));
        if (_cell is null)
        {
            return;
        }

        // The compiler says the types, so that `var` and `double?` are understood too. Errors in the cell show when it runs.
        SyntaxTree tree = CSharpSyntaxTree.ParseText(_cell.Source, CSharpEngine.ParseOptions);
        SemanticModel model = CSharpCompilation
            .CreateScriptCompilation(
                Tag,
                tree,
                AssemblyReferences.Default,
                new CSharpCompilationOptions(OutputKind.DynamicallyLinkedLibrary, usings: CSharpEngine.Imports)
            )
            .GetSemanticModel(tree);
        foreach (
            VariableDeclaratorSyntax variable in ((CompilationUnitSyntax)tree.GetRoot())
                .Members.OfType<FieldDeclarationSyntax>()
                .SelectMany(field => field.Declaration.Variables)
        )
        {
            _types[variable.Identifier.ValueText] = ((IFieldSymbol)model.GetDeclaredSymbol(variable)!).Type;
        }
    }

    /// <summary>The names that can be given a value.</summary>
    public IReadOnlyCollection<string> Names => _types.Keys;

    /// <summary>
    /// Puts a cell behind the parameters that assigns the values whose names are declared there; others are left out.
    /// </summary>
    /// <exception cref="ParameterException">A text that is not a value of its variable's type.</exception>
    public void Inject(IReadOnlyDictionary<string, string> values)
    {
        string[] lines =
        [
            .. values
                .Where(value => _types.ContainsKey(value.Key))
                .Select(value => $"{value.Key} = {Literal(value.Key, _types[value.Key], value.Value)};"),
        ];
        if (lines.Length == 0)
        {
            return;
        }

        foreach (NotebookCell earlier in _notebook.CodeCells.Where(cell => cell.HasTag(InjectedTag)).ToList())
        {
            _notebook.Remove(earlier);
        }

        int index = _notebook.Cells.Index().First(cell => cell.Item == _cell).Index;
        _notebook.Insert(index + 1, _notebook.NewCode(string.Join('\n', lines), InjectedTag));
    }

    // The variable's type decides how a text is written in C#. Anything but a number, string, character or bool is C# already.
    private static string Literal(string name, ITypeSymbol type, string text)
    {
        if (type is INamedTypeSymbol { OriginalDefinition.SpecialType: SpecialType.System_Nullable_T } nullable)
        {
            return text == "null" ? text : Literal(name, nullable.TypeArguments[0], text);
        }

        return type.SpecialType switch
        {
            SpecialType.System_String => SymbolDisplay.FormatLiteral(text, quote: true),
            SpecialType.System_Char => text.Length == 1 ? SymbolDisplay.FormatLiteral(text[0], quote: true) : throw Misfit(),
            SpecialType.System_Boolean => bool.TryParse(text, out bool value) ? (value ? "true" : "false") : throw Misfit(),
            SpecialType.System_Byte => Number<byte>(),
            SpecialType.System_SByte => Number<sbyte>(),
            SpecialType.System_Int16 => Number<short>(),
            SpecialType.System_UInt16 => Number<ushort>(),
            SpecialType.System_Int32 => Number<int>(),
            SpecialType.System_UInt32 => Number<uint>(),
            SpecialType.System_Int64 => Number<long>(),
            SpecialType.System_UInt64 => Number<ulong>(),
            SpecialType.System_Single => Number<float>("f"),
            SpecialType.System_Double => Number<double>("d"),
            SpecialType.System_Decimal => Number<decimal>("m"),
            _ => SyntaxFactory.ParseExpression(text) is { ContainsDiagnostics: false } expression
                ? expression.ToString()
                : throw Misfit(),
        };

        string Number<T>(string suffix = "")
            where T : INumber<T> =>
            T.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out T? number) && T.IsFinite(number)
                ? number.ToString(null, CultureInfo.InvariantCulture) + suffix
                : throw Misfit();

        ParameterException Misfit() => new($"{name} is {Article(type)}; \"{text}\" is not one.");
    }

    private static string Article(ITypeSymbol type) =>
        type.ToDisplayString() is var name && "aeiou".Contains(char.ToLowerInvariant(name[0]), StringComparison.Ordinal)
            ? $"an {name}"
            : $"a {name}";
}
