namespace AttentionLab.Data;

/// <summary>
/// What a picture of the built-in set shows: a name and an outline, given by its signed distance: negative inside, zero on the
/// edge, positive outside. A shape fits into the unit circle, upright, y pointing down.
/// </summary>
internal sealed record Shape(string Name, Func<double, double, double> Distance)
{
    // Cosines and sines of multiples of 36°, written out: only + − × ÷ and √ give the same bits on every processor.
    private const double Cos36 = 0.80901699437494742,
        Sin36 = 0.58778525229247313;
    private const double Cos72 = 0.30901699437494742,
        Sin72 = 0.95105651629515357;

    /// <summary>The ten classes, in the order of their labels.</summary>
    public static IReadOnlyList<Shape> All { get; } =
    [
        new("disc", (x, y) => Disc(x, y, 0.86)),
        new("ring", (x, y) => Math.Abs(Disc(x, y, 0.69)) - 0.21),
        new("square", (x, y) => Box(x, y, 0.66, 0.66) - 0.06),
        new("triangle", Polygon(0.07, (0, -0.93), (0.81, 0.47))),
        new("star", Star()),
        new("cross", (x, y) => Math.Min(Box(x, y, 0.24, 0.86), Box(x, y, 0.86, 0.24)) - 0.05),
        new("heart", Heart),
        new("moon", (x, y) => Math.Max(Disc(x, y, 0.92), -Disc(x - 0.46, y, 0.72))),
        new("drop", Drop),
        new("arrow", Polygon(0.04, (0, -0.95), (0.72, -0.16), (0.25, -0.16), (0.25, 0.9))),
    ];

    public static double Disc(double x, double y, double radius) => Length(x, y) - radius;

    public static double Box(double x, double y, double halfWidth, double halfHeight)
    {
        double dx = Math.Abs(x) - halfWidth,
            dy = Math.Abs(y) - halfHeight;
        return Length(Math.Max(dx, 0), Math.Max(dy, 0)) + Math.Min(Math.Max(dx, dy), 0);
    }

    private static Func<double, double, double> Star()
    {
        const double inner = 0.46;
        return Polygon(
            0.04,
            (0, -0.95),
            (inner * Sin36, -inner * Cos36),
            (0.95 * Sin72, -0.95 * Cos72),
            (inner * Sin72, inner * Cos72),
            (0.95 * Sin36, 0.95 * Cos36),
            (0, inner)
        );
    }

    /// <summary>
    /// A polygon that is its own mirror image, from its right half, listed from the top to the bottom, with corners of the
    /// radius. The nearest edge gives the distance; edges crossed by the ray to the right tell inside from outside.
    /// </summary>
    private static Func<double, double, double> Polygon(double corner, params (double X, double Y)[] half) =>
        (x, y) =>
        {
            x = Math.Abs(x);
            double nearest = double.PositiveInfinity;
            bool inside = false;
            for (int i = 0; i < half.Length; i++)
            {
                // The last edge leads from the lowest point to the mirror line.
                (double ax, double ay) = half[i];
                (double bx, double by) = i + 1 < half.Length ? half[i + 1] : (0, ay);
                double ex = bx - ax,
                    ey = by - ay,
                    px = x - ax,
                    py = y - ay;
                double length = (ex * ex) + (ey * ey);
                double along = length > 0 ? Math.Clamp(((px * ex) + (py * ey)) / length, 0, 1) : 0;
                double dx = px - (along * ex),
                    dy = py - (along * ey);
                nearest = Math.Min(nearest, (dx * dx) + (dy * dy));
                if (ay > y != by > y && x < ax + (ex * (y - ay) / ey))
                {
                    inside = !inside;
                }
            }

            double distance = Math.Sqrt(nearest);
            return (inside ? -distance : distance) - corner;
        };

    /// <summary>A square that stands on its corner, with half a disc on each of its two upper sides.</summary>
    private static double Heart(double x, double y)
    {
        const double diagonal = 1.52,
            tip = 0.92;
        x = Math.Abs(x) / diagonal;
        y = (tip - y) / diagonal; // from the tip upwards, in diagonals of the square
        if (x + y > 1)
        {
            return diagonal * (Length(x - 0.25, y - 0.75) - (Math.Sqrt(2) / 4));
        }

        // Below the half discs: the nearer of the notch on top and the lower side, which is the line x = y.
        double foot = 0.5 * Math.Max(x + y, 0);
        double distance = diagonal * Math.Min(Length(x, y - 1), Length(x - foot, y - foot));
        return x < y ? -distance : distance;
    }

    /// <summary>A disc with the two tangents to it from a point above.</summary>
    private static double Drop(double x, double y)
    {
        const double radius = 0.64,
            centre = 0.32,
            tip = -0.98,
            sine = radius / (centre - tip);
        double cosine = Math.Sqrt(1 - (sine * sine));
        x = Math.Abs(x);
        y -= centre;
        double along = -(sine * x) - (cosine * y); // how far up the tangent, from where it touches
        return along < 0 ? Length(x, y) - radius
            : along > (centre - tip) * cosine ? Length(x, y + centre - tip)
            : (cosine * x) - (sine * y) - radius;
    }

    private static double Length(double x, double y) => Math.Sqrt((x * x) + (y * y));
}
