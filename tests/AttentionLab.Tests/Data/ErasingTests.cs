using AttentionLab.Core;
using AttentionLab.Data;
using CsCheck;

namespace AttentionLab.Tests.Data;

public sealed class ErasingTests
{
    private const int Height = 12,
        Width = 20;

    /// <summary>
    /// Whatever the seed, what is painted is a rectangle of the fill colour with an area and a ratio within the limits, the
    /// rounding of both sides to whole pixels included, and the rest is unchanged.
    /// </summary>
    [Fact]
    public void Erasing_paints_one_rectangle_within_its_limits() =>
        Gen.Long.Sample(seed =>
        {
            var erasing = new RandomErasing(1)
            {
                Area = (0.1, 0.3),
                Ratio = (0.5, 2),
                Fill = (1, 2, 3),
            };
            (int rows, int columns, int count) = Painted(Applied(erasing, seed), [1, 2, 3]);
            Assert.Equal(rows * columns, count);
            Assert.InRange(count, 0.1 * Height * Width - (rows + columns), 0.3 * Height * Width + rows + columns);
            Assert.InRange((rows + 0.5) / (columns - 0.5), 0.5, double.MaxValue);
            Assert.InRange((rows - 0.5) / (columns + 0.5), 0, 2);
        });

    /// <summary>The square about a pixel near a border is cut off there; about one in the middle it is whole.</summary>
    [Fact]
    public void Cutout_paints_a_square_that_the_border_cuts() =>
        Gen.Long.Sample(seed =>
        {
            var random = new RandomStream(seed);
            int row = random.Next(Height),
                column = random.Next(Width);
            (int rows, int columns, int count) = Painted(Applied(new Cutout(6) { Fill = (1, 2, 3) }, seed), [1, 2, 3]);
            Assert.Equal(rows * columns, count);
            Assert.Equal(Math.Min(Height, row + 3) - Math.Max(0, row - 3), rows);
            Assert.Equal(Math.Min(Width, column + 3) - Math.Max(0, column - 3), columns);
        });

    [Fact]
    public void How_often_is_the_probability()
    {
        int erased = Enumerable.Range(0, 1000).Count(seed => Applied(new RandomErasing(0.25), seed).Any(value => value != 200));
        Assert.InRange(erased, 250 - 82, 250 + 82); // six standard deviations, √(1000 · 0.25 · 0.75) each
        Assert.DoesNotContain(Applied(new RandomErasing(0), 1), value => value != 200);
    }

    [Fact]
    public void Impossible_limits_are_refused()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => new RandomErasing(1.5));
        Assert.Throws<ArgumentOutOfRangeException>(() => new RandomErasing { Area = (0.5, 0.1) });
        Assert.Throws<ArgumentOutOfRangeException>(() => new RandomErasing { Area = (0.1, 1.5) });
        Assert.Throws<ArgumentOutOfRangeException>(() => new RandomErasing { Ratio = (0, 1) });
        Assert.Throws<ArgumentOutOfRangeException>(() => new Cutout(0));
    }

    private static byte[] Applied(IRandomTransform transform, long seed)
    {
        byte[] planes = [.. Enumerable.Repeat((byte)200, 3 * Height * Width)];
        var random = new RandomStream(seed);
        new Augmentation(transform).Apply(planes, Height, Width, planes, ref random);
        return planes;
    }

    /// <summary>Sides of the smallest rectangle around the painted pixels, and how many these are.</summary>
    private static (int Rows, int Columns, int Count) Painted(byte[] planes, byte[] color)
    {
        const int Area = Height * Width;
        int[] painted = [.. Enumerable.Range(0, Area).Where(p => planes[p] != 200)];
        Assert.All(painted, p => Assert.Equal(color, new[] { planes[p], planes[Area + p], planes[(2 * Area) + p] }));
        Assert.Equal(3 * painted.Length, planes.Count(value => value != 200));
        int[] rows = [.. painted.Select(p => p / Width)],
            columns = [.. painted.Select(p => p % Width)];
        return (rows.Max() - rows.Min() + 1, columns.Max() - columns.Min() + 1, painted.Length);
    }
}
