namespace AttentionLab.Kernel.Notebooks;

/// <summary>The beginning of a text that may be long: a message repeats no more of bad input than tells what it is.</summary>
internal static class Excerpt
{
    /// <summary>The text itself, or its first characters and an ellipsis.</summary>
    public static string Of(string text, int length) => text.Length <= length ? text : $"{text[..length]}…";
}
