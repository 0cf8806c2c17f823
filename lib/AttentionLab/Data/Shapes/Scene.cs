using AttentionLab.Core;

namespace AttentionLab.Data;

/// <summary>
/// Composes a picture: a quiet ground, perhaps of two parts, confetti on it, one bright object somewhere, and perhaps
/// a band or a sheet in front. Hues are drawn freely for each thing, so that no colour tells the class.
/// </summary>
internal static class Scene
{
    // Pixels to a unit of an object's shape. The largest objects leave the corner farthest from them free: Mark relies on it.
    private const double SmallestObject = 8,
        LargestObject = 12;

    // OKLab lightness. Everything but the object is at most as light as Dimmest, so that its brightness identifies the object.
    private const double Darkest = 0.4,
        Dimmest = 0.64,
        ObjectDimmest = 0.8,
        Brightest = 0.97;

    // Objects lean by up to 32° to either side: the cosine of that.
    private const double LeastUpright = 0.85;

    private const double HideLeast = 0.05,
        HideMost = 0.25;

    /// <summary>Paints a picture that shows the shape.</summary>
    public static void Paint(SceneCanvas canvas, Shape shape, ref RandomStream random)
    {
        double ground = random.Uniform(Darkest, 0.62);
        canvas.Fill(Ground(ground, ref random));
        if (random.Chance(0.4))
        {
            canvas.Paint(Sheet(ref random), Ground(Near(ground, ref random), ref random));
        }

        for (int i = 1 + random.Next(5); i > 0; i--)
        {
            canvas.Paint(Confetti(ref random), Texture.Plain(Vivid(Near(ground, ref random), ref random)));
        }

        PaintObject(canvas, shape, ref random);
        if (random.Chance(0.4))
        {
            Outline front;
            do
            {
                front = random.Chance(0.3) ? Sheet(ref random) : Band(ref random);
            } while (canvas.Hides(front) is < HideLeast or > HideMost);
            canvas.Paint(front, Surface(Near(ground, ref random), ref random));
        }
    }

    private static void PaintObject(SceneCanvas canvas, Shape shape, ref RandomStream random)
    {
        double size = random.Uniform(SmallestObject, LargestObject);
        Outline outline = Place(shape.Distance, size, Direction.Draw(ref random, LeastUpright), ref random);
        double lightness = random.Uniform(ObjectDimmest, Brightest);
        if (random.Chance(0.4))
        {
            canvas.PaintObject(outline, Texture.Plain(Rgb.FromOklab(lightness + 0.1, 0.03, Direction.Draw(ref random))));
            outline = outline with { Inset = 0.9 };
        }

        canvas.PaintObject(outline, Surface(lightness, ref random));
    }

    /// <summary>Two quiet colours, close to each other, in a wide pattern.</summary>
    private static Texture Ground(double lightness, ref RandomStream random) =>
        Shades(lightness, random.Uniform(0.01, 0.08), random.Uniform(0.03, 0.08), random.Uniform(4, 10), ref random);

    /// <summary>Two vivid colours in a narrow pattern.</summary>
    private static Texture Surface(double lightness, ref RandomStream random) =>
        Shades(lightness, random.Uniform(0.08, 0.19), random.Uniform(0.05, 0.12), random.Uniform(3, 6), ref random);

    /// <summary>Two shades of one hue, a step of lightness apart.</summary>
    private static Texture Shades(double lightness, double chroma, double step, double period, ref RandomStream random)
    {
        Direction hue = Direction.Draw(ref random);
        return Texture.Draw(
            ref random,
            Rgb.FromOklab(lightness, chroma, hue),
            Rgb.FromOklab(lightness - step, chroma, hue),
            period
        );
    }

    private static Rgb Vivid(double lightness, ref RandomStream random) =>
        Rgb.FromOklab(lightness, random.Uniform(0.08, 0.19), Direction.Draw(ref random));

    /// <summary>A lightness like the ground's.</summary>
    private static double Near(double ground, ref RandomStream random) =>
        Math.Clamp(ground + random.Uniform(-0.12, 0.12), Darkest, Dimmest);

    /// <summary>A dot or a stick, much smaller than an object.</summary>
    private static Outline Confetti(ref RandomStream random)
    {
        double halfWidth = random.Uniform(0.15, 1);
        double size = random.Uniform(1.2, 4);
        return Place((x, y) => Shape.Box(x, y, 1 - halfWidth, 0) - halfWidth, size, Direction.Draw(ref random), ref random);
    }

    /// <summary>A straight band across the whole picture, 2 to 6 pixels wide.</summary>
    private static Outline Band(ref RandomStream random)
    {
        double halfWidth = random.Uniform(1, 3);
        return Place((_, y) => Math.Abs(y) - halfWidth, 1, Direction.Draw(ref random), ref random);
    }

    /// <summary>All that lies on one side of a line.</summary>
    private static Outline Sheet(ref RandomStream random) => Place((_, y) => y, 1, Direction.Draw(ref random), ref random);

    /// <summary>Anywhere, with at least four fifths of the unit circle's radius inside the picture on every side.</summary>
    private static Outline Place(Func<double, double, double> distance, double unit, Direction turn, ref RandomStream random)
    {
        double margin = 0.8 * unit;
        double x = random.Uniform(margin, SceneCanvas.Side - margin),
            y = random.Uniform(margin, SceneCanvas.Side - margin);
        return new Outline(distance, x, y, unit, turn);
    }
}
