using AttentionLab.Evaluate;
using CsCheck;

namespace AttentionLab.Tests.Evaluate.Removal;

[Trait("Kind", "Numeric")]
public sealed class LinearImputationTests
{
    /// <summary>
    /// The search stops at 10⁻¹² of a first residual of at most √144·4, and the sum of the pixels' resistances to a known one is
    /// at most 144 times that of eleven steps of weight 1/12; the result is rounded to float32. Relative to the largest value.
    /// </summary>
    private static readonly double Iterated = (1e-12 * 12 * 4 * 144 * 11 * 12) + Tolerance.Rounding(2);

    [Fact]
    public void One_missing_pixel_is_the_weighted_mean_of_its_neighbours()
    {
        // Those beside it count twice as much as those at its corners.
        float[] filled = LinearImputation.Fill([1, 2, 3, 4, 99, 6, 7, 8, 10], 3, 3, Missing(9, 4));
        Assert.Equal(
            [1, 2, 3, 4, ((2 * (2 + 4 + 6 + 8)) + 1 + 3 + 7 + 10) / 12f, 6, 7, 8, 10],
            filled,
            (a, b) => Math.Abs(a - b) <= 10 * Tolerance.Rounding(2)
        );

        // In a corner: two beside it, one at its corner.
        Assert.Equal(
            ((2 * 9) + (2 * 1) + 0) / 5f,
            LinearImputation.Fill([99, 9, 1, 0], 2, 2, Missing(4, 0))[0],
            10 * Tolerance.Rounding(2)
        );
    }

    [Fact]
    public void Two_missing_pixels_depend_on_each_other()
    {
        // 5·x₀ = 2·x₁ + 2·1 + 0 and 5·x₁ = 2·x₀ + 2·0 + 1: x₀ = 4/7, x₁ = 3/7. The second plane has 10 times as much.
        float[] filled = LinearImputation.Fill([99, 99, 1, 0, 99, 99, 10, 0], 2, 2, Missing(4, 0, 1));
        Assert.Equal([4 / 7f, 3 / 7f, 1, 0, 40 / 7f, 30 / 7f, 10, 0], filled, (a, b) => Math.Abs(a - b) <= 10 * Iterated);
    }

    [Fact]
    public void Of_one_known_pixel_all_are_like_it_and_of_none_missing_all_stay()
    {
        Assert.All(
            LinearImputation.Fill([7, 0, 0, 0, 0, 0], 2, 3, Missing(6, 1, 2, 3, 4, 5)),
            value => Assert.Equal(7, value, 7 * Iterated)
        );
        Assert.Equal([1, 2, 3, 4], LinearImputation.Fill([1, 2, 3, 4], 2, 2, Missing(4)));
    }

    [Fact]
    public void Every_missing_pixel_is_its_neighbours_mean_and_no_value_leaves_their_range() =>
        Gen.Select(Gen.Int[2, 12], Gen.Int[2, 12], Gen.Int[0, 99], Gen.Int)
            .Sample(
                (height, width, percent, seed) =>
                {
                    var random = new AttentionLab.Core.RandomStream(seed);
                    float[] plane = new float[height * width];
                    var missing = new bool[plane.Length];
                    for (int i = 0; i < plane.Length; i++)
                    {
                        plane[i] = (float)random.Uniform(-2, 2);
                        missing[i] = i > 0 && random.Chance(percent / 100.0);
                    }

                    float[] filled = LinearImputation.Fill(plane, height, width, missing);
                    float[] known = [.. plane.Where((_, i) => !missing[i])];
                    for (int i = 0; i < plane.Length; i++)
                    {
                        double sum = 0,
                            weights = 0;
                        for (int y = Math.Max((i / width) - 1, 0); y <= Math.Min((i / width) + 1, height - 1); y++)
                        {
                            for (int x = Math.Max((i % width) - 1, 0); x <= Math.Min((i % width) + 1, width - 1); x++)
                            {
                                double weight =
                                    y == i / width ? (x == i % width ? 0 : 2)
                                    : x == i % width ? 2
                                    : 1;
                                sum += weight * filled[(y * width) + x];
                                weights += weight;
                            }
                        }

                        if (missing[i] ? Math.Abs(filled[i] - (sum / weights)) > 2 * Iterated : filled[i] != plane[i])
                        {
                            return false;
                        }
                    }

                    return filled.All(value => value >= known.Min() - (2 * Iterated) && value <= known.Max() + (2 * Iterated));
                }
            );

    private static bool[] Missing(int count, params int[] pixels) => [.. Enumerable.Range(0, count).Select(pixels.Contains)];
}
