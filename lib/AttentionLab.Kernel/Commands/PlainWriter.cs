using System.Globalization;
using System.Text;

namespace AttentionLab.Kernel.Commands;

/// <summary>
/// Writes text to a terminal and nothing that a terminal obeys: file names, class names and messages may hold escape sequences. Control characters
/// other than line breaks and tabs, and marks that change the direction of writing, become <c>\u001B</c> and the like.
/// </summary>
/// <param name="inner">Gets the text.</param>
/// <param name="shorten">Makes a line shorter before, if need be.</param>
internal sealed class PlainWriter(TextWriter inner, Func<string, string>? shorten = null)
    : TextWriter(CultureInfo.InvariantCulture)
{
    /// <summary>What writes as it is, for those that move a cursor themselves.</summary>
    public TextWriter Inner => inner;

    /// <inheritdoc/>
    public override Encoding Encoding => inner.Encoding;

    /// <summary>Text in which nothing is left that a terminal obeys.</summary>
    public static string Plain(string text)
    {
        if (!text.AsSpan().ContainsAnyExceptInRange(' ', '~') || !text.Any(IsObeyed))
        {
            return text;
        }

        var plain = new StringBuilder();
        foreach (char c in text)
        {
            plain.Append(IsObeyed(c) ? string.Create(CultureInfo.InvariantCulture, $"\\u{(int)c:X4}") : c);
        }

        return plain.ToString();
    }

    /// <inheritdoc/>
    public override void Write(char value) => inner.Write(Plain(value.ToString()));

    /// <inheritdoc/>
    public override void Write(string? value) => inner.Write(Plain(value ?? ""));

    /// <inheritdoc/>
    public override void Write(char[] buffer, int index, int count) => Write(new string(buffer, index, count));

    /// <inheritdoc/>
    public override void Write(ReadOnlySpan<char> buffer) => Write(buffer.ToString());

    /// <inheritdoc/>
    public override void WriteLine(string? value) => inner.WriteLine(Line(value));

    /// <inheritdoc/>
    public override Task WriteAsync(string? value) => inner.WriteAsync(Plain(value ?? ""));

    /// <inheritdoc/>
    public override Task WriteLineAsync(string? value) => inner.WriteLineAsync(Line(value));

    /// <inheritdoc/>
    public override void Flush() => inner.Flush();

    private string Line(string? value) => Plain(shorten is null ? value ?? "" : shorten(value ?? ""));

    private static bool IsObeyed(char c) =>
        (char.IsControl(c) && c is not ('\n' or '\r' or '\t'))
        || c is '\u061C' or '\u200E' or '\u200F' or (>= '\u2028' and <= '\u202E') or (>= '\u2066' and <= '\u2069');
}
