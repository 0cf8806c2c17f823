using System.Globalization;
using AttentionLab.Core;
using AttentionLab.Imaging;
using SkiaSharp;

namespace AttentionLab.Figures;

/// <summary>
/// What squeeze-and-excitation blocks let through: a matrix for each block, a row for each class, a column for each channel, one
/// colour scale for all. Rows that look alike mean that a block treats all classes alike.
/// </summary>
public sealed class ChannelWeightMatrix : Figure
{
    private const float Margin = 12,
        RowHeight = 18,
        TextSize = 12,
        TitleSize = 16,
        MatrixWidth = 640,
        BlockGap = 14,
        BarGap = 14,
        BarWidth = 14,
        BarHeight = 200;
    private static readonly SKColor Ink = new(0x22, 0x22, 0x22),
        Faint = new(0x55, 0x55, 0x55);

    private readonly Heatmap[] _matrices;

    /// <summary>Makes the figure.</summary>
    /// <param name="rows">The rows' names, from the top: the classes.</param>
    /// <param name="blocks">From the top; each with one row of weights for each name.</param>
    /// <exception cref="ArgumentException">The list of rows, blocks or channels is empty, a block has another number of rows, or
    /// a weight is not finite.</exception>
    public ChannelWeightMatrix(IReadOnlyList<string> rows, params IReadOnlyList<WeightBlock> blocks)
    {
        ArgumentNullException.ThrowIfNull(rows);
        ArgumentNullException.ThrowIfNull(blocks);
        if (blocks.Count == 0)
        {
            throw new ArgumentException("The list of blocks is empty: give the weights of at least one.", nameof(blocks));
        }

        foreach (WeightBlock block in blocks)
        {
            if (block.Values.GetLength(0) != rows.Count)
            {
                throw new ArgumentException(
                    $"Block {block.Name} has {block.Values.GetLength(0)} rows of weights for {rows.Count} names: it needs one "
                        + "for each.",
                    nameof(blocks)
                );
            }
        }

        Rows = [.. rows];
        Blocks = [.. blocks];
        _matrices = [.. blocks.Select(block => new Heatmap(block.Values))];
    }

    /// <summary>The rows' names.</summary>
    public IReadOnlyList<string> Rows { get; }

    /// <summary>The blocks, from the top.</summary>
    public IReadOnlyList<WeightBlock> Blocks { get; }

    /// <summary>Above all blocks.</summary>
    public string Title
    {
        get => Label(field);
        init;
    } = "";

    /// <summary>The colours.</summary>
    public ColorMap ColorMap { get; init; } = ColorMap.Viridis;

    /// <summary>
    /// The values of the first and the last colour, for all blocks; null: the least and the largest weight of all.
    /// </summary>
    public ValueRange? Range { get; init; }

    /// <inheritdoc/>
    public override string AltText =>
        FigureText.WeightsAlt.In(
            Culture,
            FigureText.Then.Join(
                Culture,
                Blocks.Zip(
                    _matrices,
                    (block, matrix) =>
                    {
                        (double low, double high) = matrix.Range;
                        return FigureText.WeightsBlockAlt.In(
                            Culture,
                            block.Name,
                            FigureText.Number(low),
                            FigureText.Number(high),
                            matrix.Height,
                            matrix.Width
                        );
                    }
                )
            )
        );

    private protected override Drawing Compose()
    {
        ValueRange range = Range ?? ValueRange.Of(_matrices);
        ColorBar bar = MapScale.Common.Bar(ColorMap, range, Culture);
        float line = TextBlock.HeightOfLine(TextSize),
            matrixHeight = RowHeight * Rows.Count;
        TextBlock[] names = [.. Rows.Select(name => new TextBlock(name, TextSize, 140, 1))];
        float left = Margin + names.Max(name => name.Width) + 8;
        float right =
            left
            + MatrixWidth
            + BarGap
            + BarWidth
            + 6
            + new[] { bar.Low, bar.Middle, bar.High }.Max(text => TextBlock.Measure(text, TextSize));
        TextBlock? title = Title.Length == 0 ? null : new TextBlock(Title, TitleSize, right - Margin, 2);
        float top = Margin + (title is null ? 0 : title.Height + 6);
        float blockHeight = line + matrixHeight + 4 + line + BlockGap;
        float width = MathF.Ceiling(right + Margin),
            height = MathF.Ceiling(top + (Blocks.Count * blockHeight) + line + Margin - BlockGap);
        return new Drawing(
            width,
            height,
            canvas =>
            {
                title?.Draw(canvas, width / 2, Margin, Ink);
                for (int b = 0; b < Blocks.Count; b++)
                {
                    WeightBlock block = Blocks[b];
                    float y = top + (b * blockHeight);
                    int channels = _matrices[b].Width,
                        step = Step(channels);
                    new TextBlock(FigureText.BlockTitle.In(Culture, block.Name, channels), TextSize, MatrixWidth, 1).Draw(
                        canvas,
                        left,
                        y,
                        Ink,
                        SKTextAlign.Left
                    );
                    y += line;
                    Image colors = _matrices[b].ToImage(ColorMap, range);
                    using SKImage image = PngFile.ImageOf(colors);
                    canvas.DrawImage(
                        image,
                        new SKRect(left, y, left + MatrixWidth, y + matrixHeight),
                        new SKSamplingOptions(SKFilterMode.Nearest)
                    );
                    for (int r = 0; r < Rows.Count; r++)
                    {
                        names[r]
                            .Draw(
                                canvas,
                                left - 8,
                                y + (r * RowHeight) + ((RowHeight - names[r].LineHeight) / 2),
                                Ink,
                                SKTextAlign.Right
                            );
                    }

                    for (int c = 0; c < channels; c += step)
                    {
                        new TextBlock(c.ToString(CultureInfo.InvariantCulture), TextSize, MatrixWidth, 1).Draw(
                            canvas,
                            left + ((c + 0.5f) * MatrixWidth / channels),
                            y + matrixHeight + 3,
                            Faint
                        );
                    }
                }

                new TextBlock(FigureText.ChannelNumber.In(Culture), TextSize, MatrixWidth, 1).Draw(
                    canvas,
                    left + (MatrixWidth / 2),
                    height - Margin - line,
                    Faint
                );
                TileGrid.DrawBar(canvas, bar, left + MatrixWidth + BarGap, top + line, Math.Min(BarHeight, matrixHeight));
            }
        );
    }

    /// <summary>Numbers at most 20 under a matrix, at distances of a power of two, as channels come.</summary>
    private static int Step(int channels)
    {
        int step = 1;
        while (20 * step < channels)
        {
            step *= 2;
        }

        return step;
    }
}
