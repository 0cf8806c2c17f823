namespace AttentionLab.Host.Exploring;

/// <summary>Text as it stands in C# code.</summary>
internal static class CSharpLiteral
{
    /// <summary>A string in which backslashes are what they are.</summary>
    public static string Of(string text) => $"@\"{text.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";
}
