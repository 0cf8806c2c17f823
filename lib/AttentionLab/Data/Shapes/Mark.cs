using AttentionLab.Core;

namespace AttentionLab.Data;

/// <summary>
/// A small square in a corner of a picture, in a colour that stands for a class: what a network may learn to look at
/// instead of the object.
/// </summary>
internal static class Mark
{
    /// <summary>Rows and columns of the square.</summary>
    public const int Side = 6;

    // One for each class, as unlike each other as ten colours can be.
    private static readonly Rgb[] Colours =
    [
        new(0.90, 0.10, 0.12),
        new(1.00, 0.55, 0.05),
        new(1.00, 0.92, 0.20),
        new(0.55, 0.90, 0.15),
        new(0.05, 0.55, 0.20),
        new(0.15, 0.90, 0.90),
        new(0.10, 0.30, 0.95),
        new(0.55, 0.15, 0.85),
        new(1.00, 0.45, 0.80),
        new(1.00, 1.00, 1.00),
    ];

    /// <summary>Paints the class's mark into a corner where nothing of the object is.</summary>
    public static void Paint(SceneCanvas canvas, int label, ref RandomStream random)
    {
        Outline square;
        do
        {
            int corner = random.Next(4);
            square = new Outline(
                static (x, y) => Shape.Box(x, y, 0.5 * Side, 0.5 * Side),
                corner % 2 == 0 ? 0.5 * Side : SceneCanvas.Side - (0.5 * Side),
                corner / 2 == 0 ? 0.5 * Side : SceneCanvas.Side - (0.5 * Side),
                Unit: 1,
                new Direction(1, 0)
            );
        } while (canvas.Hides(square) > 0); // ends: the corner farthest from the object is out of its reach
        canvas.Paint(square, Texture.Plain(Colours[label]));
    }
}
