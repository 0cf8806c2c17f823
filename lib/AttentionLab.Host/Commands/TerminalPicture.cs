using AttentionLab.Imaging;
using Spectre.Console;
using Spectre.Console.Rendering;

namespace AttentionLab.Host.Commands;

/// <summary>
/// A picture in a terminal: each character is two pixels, its upper half in the letter's colour, its lower half in the ground's.
/// </summary>
internal sealed class TerminalPicture(Image picture) : Renderable
{
    /// <inheritdoc/>
    protected override Measurement Measure(RenderOptions options, int maxWidth) => new(picture.Width, picture.Width);

    /// <inheritdoc/>
    protected override IEnumerable<Segment> Render(RenderOptions options, int maxWidth)
    {
        for (int row = 0; row < picture.Height; row += 2)
        {
            for (int column = 0; column < picture.Width; column++)
            {
                yield return new Segment(
                    "▀",
                    new Style(ColorAt(row, column), ColorAt(Math.Min(row + 1, picture.Height - 1), column))
                );
            }

            yield return Segment.LineBreak;
        }
    }

    private Color ColorAt(int row, int column)
    {
        ReadOnlySpan<byte> pixel = picture.Rgb.AsSpan(3 * ((row * picture.Width) + column), 3);
        return new Color(pixel[0], pixel[1], pixel[2]);
    }
}
