using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.RegularExpressions;

namespace AttentionLab.Host.Commands;

/// <summary>What <c>--json</c> puts on the output: one document.</summary>
internal static partial class JsonOutput
{
    private static readonly JsonSerializerOptions Options = new()
    {
        WriteIndented = true,
        NewLine = "\n",
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, // names of pictures in any language; no browser reads this
    };

    public static Task WriteAsync(TextWriter output, object document) =>
        output.WriteLineAsync(
            Acting().Replace(JsonSerializer.Serialize(document, Options), match => $"\\u{(int)match.Value[0]:x4}")
        );

    // Escaped, a name stays what it is: in the open, the output would show these characters as others (PlainText).
    [GeneratedRegex(@"[\x7f-\x9f\u202a-\u202e\u2066-\u2069]")]
    private static partial Regex Acting();
}
