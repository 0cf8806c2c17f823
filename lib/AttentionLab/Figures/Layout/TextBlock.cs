using SkiaSharp;

namespace AttentionLab.Figures;

/// <summary>Text in lines no wider than allowed; what does not fit into the lines allowed ends in "...".</summary>
internal sealed class TextBlock
{
    private const string NeverFirst = "，。、：；？！）》」』】〕”’…,.:;?!)]}%％";
    private readonly List<(List<(string Text, SKTypeface Typeface)> Runs, float Width)> _lines = [];
    private readonly float _size;

    public TextBlock(string text, float size, float maxWidth, int maxLines = int.MaxValue)
    {
        _size = size;
        List<string> lines =
        [
            .. text.ReplaceLineEndings("\n").Split('\n').SelectMany(paragraph => Wrap(paragraph, size, maxWidth)),
        ];
        for (int i = 0; i < Math.Min(lines.Count, maxLines); i++)
        {
            string line = i == maxLines - 1 && lines.Count > maxLines ? Shorten(lines[i], size, maxWidth) : lines[i];
            _lines.Add(([.. FigureFont.Runs(line)], Measure(line, size)));
        }
    }

    public float Width => _lines.Count == 0 ? 0 : _lines.Max(l => l.Width);

    public float LineHeight => HeightOfLine(_size);

    public float Height => _lines.Count * LineHeight;

    public int Lines => _lines.Count;

    public static float HeightOfLine(float size) => MathF.Ceiling(size * 1.35f);

    /// <summary>Draws with the top at y, and x the left edge, the middle or the right edge.</summary>
    public void Draw(SKCanvas canvas, float x, float y, SKColor color, SKTextAlign align = SKTextAlign.Center)
    {
        using var paint = new SKPaint { Color = color, IsAntialias = true };
        float baseline = y + (LineHeight / 2) + (_size * 0.36f);
        foreach ((List<(string Text, SKTypeface Typeface)> runs, float width) in _lines)
        {
            float left = align switch
            {
                SKTextAlign.Left => x,
                SKTextAlign.Center => x - (width / 2),
                _ => x - width,
            };
            foreach ((string text, SKTypeface typeface) in runs)
            {
                using SKFont font = FigureFont.Sized(_size, typeface);
                canvas.DrawText(text, left, baseline, SKTextAlign.Left, font, paint);
                left += font.MeasureText(text);
            }

            baseline += LineHeight;
        }
    }

    public static float Measure(string text, float size)
    {
        float width = 0;
        foreach ((string run, SKTypeface typeface) in FigureFont.Runs(text))
        {
            using SKFont font = FigureFont.Sized(size, typeface);
            width += font.MeasureText(run);
        }

        return width;
    }

    private static IEnumerable<string> Wrap(string paragraph, float size, float maxWidth)
    {
        if (Measure(paragraph, size) <= maxWidth)
        {
            yield return paragraph;
            yield break;
        }

        string line = "";
        foreach (string part in Parts(paragraph))
        {
            string rest = part;
            if (line.Length > 0 && Measure((line + part).TrimEnd(), size) > maxWidth)
            {
                yield return line.TrimEnd();
                line = "";
                rest = part.TrimStart();
            }

            // A word wider than the line is cut.
            while (Measure(rest.TrimEnd(), size) > maxWidth && rest.Length > 1)
            {
                int fit = Math.Max(1, FitLength(rest, size, maxWidth));
                yield return rest[..fit];
                rest = rest[fit..];
            }

            line += rest;
        }

        if (line.Length > 0)
        {
            yield return line.TrimEnd();
        }
    }

    /// <summary>Pieces between which a line may break: words with the space behind them, and single Chinese characters.</summary>
    private static IEnumerable<string> Parts(string text)
    {
        int start = 0;
        for (int i = 1; i < text.Length; i++)
        {
            bool chinese = text[i] >= 0x2E80 || text[i - 1] >= 0x2E80;
            bool pair = char.IsLowSurrogate(text[i]);
            if (!pair && !NeverFirst.Contains(text[i]) && text[i] != ' ' && (text[i - 1] is ' ' or '_' or '-' or '/' || chinese))
            {
                yield return text[start..i];
                start = i;
            }
        }

        yield return text[start..];
    }

    private static int FitLength(string text, float size, float maxWidth)
    {
        int length = text.Length;
        while (length > 0 && (Measure(text[..length], size) > maxWidth || char.IsHighSurrogate(text[length - 1])))
        {
            length--;
        }

        return length;
    }

    private static string Shorten(string line, float size, float maxWidth) =>
        line[..FitLength(line, size, maxWidth - Measure("...", size))].TrimEnd() + "...";
}
