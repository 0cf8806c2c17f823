using System.CommandLine.Parsing;

namespace AttentionLab.Kernel.Commands;

/// <summary>What a reader typed, in messages: the beginning is enough to find it.</summary>
internal static class TypedText
{
    private const int Longest = 100;

    /// <summary>Its first 100 characters.</summary>
    public static string Short(string text) => text.Length > Longest ? $"{text[..Longest]}…" : text;

    /// <summary>A message that may repeat what was typed, made short in the same way.</summary>
    public static string ShortIn(string message, IEnumerable<Token> typed) =>
        typed
            .Select(token => token.Value)
            .Where(text => text.Length > Longest)
            .OrderByDescending(text => text.Length)
            .Aggregate(message, (shorter, text) => shorter.Replace(text, Short(text), StringComparison.Ordinal));
}
