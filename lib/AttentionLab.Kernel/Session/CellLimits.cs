using System.Globalization;

namespace AttentionLab.Kernel.Session;

/// <summary>What a cell must not exceed: the compiler would take minutes or gigabytes over it before it said no.</summary>
internal static class CellLimits
{
    /// <summary>Characters of a cell.</summary>
    public const int Characters = 2_000_000;

    /// <summary>Brackets inside brackets. What the compiler does with them grows with the second power and more.</summary>
    public const int Depth = 500;

    /// <summary>Why a text is not compiled; null when it can be.</summary>
    public static string? Problem(string code)
    {
        if (code.Length > Characters)
        {
            return string.Create(
                CultureInfo.InvariantCulture,
                $"The cell has {code.Length:N0} characters; the compiler takes {Characters:N0}. Put data into a file and read it."
            );
        }

        int depth = 0,
            less = 0;
        for (int i = 0; i < code.Length; i++)
        {
            switch (code[i])
            {
                case '"' or '\'' or '/':
                    i = EndOfText(code, i);
                    break;
                case '(' or '[' or '{':
                    depth++;
                    less = 0;
                    break;
                case ')' or ']' or '}':
                    depth = Math.Max(0, depth - 1);
                    less = 0;
                    break;
                case ';' or ',':
                    less = 0;
                    break;
                case '<' when i + 1 < code.Length && code[i + 1] is '<' or '=':
                    i++; // a shift or a comparison
                    break;
                case '<': // of a type's arguments, perhaps
                    less++;
                    break;
            }

            if (depth > Depth || less > Depth)
            {
                int line = code.AsSpan(0, i).Count('\n') + 1;
                return $"Line {line}: more than {Depth} brackets stand inside each other. Split the expression.";
            }
        }

        return null;
    }

    // The last character of a string, a character or a comment that starts here; an interpolated string is read like code, for it
    // holds some.
    private static int EndOfText(string code, int start)
    {
        if (code[start] == '/')
        {
            int end =
                start + 1 == code.Length ? start
                : code[start + 1] == '/' ? code.IndexOf('\n', start)
                : code[start + 1] == '*' ? code.IndexOf("*/", start + 2, StringComparison.Ordinal) + 1
                : start;
            return end < start ? code.Length : end;
        }

        char before = start > 0 ? code[start - 1] : ' ';
        if (before == '$' || (before == '@' && start > 1 && code[start - 2] == '$'))
        {
            return start;
        }

        char quote = code[start];
        int quotes = 0;
        while (start + quotes < code.Length && code[start + quotes] == quote)
        {
            quotes++;
        }

        if (quote == '"' && quotes >= 3)
        {
            int end = code.IndexOf(new string(quote, quotes), start + quotes, StringComparison.Ordinal);
            return end < 0 ? code.Length : end + quotes - 1;
        }

        bool verbatim = before == '@';
        for (int i = start + 1; i < code.Length; i++)
        {
            if (code[i] == '\\' && !verbatim)
            {
                i++;
            }
            else if (code[i] == quote)
            {
                if (!verbatim || i + 1 == code.Length || code[i + 1] != quote)
                {
                    return i;
                }

                i++;
            }
            else if (code[i] == '\n' && !verbatim)
            {
                return i; // it lacks its end
            }
        }

        return code.Length;
    }
}
