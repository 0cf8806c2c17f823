using System.Globalization;
using AttentionLab.Kernel.Commands;

namespace AttentionLab.Host.Commands;

/// <summary>Numbers of pictures as one types them: <c>0-7</c>, <c>0,3,5-9</c>.</summary>
internal static class IndexRanges
{
    /// <summary>The numbers, in the order given.</summary>
    /// <param name="text">Numbers and ranges, both ends included, with commas or spaces between them.</param>
    /// <param name="set">What the numbers are of, in messages.</param>
    /// <param name="count">How many there are.</param>
    /// <exception cref="UsageException">A part is neither a number nor a range, or names a picture that does not
    /// exist.</exception>
    public static int[] Parse(string text, string set, int count)
    {
        var indices = new List<int>();
        foreach (string part in text.Split([',', ' '], StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
        {
            string[] ends = part.Split('-');
            int last = 0;
            if (ends.Length > 2 || !IsIndex(ends[0], out int first) || !IsIndex(ends[^1], out last) || last < first)
            {
                throw new UsageException($"--indices: \"{TypedText.Short(part)}\" is neither a number nor a range such as 0-7.");
            }

            indices.AddRange(
                last < count
                    ? Enumerable.Range(first, last - first + 1)
                    : throw new UsageException($"--indices: {set} has pictures 0 to {count - 1}; there is no {last}.")
            );
        }

        return indices.Count > 0 ? [.. indices] : throw new UsageException("--indices: name a picture, such as 0-7 or 0,3,5-9.");
    }

    private static bool IsIndex(string text, out int index) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out index);
}
