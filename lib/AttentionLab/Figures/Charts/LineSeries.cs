using System.Drawing;

namespace AttentionLab.Figures;

/// <summary>One line of a <see cref="LineChart"/>.</summary>
/// <param name="Name">What the legend calls it.</param>
/// <param name="X">Where the points lie, in the order in which the line joins them.</param>
/// <param name="Y">How high; as many as there are X.</param>
public sealed record LineSeries(string Name, IReadOnlyList<double> X, IReadOnlyList<double> Y)
{
    /// <summary>
    /// A line through values at x = 1, 2, 3, such as those of epochs or steps; a chart of such lines only has
    /// <see cref="Chart.IntegerX"/>.
    /// </summary>
    /// <param name="name">What the legend calls it.</param>
    /// <param name="y">The values.</param>
    public LineSeries(string name, IReadOnlyList<double> y)
        : this(name, Counted(y), y) => IsCounted = true;

    /// <summary>Whether the points are numbered.</summary>
    internal bool IsCounted { get; init; }

    /// <summary>Null: the next colour of <see cref="ChartColors.Palette"/>.</summary>
    public Color? Color { get; init; }

    /// <summary>0 is invisible, 1 hides what lies behind.</summary>
    public double Opacity { get; init; } = 1;

    /// <summary>Dashes tell lines of one colour apart.</summary>
    public bool Dashed { get; init; }

    /// <summary>Width of the line in logical pixels.</summary>
    public double LineWidth { get; init; } = 2;

    /// <summary>
    /// The same line in at most <paramref name="points"/> points: equal runs of points are replaced by their lowest and their
    /// highest one, so that every spike stays; the first and the last point stay too. A line that is short enough comes back as
    /// it is.
    /// </summary>
    /// <param name="points">At least 4.</param>
    public LineSeries Thin(int points)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(points, 4);
        int count = Y.Count;
        if (count <= points)
        {
            return this;
        }

        var kept = new List<int>(points) { 0 };
        int runs = (points / 2) - 1;
        for (int run = 0; run < runs; run++)
        {
            int start = 1 + (int)((long)(count - 2) * run / runs),
                end = 1 + (int)((long)(count - 2) * (run + 1) / runs);
            int lowest = start,
                highest = start;
            for (int i = start; i < end; i++)
            {
                lowest = Y[i] < Y[lowest] ? i : lowest;
                highest = Y[i] > Y[highest] ? i : highest;
            }

            kept.Add(Math.Min(lowest, highest));
            if (lowest != highest)
            {
                kept.Add(Math.Max(lowest, highest));
            }
        }

        kept.Add(count - 1);
        return this with { X = [.. kept.Select(i => X[i])], Y = [.. kept.Select(i => Y[i])] };
    }

    private static double[] Counted(IReadOnlyList<double> y)
    {
        ArgumentNullException.ThrowIfNull(y);
        return [.. Enumerable.Range(1, y.Count).Select(x => (double)x)];
    }
}
