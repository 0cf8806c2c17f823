namespace AttentionLab.Data;

/// <summary>A shape put into a picture: where it lies, how large it is and which way it is turned.</summary>
/// <param name="Distance">The signed distance of the shape, in its own units.</param>
/// <param name="X">The centre's pixels from the left edge of the picture.</param>
/// <param name="Y">The centre's pixels from the upper edge of the picture.</param>
/// <param name="Unit">Pixels to a unit of the shape.</param>
/// <param name="Turn">Where the shape's x axis points.</param>
/// <param name="Inset">Pixels by which the edge is moved inwards.</param>
internal readonly record struct Outline(
    Func<double, double, double> Distance,
    double X,
    double Y,
    double Unit,
    Direction Turn,
    double Inset = 0
)
{
    /// <summary>
    /// How much of the pixel in a row and a column lies inside, in [0, 1]: a ramp one pixel wide across the edge.
    /// </summary>
    public double Coverage(int row, int column)
    {
        double x = (column + 0.5 - X) / Unit,
            y = (row + 0.5 - Y) / Unit;
        double distance = Unit * Distance((x * Turn.X) + (y * Turn.Y), (y * Turn.X) - (x * Turn.Y));
        return Math.Clamp(0.5 - distance - Inset, 0, 1);
    }
}
