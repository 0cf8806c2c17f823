using System.Text.RegularExpressions;

namespace AttentionLab.Kernel.Html;

/// <summary>
/// How deep HTML is nested: parsers build any depth, and whoever walks the result by recursion runs out of stack.
/// </summary>
internal static partial class HtmlDepth
{
    private const int Limit = 256;

    /// <summary>
    /// Whether the elements nest less than 256 deep, counted from tags alone; what is never closed counts as open.
    /// </summary>
    public static bool IsReasonable(string html)
    {
        int depth = 0;
        foreach (ValueMatch tag in Tag().EnumerateMatches(html))
        {
            ReadOnlySpan<char> text = html.AsSpan(tag.Index, tag.Length);
            depth = text[1] == '/' ? Math.Max(0, depth - 1) : depth + 1;
            if (depth > Limit)
            {
                return false;
            }
        }

        return true;
    }

    // Without elements that have no end tag, or whose end tag is usually left out.
    [GeneratedRegex(
        @"</?(?!(?:area|base|br|col|embed|hr|img|input|link|meta|source|track|wbr|p|li|dt|dd|option|tr|td|th|thead|tbody|tfoot|rt|rp|colgroup)\b)[a-z][a-z0-9-]*",
        RegexOptions.IgnoreCase | RegexOptions.CultureInvariant
    )]
    private static partial Regex Tag();
}
