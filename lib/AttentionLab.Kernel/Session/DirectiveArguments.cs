using System.Text.RegularExpressions;

namespace AttentionLab.Kernel.Session;

/// <summary>The words after a directive: <c>--name x --value "two words" last</c>.</summary>
internal sealed partial class DirectiveArguments
{
    private readonly CellDirective _line;
    private readonly Dictionary<string, string> _options = [];

    /// <summary>Reads the first line of a directive's argument.</summary>
    /// <exception cref="CellDirectiveException">An option has no value.</exception>
    public DirectiveArguments(CellDirective line, string words)
    {
        _line = line;
        string? option = null;
        foreach (Match match in Word().Matches(words))
        {
            string word = match.Value;
            if (word == "--byref")
            {
                continue; // here every variable is shared as it is
            }

            if (word.StartsWith("--", StringComparison.Ordinal))
            {
                RefuseLone(option);
                option = word;
            }
            else if (option is not null)
            {
                _options[option] = word;
                option = null;
            }
            else
            {
                Lone = word;
            }
        }

        RefuseLone(option);
    }

    /// <summary>The last word that belongs to no option; null when there is none.</summary>
    public string? Lone { get; private set; }

    /// <summary>An option's value, or null.</summary>
    public string? this[string option] => _options.GetValueOrDefault(option);

    /// <summary>An option's value.</summary>
    /// <exception cref="CellDirectiveException">It is not given.</exception>
    public string Required(string option, string example) =>
        this[option]
        ?? throw new CellDirectiveException($"{_line.Name} needs {option}, as in {_line.Name} {example}.", _line.Line);

    private void RefuseLone(string? option)
    {
        if (option is not null)
        {
            throw new CellDirectiveException($"{_line.Name}: {option} lacks its value.", _line.Line);
        }
    }

    // A text in quotes, which may hold \", a JSON object, or what stands between blanks.
    [GeneratedRegex("""(@[\w-]+:)?("(\\"|[^"])*"|\{(?>[^{}]|(?<open>\{)|(?<-open>\}))*(?(open)(?!))\})|\S+""")]
    private static partial Regex Word();
}
