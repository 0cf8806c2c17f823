using AttentionLab.Core;

namespace AttentionLab.Data;

/// <summary>How a surface is coloured: two colours, mixed at each point as a pattern says.</summary>
/// <param name="First">The colour where the pattern is 0.</param>
/// <param name="Second">The colour where the pattern is 1.</param>
/// <param name="Pattern">A number in [0, 1] at a point x, y, in pixels.</param>
internal sealed record Texture(Rgb First, Rgb Second, Func<double, double, double> Pattern)
{
    /// <summary>One colour all over.</summary>
    public static Texture Plain(Rgb colour) => new(colour, colour, (_, _) => 0);

    /// <summary>One of six patterns, turned and moved at random, that repeats after so many pixels.</summary>
    public static Texture Draw(ref RandomStream random, Rgb first, Rgb second, double period)
    {
        Direction turn = Direction.Draw(ref random);
        double shiftX = random.Uniform(0, period),
            shiftY = random.Uniform(0, period);
        Func<double, double, double> pattern = random.Next(6) switch
        {
            0 => (_, _) => 0,
            1 => (x, _) => Math.Clamp(0.5 + (x / (6 * period)), 0, 1),
            2 => (x, _) => Stripe(x, period),
            3 => (x, y) => Checks(Stripe(x, period), Stripe(y, period)),
            4 => (x, y) => Dot(x, y, period),
            _ => Clouds(ref random, period),
        };

        // Turned about the middle of the picture.
        const double middle = 0.5 * SceneCanvas.Side;
        return new Texture(
            first,
            second,
            (x, y) =>
            {
                x -= middle;
                y -= middle;
                return pattern((x * turn.X) + (y * turn.Y) + shiftX, (y * turn.X) - (x * turn.Y) + shiftY);
            }
        );
    }

    /// <summary>The colour of the pixel in a row and a column.</summary>
    public Rgb At(int row, int column) => First.Mix(Second, Pattern(column + 0.5, row + 0.5));

    /// <summary>Half of each period is the one colour, half the other, with edges one pixel wide.</summary>
    private static double Stripe(double x, double period) =>
        Math.Clamp(0.5 + (period / 4) - Math.Abs(FromCentre(x, period)), 0, 1);

    private static double Checks(double across, double down) => across + down - (2 * across * down);

    private static double Dot(double x, double y, double period)
    {
        double dx = FromCentre(x, period),
            dy = FromCentre(y, period);
        return Math.Clamp(0.5 + (0.3 * period) - Math.Sqrt((dx * dx) + (dy * dy)), 0, 1);
    }

    /// <summary>Random numbers at the corners of a grid, smoothly joined (value noise).</summary>
    private static Func<double, double, double> Clouds(ref RandomStream random, double period)
    {
        const int side = 8; // after which the grid starts anew
        var corners = new double[side * side];
        foreach (ref double corner in corners.AsSpan())
        {
            corner = random.NextDouble();
        }

        return (x, y) =>
        {
            x /= period;
            y /= period;
            double left = Math.Floor(x),
                top = Math.Floor(y),
                across = Smooth(x - left),
                down = Smooth(y - top);
            double Corner(int dx, int dy) => corners[((((int)top + dy) & (side - 1)) * side) + (((int)left + dx) & (side - 1))];
            double upper = Corner(0, 0) + ((Corner(1, 0) - Corner(0, 0)) * across);
            double lower = Corner(0, 1) + ((Corner(1, 1) - Corner(0, 1)) * across);
            return upper + ((lower - upper) * down);
        };
    }

    private static double Smooth(double t) => t * t * (3 - (2 * t));

    /// <summary>How far a coordinate is from the centre of its period, in [−period/2, period/2).</summary>
    private static double FromCentre(double x, double period) => x - (period * Math.Floor(x / period)) - (period / 2);
}
