using System.Text;

namespace AttentionLab.Kernel.Commands;

/// <summary>
/// Text from files, names and cells as a terminal may show it: a control character shows itself and does nothing.
/// </summary>
internal static class PlainText
{
    private const char Unknown = '\ufffd';
    private const char PictureOfNull = '\u2400';
    private const char PictureOfDelete = '\u2421';

    /// <summary>The text with ␛ for an escape and so on; line ends and tabs stay.</summary>
    public static string Of(string text)
    {
        if (!text.AsSpan().ContainsAny(Acting))
        {
            return text;
        }

        var plain = new StringBuilder(text.Length);
        for (int i = 0; i < text.Length; i++)
        {
            char c = text[i];
            bool lineEnd = c == '\r' && i + 1 < text.Length && text[i + 1] == '\n';
            plain.Append(
                c is '\n' or '\t' || lineEnd ? c
                : c < ' ' ? (char)(PictureOfNull + c)
                : c == '\x7f' ? PictureOfDelete
                : ActingCharacters.Contains(c) ? Unknown
                : c
            );
        }

        return plain.ToString();
    }

    /// <summary>A name as one line of text, whatever it holds: ␊ for the end of a line.</summary>
    public static string OnOneLine(string name) =>
        Of(name).Replace('\r', '\u240d').Replace('\n', '\u240a').Replace('\t', '\u2409');

    // C0 without tab and line feed, delete, C1, and the marks that turn the direction of text.
    private static readonly string ActingCharacters = string.Concat(
        Enumerable
            .Range(0, 0x20)
            .Where(c => c is not ('\n' or '\t'))
            .Concat(Enumerable.Range(0x7f, 0x21))
            .Concat(Enumerable.Range(0x202a, 5))
            .Concat(Enumerable.Range(0x2066, 4))
            .Select(c => (char)c)
    );

    private static readonly System.Buffers.SearchValues<char> Acting = System.Buffers.SearchValues.Create(ActingCharacters);
}
