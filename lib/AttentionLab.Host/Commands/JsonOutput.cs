using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace AttentionLab.Host.Commands;

/// <summary>What <c>--json</c> puts on the output: one document.</summary>
internal static class JsonOutput
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
        output.WriteLineAsync(JsonSerializer.Serialize(document, Options));
}
