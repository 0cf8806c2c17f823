using System.Globalization;
using System.Text;

namespace AttentionLab.Core;

/// <summary>
/// A map of H×W finite float32 values, row by row from the top, with the method, the layer and the target that it is of.
/// Immutable; equal to another of the same size, values, names and part. <c>map with { Layer = "conv3" }</c> renames a copy.
/// </summary>
/// <remarks>
/// Maps are compared only when scaled together (<see cref="MinMaxTogether"/>): scaled each on its own, a weak map looks as
/// strong as any. Colours and figures are in other rooms: <c>map.ToImage()</c>, <c>map.Over(image)</c>.
/// <code>
/// Heatmap map = new float[,] { { 0, 1 }, { 2, 3 } };
/// Heatmap large = map.MinMax().Resize(32, 32);
/// </code>
/// </remarks>
public sealed record Heatmap
{
    /// <summary>Keeps the quotient of <see cref="MinMax()"/> finite for a map of equal values, as in the tutorial.</summary>
    private const double Epsilon = 1e-8;

    private readonly float[] _values;

    /// <summary>Copies values.</summary>
    /// <param name="values">H×W, finite.</param>
    /// <exception cref="ArgumentException">The map is empty, or a value is NaN or infinite.</exception>
    public Heatmap(float[,] values)
        : this(Sides(values), [.. values.Cast<float>()]) { }

    /// <summary>Takes over values, row by row.</summary>
    /// <exception cref="ArgumentException">The map is empty, or a value is NaN or infinite.</exception>
    internal Heatmap((int Height, int Width) size, float[] values)
    {
        (Height, Width) = size;
        _values = values;
        if (values.Length == 0)
        {
            throw new ArgumentException($"A map of {Height}×{Width} values shows nothing.", nameof(values));
        }

        float min = float.PositiveInfinity,
            max = float.NegativeInfinity;
        for (int i = 0; i < values.Length; i++)
        {
            if (!float.IsFinite(values[i]))
            {
                throw new ArgumentException(
                    string.Create(
                        CultureInfo.InvariantCulture,
                        $"The map holds {values[i]} in row {i / Width}, column {i % Width}, and a map is finite: find out what "
                            + $"made it before you scale or draw it."
                    ),
                    nameof(values)
                );
            }

            (min, max) = (Math.Min(min, values[i]), Math.Max(max, values[i]));
        }

        (Min, Max) = (min, max);
    }

    /// <summary>Rows.</summary>
    public int Height { get; }

    /// <summary>Columns.</summary>
    public int Width { get; }

    /// <summary>The number of values, H·W.</summary>
    public int Length => _values.Length;

    /// <summary>What made the map, such as <c>grad-cam</c>; empty for plain numbers.</summary>
    public string Method { get; init; } = "";

    /// <summary>The layer's path, such as <c>conv3</c>; empty for plain numbers.</summary>
    public string Layer { get; init; } = "";

    /// <summary>What is explained, such as <c>class 3</c>; empty for plain numbers.</summary>
    public string Target { get; init; } = "";

    /// <summary>
    /// The part of a photograph that the map covers, where the network saw only a part; null for a map of a whole picture.
    /// <see cref="Place"/> lays it there.
    /// </summary>
    public ImagePart? Part { get; init; }

    /// <summary>The smallest value.</summary>
    public float Min { get; }

    /// <summary>The largest value.</summary>
    public float Max { get; }

    /// <summary>From <see cref="Min"/> to <see cref="Max"/>.</summary>
    public ValueRange Range => new(Min, Max);

    /// <summary>Whether a value lies below 0; such maps are best shown with <see cref="ValueRange.Symmetric"/>.</summary>
    public bool IsSigned => Min < 0;

    /// <summary>Whether all values are equal, so that the map points nowhere.</summary>
    public bool IsConstant => Min == Max;

    /// <summary>The mean of all values.</summary>
    public double Mean => _values.Average(value => (double)value);

    /// <summary>Where the map is largest; of several equal maxima the first, row by row.</summary>
    public (int Row, int Column) Peak => Math.DivRem(Array.IndexOf(_values, Max), Width);

    /// <summary>The values, row by row.</summary>
    public ReadOnlySpan<float> Values => _values;

    /// <summary>The value of a row and a column, both from 0.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The map has no such row or column.</exception>
    public float this[int row, int column]
    {
        get
        {
            ThrowUnlessInside(row, Height, nameof(row));
            ThrowUnlessInside(column, Width, nameof(column));
            return _values[(row * Width) + column];
        }
    }

    /// <summary>Plain numbers as a map; see <see cref="Heatmap(float[,])"/>.</summary>
    /// <exception cref="ArgumentException">The map is empty, or a value is NaN or infinite.</exception>
    public static implicit operator Heatmap(float[,] values) => new(values);

    /// <summary>Plain numbers as a map; see <see cref="Heatmap(float[,])"/>.</summary>
    /// <exception cref="ArgumentException">The map is empty, or a value is NaN or infinite.</exception>
    public static Heatmap FromArray(float[,] values) => new(values);

    /// <summary>The values as a new array, H×W.</summary>
    public float[,] ToArray()
    {
        var array = new float[Height, Width];
        Buffer.BlockCopy(_values, 0, array, 0, _values.Length * sizeof(float));
        return array;
    }

    /// <summary>
    /// (x − min) / (max − min + 1e−8), as in the tutorial: the smallest value becomes 0, the largest almost 1; a constant map
    /// becomes 0.
    /// </summary>
    public Heatmap MinMax() => MinMax(Range);

    /// <summary>Scales maps by the smallest and the largest value of them all, so that their colours can be compared.</summary>
    /// <exception cref="ArgumentException">The list of maps is empty.</exception>
    public static IReadOnlyList<Heatmap> MinMaxTogether(params IReadOnlyList<Heatmap> maps)
    {
        ValueRange range = ValueRange.Of(maps);
        return [.. maps.Select(map => map.MinMax(range))];
    }

    /// <summary>Values below a limit become that limit, values above another that one: what a spline overshoots is cut
    /// off.</summary>
    /// <exception cref="ArgumentException">The lower limit is above the upper one, or one of them is NaN.</exception>
    public Heatmap Clip(float low = 0, float high = 1) =>
        low <= high
            ? Change(value => Math.Clamp(value, low, high))
            : throw new ArgumentException(
                string.Create(CultureInfo.InvariantCulture, $"The lower limit {low} is not at or below the upper limit {high}.")
            );

    /// <summary>max(x, 0), the ReLU of every value: only what speaks for the target stays.</summary>
    public Heatmap Rectify() => Change(value => Math.Max(value, 0));

    /// <summary>
    /// The map at another size by bilinear interpolation with aligned centres: each value covers a cell, and the cells of both
    /// maps cover the same area. The result stays in the map's range. What <c>torch.nn.functional.interpolate</c> computes with
    /// <c>mode="bilinear", align_corners=False</c>.
    /// </summary>
    /// <param name="height">Rows of the result.</param>
    /// <param name="width">Columns of the result.</param>
    /// <exception cref="ArgumentOutOfRangeException">A side is not positive.</exception>
    public Heatmap Resize(int height, int width) => With((height, width), BilinearZoom.Resize(this, height, width));

    /// <summary>
    /// The map on its photograph: a value for each pixel whose centre lies in <see cref="Part"/>, sampled as by
    /// <see cref="Resize"/>. What the network did not see has no value. The result's <see cref="Part"/> says which pixels these
    /// are; a map of a whole picture is resized.
    /// </summary>
    /// <param name="height">Rows of the whole photograph.</param>
    /// <param name="width">Columns of the whole photograph.</param>
    /// <exception cref="ArgumentOutOfRangeException">A side is not positive.</exception>
    public Heatmap Place(int height, int width)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(height);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(width);
        if (Part is null)
        {
            return Resize(height, width);
        }

        ImagePart part = Part.On(height, width);
        (int row, int column, int rows, int columns) = part.Pixels;
        return With((rows, columns), BilinearZoom.Place(this, part)) with
        {
            Part = new ImagePart(row, column, rows, columns, height, width),
        };
    }

    /// <summary>
    /// The map at another size by a cubic spline through its values, with aligned corners: what the tutorial shows. The spline
    /// overshoots: the result may leave the map's range; <see cref="Clip"/> cuts that off.
    /// </summary>
    /// <param name="height">Rows of the result.</param>
    /// <param name="width">Columns of the result.</param>
    /// <exception cref="ArgumentOutOfRangeException">A side is not positive.</exception>
    public Heatmap ResizeCornerAligned(int height, int width) => With((height, width), CubicZoom.Resize(this, height, width));

    /// <summary>
    /// <see cref="ResizeCornerAligned"/> by a factor: what <c>scipy.ndimage.zoom(map, factor)</c> computes with its defaults.
    /// </summary>
    /// <param name="factor">Positive; the result has round(H·factor)×round(W·factor) values, halves rounded to even.</param>
    /// <exception cref="ArgumentOutOfRangeException">The factor is not positive and finite, or leaves no row or
    /// column.</exception>
    public Heatmap Zoom(double factor)
    {
        (int height, int width) = CubicZoom.SizeOf(this, factor);
        return ResizeCornerAligned(height, width);
    }

    /// <summary>
    /// How much of the map lies on an object: the share of its positive values, a pixel that the object covers by half counting
    /// by half. A map without positive values counts as one of equal values, whose share is the object's share of the picture.
    /// </summary>
    /// <param name="mask">The object's coverage of each pixel, H·W, 0 to 255.</param>
    /// <returns>In [0, 1].</returns>
    /// <exception cref="ArgumentException">The mask has another number of pixels.</exception>
    public double ShareOfEnergy(ReadOnlySpan<byte> mask)
    {
        ThrowUnlessCovers(mask);
        double inside = 0,
            all = 0;
        for (int i = 0; i < _values.Length; i++)
        {
            double energy = Max > 0 ? Math.Max(_values[i], 0) : 1;
            all += energy;
            inside += energy * mask[i] / byte.MaxValue;
        }

        return inside / all;
    }

    /// <summary>
    /// Spearman's rank correlation: do two maps put their pixels in the same order? From −1, opposite orders, to 1, the same.
    /// Equal values share the mean of their ranks. NaN when a map is constant and so has no order.
    /// </summary>
    /// <exception cref="ArgumentException">The other map has another size.</exception>
    public double RankCorrelation(Heatmap other)
    {
        ArgumentNullException.ThrowIfNull(other);
        return (Height, Width) == (other.Height, other.Width)
            ? Ranks.Correlation(_values, other._values)
            : throw new ArgumentException(
                $"A map of {Height}×{Width} and one of {other.Height}×{other.Width} have no common order: resize one of them.",
                nameof(other)
            );
    }

    /// <summary>
    /// The values as comma-separated text, a line for each row, with a decimal point in every culture. <see cref="FromCsv"/>
    /// reads the same values to the last bit; the names are not written.
    /// </summary>
    public string ToCsv()
    {
        var csv = new StringBuilder();
        foreach (float[] row in _values.Chunk(Width))
        {
            csv.AppendJoin(',', row.Select(value => value.ToString("r", CultureInfo.InvariantCulture))).Append('\n');
        }

        return csv.ToString();
    }

    /// <summary>Reads what <see cref="ToCsv"/> wrote, or other text of that form.</summary>
    /// <exception cref="FormatException">A field is not a number, or the lines differ in length.</exception>
    /// <exception cref="ArgumentException">The map is empty, or a value is NaN or infinite.</exception>
    public static Heatmap FromCsv(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        float[][] rows =
        [
            .. text.Split('\n')
                .Select(line => line.TrimEnd('\r'))
                .Where(line => line.Length > 0)
                .Select((line, row) => line.Split(',').Select((field, column) => Number(field, row, column)).ToArray()),
        ];
        int uneven = Array.FindIndex(rows, row => row.Length != rows[0].Length);
        return uneven < 0
            ? new Heatmap((rows.Length, rows.Length == 0 ? 0 : rows[0].Length), [.. rows.SelectMany(row => row)])
            : throw new FormatException(
                $"Row {uneven} of the map has {rows[uneven].Length} values and row 0 has {rows[0].Length}: each row has the same "
                    + "number."
            );
    }

    /// <summary>Whether another map has the same size, values, names and part.</summary>
    public bool Equals(Heatmap? other) =>
        other is not null
        && (Height, Width, Method, Layer, Target, Part)
            == (other.Height, other.Width, other.Method, other.Layer, other.Target, other.Part)
        && _values.AsSpan().SequenceEqual(other._values);

    /// <inheritdoc/>
    public override int GetHashCode()
    {
        var hash = new HashCode();
        hash.Add((Height, Width, Method, Layer, Target, Part));
        foreach (float value in _values)
        {
            hash.Add(value);
        }

        return hash.ToHashCode();
    }

    /// <summary>In words: "grad-cam at conv3 for class 3: 8×8, 0 to 0.83, largest at row 2, column 5".</summary>
    public override string ToString()
    {
        string name = Method + (Layer.Length > 0 ? $" at {Layer}" : "") + (Target.Length > 0 ? $" for {Target}" : ""),
            // + 0 makes −0 read as 0.
            values = IsConstant
                ? FormattableString.Invariant($"{Min + 0:g4} everywhere")
                : FormattableString.Invariant($"{Min + 0:g4} to {Max + 0:g4}, largest at row {Peak.Row}, column {Peak.Column}");
        return (name.Length > 0 ? $"{name.Trim()}: " : "") + $"{Height}×{Width}, {values}";
    }

    /// <summary>Fails unless a mask has as many pixels as the map has values.</summary>
    internal void ThrowUnlessCovers(ReadOnlySpan<byte> mask)
    {
        if (mask.Length != Length)
        {
            throw new ArgumentException(
                $"The map has {Height}×{Width} values and the mask {mask.Length}: resize the map to the picture first.",
                nameof(mask)
            );
        }
    }

    private static (int Height, int Width) Sides(float[,] values)
    {
        ArgumentNullException.ThrowIfNull(values);
        return (values.GetLength(0), values.GetLength(1));
    }

    private static void ThrowUnlessInside(int index, int count, string name)
    {
        if (index < 0 || index >= count)
        {
            throw new ArgumentOutOfRangeException(name, index, $"The map has {name}s 0 to {count - 1}.");
        }
    }

    private static float Number(string field, int row, int column) =>
        float.TryParse(field, NumberStyles.Float, CultureInfo.InvariantCulture, out float value)
            ? value
            : throw new FormatException($"'{Excerpt.Of(field)}' in row {row}, column {column} is not a number.");

    private Heatmap MinMax(ValueRange range) =>
        Change(value => (float)((value - range.Low) / (range.High - range.Low + Epsilon)));

    private Heatmap Change(Func<float, float> change) => With((Height, Width), Array.ConvertAll(_values, value => change(value)));

    /// <summary>Other values under the same names.</summary>
    private Heatmap With((int Height, int Width) size, float[] values) =>
        new(size, values)
        {
            Method = Method,
            Layer = Layer,
            Target = Target,
            Part = Part,
        };
}
