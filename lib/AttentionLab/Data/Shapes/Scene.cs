namespace AttentionLab.Data;

/// <summary>
/// Composes one picture: a textured background, perhaps two of them that meet in a line, confetti, the object somewhere, and perhaps something
/// in front of it.
/// </summary>
internal static class Scene
{
    /// <summary>The least and the largest size of an object: pixels to a unit of its shape.</summary>
    private const double Smallest = 6.5, Largest = 11;

    /// <summary>At most this share of an object is hidden.</summary>
    private const double MostHidden = 0.35;

    /// <summary>Paints a picture that shows the shape.</summary>
    public static void Paint(SceneCanvas canvas, Shape shape, ref SplitMix64 random)
    {
        double ground = random.Uniform(0.2, 0.95);
        canvas.Fill(Ground(ground, ref random));
        if (random.Chance(0.4))
        {
            canvas.Paint(HalfPlane(ref random), Ground(ground + random.Uniform(-0.12, 0.12), ref random));
        }

        for (int i = random.Next(5) + 2; i > 0; i--)
        {
            canvas.Paint(Confetti(ref random), Texture.Plain(Colour(random.Uniform(0.25, 0.95), vivid: true, ref random)));
        }

        double body = Contrasting(ground, ref random);
        Outline outline = Place(shape.Distance, random.Uniform(Smallest, Largest), ref random);
        Texture surface = Surface(body, ref random);
        if (random.Chance(0.4))
        {
            canvas.PaintObject(outline, Texture.Plain(Colour(body > ground ? body + 0.1 : body - 0.1, vivid: false, ref random)));
            outline = outline with { Inset = 0.9 };
        }

        canvas.PaintObject(outline, surface);
        if (random.Chance(0.6))
        {
            Outline front;
            do
            {
                front = random.Chance(0.3) ? HalfPlane(ref random) : Bar(ref random);
            }
            while (canvas.Hides(front) is < 0.05 or > MostHidden);
            canvas.Paint(front, Surface(Contrasting(body, ref random), ref random));
        }
    }

    /// <summary>Quiet colours, close to each other, in a wide pattern.</summary>
    private static Texture Ground(double lightness, ref SplitMix64 random)
    {
        Direction hue = Direction.Draw(ref random);
        double chroma = random.Uniform(0.01, 0.08), step = random.Uniform(0.03, 0.1);
        return Texture.Draw(ref random, Rgb.FromOklab(lightness, chroma, hue), Rgb.FromOklab(lightness - step, chroma, hue), random.Uniform(4, 10));
    }

    /// <summary>Two vivid colours of one hue, in a narrow pattern.</summary>
    private static Texture Surface(double lightness, ref SplitMix64 random)
    {
        Direction hue = Direction.Draw(ref random);
        double chroma = random.Uniform(0.08, 0.19), step = random.Uniform(0.06, 0.16);
        return Texture.Draw(ref random, Rgb.FromOklab(lightness, chroma, hue), Rgb.FromOklab(lightness - step, chroma, hue), random.Uniform(3, 6));
    }

    private static Rgb Colour(double lightness, bool vivid, ref SplitMix64 random) =>
        Rgb.FromOklab(lightness, vivid ? random.Uniform(0.08, 0.19) : 0.03, Direction.Draw(ref random));

    /// <summary>A lightness that stands out from another.</summary>
    private static double Contrasting(double other, ref SplitMix64 random)
    {
        double lightness;
        do
        {
            lightness = random.Uniform(0.3, 0.95);
        }
        while (Math.Abs(lightness - other) < 0.22);
        return lightness;
    }

    /// <summary>Anywhere, with at least four fifths of its radius inside the picture on every side.</summary>
    private static Outline Place(Func<double, double, double> distance, double unit, ref SplitMix64 random)
    {
        double margin = 0.8 * unit;
        return new Outline(distance, random.Uniform(margin, SceneCanvas.Side - margin), random.Uniform(margin, SceneCanvas.Side - margin), unit, Direction.Draw(ref random));
    }

    /// <summary>A dot or a stick, much smaller than an object.</summary>
    private static Outline Confetti(ref SplitMix64 random)
    {
        double slender = random.Uniform(0.15, 1);
        return Place((x, y) => Shape.Box(x, y, 1 - slender, 0) - slender, random.Uniform(1.2, 4) , ref random);
    }

    /// <summary>A band from edge to edge.</summary>
    private static Outline Bar(ref SplitMix64 random)
    {
        double halfWidth = random.Uniform(1, 3);
        return Place((_, y) => Math.Abs(y) - halfWidth, 1, ref random);
    }

    /// <summary>All that lies on one side of a line.</summary>
    private static Outline HalfPlane(ref SplitMix64 random) => Place((_, y) => y, 1, ref random);
}
