using System.Globalization;
using Microsoft.CodeAnalysis;

namespace AttentionLab.Kernel.Programs;

/// <summary>
/// The names of a program's variables, functions and types. A notebook's cell may declare a name anew, and a block may use the
/// name of a variable of any cell; in a program, where all cells share one scope, the second gets a number.
/// </summary>
internal sealed class ProgramNames
{
    private readonly Dictionary<ISymbol, string> _new = new(SymbolEqualityComparer.Default);
    private readonly HashSet<string> _top = ["args"]; // a program's own
    private readonly HashSet<string> _words;

    /// <summary>Finds names for all that the cells declare.</summary>
    public ProgramNames(IReadOnlyList<ProgramCell> cells)
    {
        _words = [.. cells.SelectMany(cell => cell.Root.DescendantTokens()).Select(token => token.ValueText)];
        ISymbol[] declared = [.. cells.SelectMany(cell => cell.Declared())];
        foreach (ISymbol symbol in declared.Where(IsOfCell))
        {
            if (!_top.Add(symbol.Name))
            {
                _top.Add(_new[symbol] = Unused(symbol.Name));
            }
        }

        foreach (ISymbol symbol in declared.Where(symbol => !IsOfCell(symbol) && _top.Contains(symbol.Name)))
        {
            _new[symbol] = Unused(symbol.Name);
        }
    }

    /// <summary>A symbol's name in the program; null where it stays.</summary>
    public string? Of(ISymbol? symbol) => symbol is null ? null : _new.GetValueOrDefault(symbol.OriginalDefinition);

    /// <summary>Whether later cells see it, and not only the block that declares it.</summary>
    private static bool IsOfCell(ISymbol symbol) =>
        symbol.ContainingType is { IsScriptClass: true } && symbol is not ILocalSymbol;

    private string Unused(string name)
    {
        for (int number = 2; ; number++)
        {
            string candidate = name + number.ToString(CultureInfo.InvariantCulture);
            if (_words.Add(candidate))
            {
                return candidate;
            }
        }
    }
}
