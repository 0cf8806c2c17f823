namespace AttentionLab.Core;

/// <summary>The values that get the lowest and the highest colour of a colour map.</summary>
/// <param name="Low">Gets the first colour; what lies below does too.</param>
/// <param name="High">Gets the last colour; what lies above does too.</param>
public readonly record struct ValueRange(double Low, double High)
{
    /// <summary>0 to 1: the range of min-max normalised maps.</summary>
    public static ValueRange Unit { get; } = new(0, 1);

    /// <summary>From the smallest to the largest value of some maps.</summary>
    /// <exception cref="ArgumentException">The list of maps is empty.</exception>
    public static ValueRange Of(params IReadOnlyList<Heatmap> maps)
    {
        ArgumentNullException.ThrowIfNull(maps);
        return maps.Count > 0
            ? new ValueRange(maps.Min(map => map.Min), maps.Max(map => map.Max))
            : throw new ArgumentException("The list of maps is empty: a range needs at least one.", nameof(maps));
    }

    /// <summary>
    /// From −m to m, m the largest magnitude: for signed maps, so that 0 gets the middle colour; −1 to 1 when all is 0.
    /// </summary>
    /// <exception cref="ArgumentException">The list of maps is empty.</exception>
    public static ValueRange Symmetric(params IReadOnlyList<Heatmap> maps)
    {
        (double low, double high) = Of(maps);
        double largest = Math.Max(Math.Abs(low), Math.Abs(high));
        return largest > 0 ? new ValueRange(-largest, largest) : new ValueRange(-1, 1);
    }

    /// <summary>
    /// Where a value lies: 0 at <see cref="Low"/>, 1 at <see cref="High"/>, beyond them outside [0, 1]. A range without extent,
    /// as a constant map has, gives 0.
    /// </summary>
    public double Fraction(double value) => High > Low ? (value - Low) / (High - Low) : 0;
}
