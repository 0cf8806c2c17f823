using System.Globalization;
using System.Net;
using System.Security.Cryptography;
using System.Text;

namespace AttentionLab.Figures;

/// <summary>
/// Frames to step through, as a piece of HTML without a script: a row of radio buttons, which the arrow keys move along like a
/// slider, and below it the frame of the one that is chosen.
/// </summary>
internal static class FrameSteps
{
    /// <summary>The last frame is chosen at first. Where a reader's program takes styles away, all frames show, one below the
    /// other.</summary>
    /// <param name="frames">PNG files of one size, each with its number and what it is called in words.</param>
    /// <param name="name">What the whole is, in a sentence.</param>
    /// <param name="width">Of a frame, in CSS pixels.</param>
    public static string ToHtml(IReadOnlyList<(byte[] Png, string Number, string Name)> frames, string name, int width)
    {
        string id = IdOf(frames.Select(frame => frame.Png));
        var html = new StringBuilder();
        html.Append(
            CultureInfo.InvariantCulture,
            $"""
            <div class="{id}" role="group" aria-label="{WebUtility.HtmlEncode(name)}">
            <style>
            .{id} label {"{ margin: 0 .7em 0 .1em }"} .{id} img {"{ display: none; max-width: 100%; height: auto }"}
            {string.Join('\n', Enumerable.Range(1, frames.Count).Select(n => Shows(id, n)))}
            </style>

            """
        );
        for (int i = 0; i < frames.Count; i++)
        {
            string chosen = i == frames.Count - 1 ? " checked" : "";
            html.Append(
                CultureInfo.InvariantCulture,
                $"<input type=\"radio\" name=\"{id}\" id=\"{id}-{i}\"{chosen} aria-label=\"{WebUtility.HtmlEncode(frames[i].Name)}\">"
                    + $"<label for=\"{id}-{i}\">{WebUtility.HtmlEncode(frames[i].Number)}</label>\n"
            );
        }

        html.Append("<div>\n");
        foreach ((byte[] png, _, string called) in frames)
        {
            html.Append(
                CultureInfo.InvariantCulture,
                $"<img src=\"data:image/png;base64,{Convert.ToBase64String(png)}\" width=\"{width}\" "
                    + $"alt=\"{WebUtility.HtmlEncode(called)}\">\n"
            );
        }

        return html.Append("</div>\n</div>\n").ToString();
    }

    private static string Shows(string id, int n) =>
        $".{id} input:nth-of-type({n}):checked ~ div img:nth-of-type({n}) {{ display: block }}";

    /// <summary>The same for the same frames, so that a page made again is the same file.</summary>
    private static string IdOf(IEnumerable<byte[]> files)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (byte[] file in files)
        {
            hash.AppendData(file);
        }

        return $"steps-{Convert.ToHexStringLower(hash.GetHashAndReset().AsSpan(0, 4))}";
    }
}
