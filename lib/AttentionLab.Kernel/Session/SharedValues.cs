using Microsoft.CodeAnalysis.CSharp;

namespace AttentionLab.Kernel.Session;

/// <summary>Texts that <c>#!value</c> stores, and how <c>#!set</c> and <c>#!share</c> make variables of them.</summary>
/// <param name="folder">Where relative paths start.</param>
internal sealed class SharedValues(string folder)
{
    private const string Json = "application/json";

    private readonly Dictionary<string, (string Text, string MimeType)> _values = [];

    /// <summary>Stores the text that a <c>#!value</c> line names, or the lines after it.</summary>
    /// <returns>The text and its MIME type.</returns>
    /// <exception cref="CellDirectiveException">The line lacks a name, or its file or address cannot be read.</exception>
    public async Task<(string Text, string MimeType)> StoreAsync(CellDirective line, CancellationToken cancellationToken)
    {
        string[] parts = line.Argument.Split('\n', 2);
        var arguments = new DirectiveArguments(line, parts[0]);
        string name = arguments.Required("--name", "--name greeting");
        try
        {
            string text =
                arguments["--from-value"]?.Trim('"')
                ?? (
                    arguments["--from-file"] is { } file
                        ? await File.ReadAllTextAsync(Path.GetFullPath(file.Trim('"'), folder), cancellationToken)
                            .ConfigureAwait(false)
                    : arguments["--from-url"] is { } address
                        ? await DownloadAsync(address.Trim('"'), cancellationToken).ConfigureAwait(false)
                    : parts.ElementAtOrDefault(1)?.Trim('\n') ?? ""
                );
            return _values[name] = (text, arguments["--mime-type"] ?? Display.MimeBundle.Text);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or HttpRequestException or UriFormatException)
        {
            throw new CellDirectiveException($"#!value --name {name}: {e.Message}", line.Line);
        }
    }

    /// <summary>The C# that sets the variable of a <c>#!set</c> or <c>#!share</c> line.</summary>
    /// <param name="line">The line.</param>
    /// <param name="ask">Asks the reader: what, and whether the answer is a password.</param>
    /// <exception cref="CellDirectiveException">The line lacks something, or names what is not there.</exception>
    public async Task<string> VariableAsync(CellDirective line, Func<string, bool, Task<string>> ask)
    {
        var arguments = new DirectiveArguments(line, line.Argument);
        (string name, string value) =
            line.Name == "#!set"
                ? (arguments.Required("--name", "--name x --value 5"), arguments.Required("--value", "--name x --value 5"))
                : FromShare(line, arguments);
        if (!SyntaxFacts.IsValidIdentifier(name))
        {
            throw new CellDirectiveException($"{line.Name}: \"{name}\" cannot be the name of a variable.", line.Line);
        }

        string source =
            value.StartsWith('@') && value.Contains(':', StringComparison.Ordinal)
                ? value[1..value.IndexOf(':', StringComparison.Ordinal)]
                : "";
        string what = source.Length == 0 ? value : value[(source.Length + 2)..].Trim('"');
        string expression = source switch
        {
            "" => Literal(value),
            "value" => Stored(line, what),
            "csharp" => what,
            "input" => Literal(await ask(what, false).ConfigureAwait(false)),
            "password" =>
                $"new Microsoft.DotNet.Interactive.PasswordString({Literal(await ask(what, true).ConfigureAwait(false))})",
            _ => throw new CellDirectiveException(
                $"{line.Name}: \"{source}\" is not a kernel here. Known are value, csharp, input and password.",
                line.Line
            ),
        };
        return $"var {name} = {expression};";
    }

    private static (string Name, string Value) FromShare(CellDirective line, DirectiveArguments arguments)
    {
        const string Example = "--from value greeting";
        string what = arguments.Lone ?? arguments.Required("--name", Example);
        return (arguments["--as"] ?? what, $"@{arguments.Required("--from", Example)}:{what}");
    }

    private string Stored(CellDirective line, string name) =>
        !_values.TryGetValue(name, out (string Text, string MimeType) stored)
            ? throw new CellDirectiveException($"{line.Name}: #!value has stored nothing under the name \"{name}\".", line.Line)
        : stored.MimeType == Json ? $"System.Text.Json.JsonDocument.Parse({Literal(stored.Text)})"
        : Literal(stored.Text);

    private static string Literal(string text) => SymbolDisplay.FormatLiteral(text, quote: true);

    private static async Task<string> DownloadAsync(string address, CancellationToken cancellationToken)
    {
        using var client = new HttpClient();
        return await client.GetStringAsync(new Uri(address), cancellationToken).ConfigureAwait(false);
    }
}
