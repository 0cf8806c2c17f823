using SkiaSharp;

namespace AttentionLab.Figures;

/// <summary>
/// A network as a row of boxes, from the picture on the left to the answer on the right. A box is as high as its layer's output
/// has rows, and as thick as it has channels, on a logarithmic scale; a vector is a bar.
/// </summary>
public sealed class NetworkDiagram : Figure
{
    private const float Margin = 14,
        Tallest = 110,
        Smallest = 10,
        Oblique = 0.3f,
        ArrowLength = 18,
        Arc = 26,
        NameSize = 13,
        TextSize = 11,
        TitleSize = 16;
    private static readonly SKColor Ink = new(0x22, 0x22, 0x22),
        Faint = new(0x55, 0x55, 0x55);

    /// <summary>Makes the diagram.</summary>
    /// <param name="layers">From the input to the output.</param>
    /// <exception cref="ArgumentException">The list of layers is empty, or one has a shape that is neither C×H×W nor one number,
    /// or a side that is not positive.</exception>
    public NetworkDiagram(params IReadOnlyList<DiagramLayer> layers)
    {
        ArgumentNullException.ThrowIfNull(layers);
        if (layers.Count == 0)
        {
            throw new ArgumentException("A network has at least one layer.", nameof(layers));
        }

        foreach (DiagramLayer layer in layers)
        {
            if (layer.Shape.Count is not (1 or 3) || layer.Shape.Any(side => side <= 0))
            {
                throw new ArgumentException(
                    $"'{layer.Name}' has the shape {Text(layer)}: give channels, rows and columns, or one number, without the "
                        + "batch.",
                    nameof(layers)
                );
            }
        }

        Layers = [.. layers];
    }

    /// <summary>The boxes, from the left.</summary>
    public IReadOnlyList<DiagramLayer> Layers { get; }

    /// <summary>Above the boxes.</summary>
    public string Title
    {
        get => Label(field);
        init;
    } = "";

    /// <summary>Arrows past boxes: residual connections, or the way around a squeeze-and-excitation module.</summary>
    /// <exception cref="ArgumentException">An arrow does not lead from a box to a later one.</exception>
    public IReadOnlyList<DiagramBypass> Bypasses
    {
        get;
        init =>
            field = value.FirstOrDefault(arrow => arrow.From < 0 || arrow.To <= arrow.From || arrow.To >= Layers.Count)
                is { } wrong
                ? throw new ArgumentException(
                    $"There is no arrow from box {wrong.From} to box {wrong.To}: it leads to a later one of {Layers.Count}.",
                    nameof(value)
                )
                : value;
    } = [];

    /// <inheritdoc/>
    public override string AltText =>
        FigureText.NetworkAlt.In(
            Culture,
            Layers.Count,
            FigureText.And.Join(Culture, Layers.Select(layer => $"{Label(layer.Name)} {Text(layer)}"))
        );

    private DiagramLayer Labelled(DiagramLayer layer) => layer with { Name = Label(layer.Name), Kind = Label(layer.Kind) };

    private protected override Drawing Compose()
    {
        long tallest = Layers.Where(IsVolume).Select(layer => layer.Shape[1]).DefaultIfEmpty(1).Max();
        Box[] boxes = [.. Layers.Select(layer => Box.Of(Labelled(layer), tallest, ColorOf(layer)))];
        float[] lefts = new float[boxes.Length];
        float x = Margin;
        for (int i = 0; i < boxes.Length; i++)
        {
            lefts[i] = x;
            x += boxes[i].Column + ArrowLength;
        }

        float width = MathF.Ceiling(x - ArrowLength + Margin),
            highest = boxes.Max(box => box.Height + box.Depth);
        TextBlock? title = Title.Length == 0 ? null : new TextBlock(Title, TitleSize, width - (2 * Margin), 2);
        float top = Margin + (title is null ? 0 : title.Height + 8) + (Bypasses.Count > 0 ? Arc + 20 : 0),
            below = boxes.Max(box => box.Name.Height + box.Kind.Height + box.Shape.Height);
        float middle = top + (highest / 2);
        return new Drawing(
            width,
            MathF.Ceiling(top + highest + 8 + below + Margin),
            canvas =>
            {
                title?.Draw(canvas, width / 2, Margin, Ink);
                for (int i = 0; i < boxes.Length; i++)
                {
                    boxes[i].Draw(canvas, lefts[i], middle, top + highest + 8);
                    if (i > 0)
                    {
                        float start = lefts[i - 1] + boxes[i - 1].RightEdge;
                        DrawArrow(canvas, [new(start + 4, middle), new(lefts[i] + boxes[i].LeftEdge - 3, middle)]);
                    }
                }

                foreach (DiagramBypass arrow in Bypasses)
                {
                    float from = lefts[arrow.From] + (boxes[arrow.From].Column / 2),
                        to = lefts[arrow.To] + (boxes[arrow.To].Column / 2),
                        crest = top - Arc;
                    DrawArrow(
                        canvas,
                        [
                            new(from, middle - boxes[arrow.From].HalfHeight - 3),
                            new(from, crest),
                            new(to, crest),
                            new(to, middle - boxes[arrow.To].HalfHeight - 3),
                        ]
                    );
                    new TextBlock(Label(arrow.Label), NameSize, width, 1).Draw(canvas, (from + to) / 2, crest - 20, Ink);
                }
            }
        );
    }

    private static bool IsVolume(DiagramLayer layer) => layer.Shape.Count == 3;

    private static string Text(DiagramLayer layer) => string.Join('×', layer.Shape);

    /// <summary>The colours of the charts, in the order in which kinds appear.</summary>
    private SKColor ColorOf(DiagramLayer layer)
    {
        int kind = Layers.Select(each => each.Kind).Distinct().ToList().IndexOf(layer.Kind);
        System.Drawing.Color color = ChartColors.Palette[kind % ChartColors.Palette.Count];
        return new SKColor(color.R, color.G, color.B);
    }

    private static void DrawArrow(SKCanvas canvas, SKPoint[] points)
    {
        using var line = new SKPaint
        {
            Color = Faint,
            Style = SKPaintStyle.Stroke,
            StrokeWidth = 1.5f,
            IsAntialias = true,
        };
        for (int i = 1; i < points.Length; i++)
        {
            canvas.DrawLine(points[i - 1], points[i], line);
        }

        SKPoint tip = points[^1],
            direction = tip - points[^2];
        float length = direction.Length;
        SKPoint along = new(direction.X / length * 5, direction.Y / length * 5),
            across = new(-along.Y * 0.6f, along.X * 0.6f);
        using var head = new SKPath();
        head.AddPoly([tip, tip - along + across, tip - along - across]);
        using var fill = new SKPaint { Color = Faint, IsAntialias = true };
        canvas.DrawPath(head, fill);
    }

    /// <summary>A layer's output drawn as a block: thickness to the right, rows down, columns into the page.</summary>
    private sealed record Box(
        float Thickness,
        float Height,
        float Depth,
        SKColor Color,
        TextBlock Name,
        TextBlock Kind,
        TextBlock Shape
    )
    {
        public float Column => MathF.Max(Thickness + Depth, new[] { Name.Width, Kind.Width, Shape.Width }.Max());

        public float LeftEdge => (Column - Thickness - Depth) / 2;

        public float RightEdge => (Column + Thickness + Depth) / 2;

        public float HalfHeight => (Height + Depth) / 2;

        public static Box Of(DiagramLayer layer, long tallest, SKColor color)
        {
            bool volume = IsVolume(layer);
            float size = volume
                ? MathF.Max(Smallest, Tallest * layer.Shape[1] / tallest)
                : MathF.Max(Smallest, Logarithm(layer.Shape[0]) * 11);
            return new Box(
                volume ? MathF.Max(4, Logarithm(layer.Shape[0]) * 6) : 9,
                size,
                volume ? size * Oblique : 0,
                color,
                new TextBlock(layer.Name, NameSize, 120, 1),
                new TextBlock(layer.Kind, TextSize, 84, 2),
                new TextBlock(Text(layer), TextSize, 120, 1)
            );

            static float Logarithm(long count) => MathF.Log2(count + 1);
        }

        public void Draw(SKCanvas canvas, float left, float middle, float textTop)
        {
            float x = left + LeftEdge,
                y = middle - HalfHeight + Depth;
            Face(canvas, Tint(0.55f), [new(x, y), new(x + Thickness, y), new(x + Thickness, y + Height), new(x, y + Height)]);
            if (Depth > 0)
            {
                SKPoint back = new(Depth, -Depth);
                SKPoint corner = new(x + Thickness, y);
                Face(canvas, Tint(0.75f), [new(x, y), corner, corner + back, new SKPoint(x, y) + back]);
                SKPoint foot = new(x + Thickness, y + Height);
                Face(canvas, Tint(0.35f), [corner, corner + back, foot + back, foot]);
            }

            float centre = left + (Column / 2);
            Name.Draw(canvas, centre, textTop, Ink);
            Shape.Draw(canvas, centre, textTop + Name.Height, Ink);
            Kind.Draw(canvas, centre, textTop + Name.Height + Shape.Height, Faint);
        }

        private SKColor Tint(float white) => new(Mix(Color.Red, white), Mix(Color.Green, white), Mix(Color.Blue, white));

        private static byte Mix(byte value, float white) => (byte)MathF.Round(value + ((255 - value) * white));

        private static void Face(SKCanvas canvas, SKColor color, SKPoint[] corners)
        {
            using var path = new SKPath();
            path.AddPoly(corners);
            using var fill = new SKPaint { Color = color, IsAntialias = true };
            canvas.DrawPath(path, fill);
            using var edge = new SKPaint
            {
                Color = Faint,
                Style = SKPaintStyle.Stroke,
                StrokeWidth = 0.8f,
                IsAntialias = true,
            };
            canvas.DrawPath(path, edge);
        }
    }
}
