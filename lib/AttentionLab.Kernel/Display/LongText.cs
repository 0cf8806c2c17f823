using System.Globalization;

namespace AttentionLab.Kernel.Display;

/// <summary>Text of values that is too long for a page or an editor.</summary>
internal static class LongText
{
    /// <summary>Characters of a value's text that are shown.</summary>
    public const int Most = 1_000_000;

    /// <summary>Characters of HTML that a value is shown in, pictures included; what has more is shown as text.</summary>
    public const int MostHtml = 8_000_000;

    /// <summary>The beginning of a long text, and how much is left out.</summary>
    public static string Cut(string? text)
    {
        if (text is not { Length: > Most })
        {
            return text ?? ""; // an exception's message may be null
        }

        int end = char.IsHighSurrogate(text[Most - 1]) ? Most - 1 : Most;
        return string.Create(
            CultureInfo.InvariantCulture,
            $"{text.AsSpan(0, end)}\n… {text.Length - end:N0} more characters are left out here; File.WriteAllText writes all of a text.\n"
        );
    }
}
