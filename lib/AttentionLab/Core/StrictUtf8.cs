using System.Text;

namespace AttentionLab.Core;

/// <summary>
/// Text in files of weights. Half a surrogate pair, and bytes that are not text, would silently become other names.
/// </summary>
internal static class StrictUtf8
{
    private static readonly UTF8Encoding Encoding = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <exception cref="ArgumentException">The text is not valid Unicode.</exception>
    public static byte[] GetBytes(string text)
    {
        try
        {
            return Encoding.GetBytes(text);
        }
        catch (EncoderFallbackException e)
        {
            throw new ArgumentException(
                $"A name or text is not valid Unicode (at character {e.Index}) and cannot be written as UTF-8.",
                nameof(text),
                e
            );
        }
    }

    /// <exception cref="FormatException">The bytes are not UTF-8.</exception>
    public static string GetString(byte[] bytes)
    {
        try
        {
            return Encoding.GetString(bytes);
        }
        catch (DecoderFallbackException e)
        {
            throw new FormatException("it holds a text that is not UTF-8", e);
        }
    }
}
