using System.Text.Json;
using System.Text.Json.Nodes;
using AttentionLab.Kernel.Display;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.Scripting;
using Microsoft.DotNet.Interactive.Formatting;

namespace AttentionLab.Kernel.Session;

/// <summary>Texts that <c>#!value</c> stores, and how <c>#!set</c> and <c>#!share</c> make variables of them.</summary>
/// <param name="folder">Where relative paths start.</param>
internal sealed class SharedValues(string folder)
{
    private const string Json = "application/json";

    private readonly Dictionary<string, (string Text, string MimeType)> _values = [];

    /// <summary>Asks the reader: what, and whether the answer is a password.</summary>
    public delegate Task<string> Ask(string prompt, bool isPassword);

    /// <summary>Stores the text that a <c>#!value</c> line names, or the lines after it.</summary>
    /// <returns>The text and its MIME type.</returns>
    /// <exception cref="CellDirectiveException">The line lacks a name, or what it names cannot be read.</exception>
    public async Task<(string Text, string MimeType)> StoreAsync(
        CellDirective line,
        IEnumerable<ScriptVariable> variables,
        Ask ask,
        CancellationToken cancellationToken
    )
    {
        string[] parts = line.Argument.Split('\n', 2);
        var arguments = new DirectiveArguments(line, parts[0]);
        string name = arguments.Required("--name", "--name greeting");
        try
        {
            (string text, string type) =
                arguments["--from-value"] is { } given ? await GivenAsync(given).ConfigureAwait(false)
                : arguments["--from-file"] is { } file
                    ? (
                        await File.ReadAllTextAsync(Path.GetFullPath(file.Trim('"'), folder), cancellationToken)
                            .ConfigureAwait(false),
                        MimeBundle.Text
                    )
                : arguments["--from-url"] is { } address
                    ? (await DownloadAsync(address.Trim('"'), cancellationToken).ConfigureAwait(false), MimeBundle.Text)
                : (parts.ElementAtOrDefault(1)?.Trim('\n') ?? "", MimeBundle.Text);
            return _values[name] = (text, arguments["--mime-type"] ?? type);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or HttpRequestException or UriFormatException)
        {
            throw new CellDirectiveException($"#!value --name {name}: {e.Message}", line.Line);
        }

        async Task<(string Text, string MimeType)> GivenAsync(string given) =>
            Source(given) switch
            {
                ("", var text) => (text.Trim('"'), MimeBundle.Text),
                ("value", var stored) => Stored(line, stored),
                ("csharp", var variable) => Variable(line, variable, variables) is string text
                    ? (text, MimeBundle.Text)
                    : (JsonOf(Variable(line, variable, variables)), Json),
                var (source, prompt) => (
                    await AnswerAsync(line, source, prompt, name, ask).ConfigureAwait(false),
                    MimeBundle.Text
                ),
            };
    }

    /// <summary>A line whose argument is a variable's text, as <c>#i @csharp:source</c> has it; other lines as they are.</summary>
    /// <exception cref="CellDirectiveException">The variable does not exist, or is not a string.</exception>
    public static CellDirective Written(CellDirective line, IEnumerable<ScriptVariable> variables) =>
        Source(line.Argument) is not ("csharp", var name) ? line
        : Variable(line, name, variables) is string text
            ? line with
            {
                Argument = line.Name == "#i" && !Packages.IsPackage(text) ? $"nuget:{text}" : text,
            }
        : throw new CellDirectiveException($"{line.Name}: the variable \"{name}\" is not a string.", line.Line);

    /// <summary>The C# that sets the variable of a <c>#!set</c> or <c>#!share</c> line.</summary>
    /// <exception cref="CellDirectiveException">The line lacks something, or names what is not there.</exception>
    public async Task<string> VariableAsync(CellDirective line, IEnumerable<ScriptVariable> variables, Ask ask)
    {
        (string name, string source, string what) = Read(line);
        if (source == "csharp" && what == name)
        {
            Variable(line, name, variables);
            return ""; // it has that name already
        }

        string expression = source switch
        {
            "" => Literal(what),
            "value" => Stored(line, what) is (var text, Json)
                ? $"System.Text.Json.JsonDocument.Parse({Literal(text)})"
                : Literal(Stored(line, what).Text),
            "csharp" => what,
            "password" => "new Microsoft.DotNet.Interactive.PasswordString("
                + $"{Literal(await AnswerAsync(line, source, what, name, ask).ConfigureAwait(false))})",
            _ => Literal(await AnswerAsync(line, source, what, name, ask).ConfigureAwait(false)),
        };
        return $"var {name} = {expression};";
    }

    /// <summary>The JavaScript that sets the variable of a <c>#!set</c> or <c>#!share</c> line in a script for the page.</summary>
    /// <exception cref="CellDirectiveException">The line lacks something, or names what is not there.</exception>
    public async Task<string> ScriptAsync(CellDirective line, IEnumerable<ScriptVariable> variables, Ask ask)
    {
        (string name, string source, string what) = Read(line);
        string json = source switch
        {
            "" => JsonOf(what),
            "value" => Stored(line, what) is (var text, Json) ? text : JsonOf(Stored(line, what).Text),
            "csharp" => JsonOf(Variable(line, what, variables)),
            _ => JsonOf(await AnswerAsync(line, source, what, name, ask).ConfigureAwait(false)),
        };
        return $"var {name} = {json.Replace("<", "\\u003C", StringComparison.Ordinal)};"; // no </script> inside
    }

    private static (string Name, string Source, string What) Read(CellDirective line)
    {
        var arguments = new DirectiveArguments(line, line.Argument);
        string name,
            value;
        if (line.Name == "#!set")
        {
            const string Example = "--name x --value 5";
            (name, value) = (arguments.Required("--name", Example), arguments.Required("--value", Example));
        }
        else
        {
            const string Example = "--from value greeting";
            string what = arguments.Lone ?? arguments.Required("--name", Example);
            (name, value) = (arguments["--as"] ?? what, $"@{arguments.Required("--from", Example)}:{what}");
        }

        return SyntaxFacts.IsValidIdentifier(name)
            ? (name, Source(value).Source, Source(value).What)
            : throw new CellDirectiveException($"{line.Name}: \"{name}\" cannot be the name of a variable.", line.Line);
    }

    // "@csharp:x" is x of csharp, "@input" a question, and all else a text.
    private static (string Source, string What) Source(string value)
    {
        int colon = value.IndexOf(':', StringComparison.Ordinal);
        return !value.StartsWith('@') ? ("", value)
            : colon > 0 ? (value[1..colon], value[(colon + 1)..].Trim('"'))
            : value is "@input" or "@password" ? (value[1..], "")
            : ("", value);
    }

    // What is asked may be an object: { "prompt": "Token?", "type": "password" }.
    private static async Task<string> AnswerAsync(CellDirective line, string source, string what, string name, Ask ask)
    {
        if (source is not ("input" or "password"))
        {
            throw new CellDirectiveException(
                $"{line.Name}: \"{source}\" is not a kernel here. Known are value, csharp, input and password.",
                line.Line
            );
        }

        try
        {
            JsonNode? question = what.StartsWith('{') ? JsonNode.Parse(what) : null;
            string prompt = question is null ? what : question["prompt"]?.ToString() ?? "";
            bool isPassword = source == "password" || question?["type"]?.ToString() == "password";
            return await ask(prompt.Length > 0 ? prompt : name, isPassword).ConfigureAwait(false);
        }
        catch (JsonException e)
        {
            throw new CellDirectiveException($"{line.Name}: {what} is not JSON: {e.Message}", line.Line);
        }
    }

    private (string Text, string MimeType) Stored(CellDirective line, string name) =>
        _values.TryGetValue(name, out (string Text, string MimeType) stored)
            ? stored
            : throw new CellDirectiveException($"{line.Name}: #!value has stored nothing under the name \"{name}\".", line.Line);

    private static object? Variable(CellDirective line, string name, IEnumerable<ScriptVariable> variables) =>
        variables.FirstOrDefault(variable => variable.Name == name) is { } known
            ? known.Value
            : throw new CellDirectiveException($"{line.Name}: there is no variable \"{name}\".", line.Line);

    private static string Literal(string text) => SymbolDisplay.FormatLiteral(text, quote: true);

    private static string JsonOf(object? value) => value.ToDisplayString(Json);

    private static async Task<string> DownloadAsync(string address, CancellationToken cancellationToken)
    {
        using var client = new HttpClient();
        return await client.GetStringAsync(new Uri(address), cancellationToken).ConfigureAwait(false);
    }
}
