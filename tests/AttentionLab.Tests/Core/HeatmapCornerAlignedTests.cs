using AttentionLab.Core;
using CsCheck;

namespace AttentionLab.Tests.Core;

[Trait("Kind", "Numeric")]
public sealed class HeatmapCornerAlignedTests
{
    private static readonly Gen<float[,]> Map = Gen.Select(Gen.Int[1, 9], Gen.Int[1, 9])
        .SelectMany(size =>
            Gen.Float[-5, 5]
                .Array[size.Item1 * size.Item2]
                .Select(values =>
                {
                    var map = new float[size.Item1, size.Item2];
                    Buffer.BlockCopy(values, 0, map, 0, sizeof(float) * values.Length);
                    return map;
                })
        );

    [Fact]
    public void Two_values_mirrored_make_half_a_wave_of_the_spline()
    {
        // 4·c₀ + 2·c₁ = 0 and 2·c₀ + 4·c₁ = 6: c₀ = −1, c₁ = 2, and the piece between is 3t² − 2t³.
        float[,] zoomed = CornerAligned(
            new float[,]
            {
                { 0, 1 },
            },
            1,
            4
        );
        Assert.Equal([0, 7 / 27f, 20 / 27f, 1], zoomed.Cast<float>(), (a, b) => Math.Abs(a - b) < 1e-6);
    }

    [Fact]
    public void Three_values_are_as_worked_out_by_hand()
    {
        // c = −1, 2, −1; halfway (c₁ + 23·c₀ + 23·c₁ + c₂) / 48 = 24 / 48.
        float[,] zoomed = CornerAligned(
            new float[,]
            {
                { 0 },
                { 1 },
                { 0 },
            },
            5,
            1
        );
        Assert.Equal([0, 0.5f, 1, 0.5f, 0], zoomed.Cast<float>(), (a, b) => Math.Abs(a - b) < 1e-6);
    }

    [Fact]
    public void Four_values_overshoot_as_SciPys_do()
    {
        float[,] zoomed = Zoom(
            new float[,]
            {
                { 0, 1, 0, 2 },
                { 0, 1, 0, 2 },
                { 0, 1, 0, 2 },
                { 0, 1, 0, 2 },
            },
            1.75
        );
        Assert.Equal(
            [0, 0.525f, 1, 0.375f, 0, 1.1f, 2],
            Enumerable.Range(0, 7).Select(x => zoomed[3, x]),
            (a, b) => Math.Abs(a - b) < 1e-6
        );
    }

    [Fact]
    public void Constants_stay() =>
        Gen.Select(Gen.Float[-5, 5], Gen.Int[1, 5], Gen.Int[1, 20])
            .Sample(
                (value, size, target) =>
                {
                    var map = new float[size, size];
                    for (int i = 0; i < map.Length; i++)
                    {
                        map[i / size, i % size] = value;
                    }

                    return CornerAligned(map, target, target + 1).Cast<float>().All(x => Math.Abs(x - value) < 1e-5);
                }
            );

    [Fact]
    public void Every_sample_is_met_where_it_falls_and_corners_are_corners() =>
        Gen.Select(Map, Gen.Int[1, 4])
            .Sample(
                (map, between) =>
                {
                    int h = map.GetLength(0),
                        w = map.GetLength(1);
                    float[,] zoomed = CornerAligned(map, ((h - 1) * between) + 1, ((w - 1) * between) + 1);
                    for (int y = 0; y < h; y++)
                    {
                        for (int x = 0; x < w; x++)
                        {
                            Assert.Equal(map[y, x], zoomed[y * between, x * between], 1e-4);
                        }
                    }
                }
            );

    [Fact]
    public void A_map_turned_over_gives_the_result_turned_over() =>
        Map.Sample(map =>
        {
            int h = map.GetLength(0),
                w = map.GetLength(1);
            var turned = new float[w, h];
            for (int i = 0; i < map.Length; i++)
            {
                turned[i % w, i / w] = map[i / w, i % w];
            }

            float[,] a = CornerAligned(map, 13, 7),
                b = CornerAligned(turned, 7, 13);
            for (int i = 0; i < a.Length; i++)
            {
                Assert.Equal(a[i / 7, i % 7], b[i % 7, i / 7], 1e-4);
            }
        });

    [Theory]
    [InlineData(8, 4.0, 32)]
    [InlineData(5, 0.5, 2)] // 2.5 rounds to even, as Python's round does
    [InlineData(7, 0.5, 4)]
    [InlineData(3, 1.4, 4)]
    public void A_factor_gives_a_size(int side, double factor, int expected) =>
        Assert.Equal(expected, Zoom(new float[side, side], factor).GetLength(0));

    [Fact]
    public void Sizes_that_no_map_has_are_refused()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => CornerAligned(new float[2, 2], 0, 2));
        Assert.Throws<ArgumentOutOfRangeException>(() => Zoom(new float[2, 2], double.NaN));
        Assert.Throws<ArgumentOutOfRangeException>(() => Zoom(new float[2, 2], 0.1));
        Assert.Throws<ArgumentOutOfRangeException>(() => Zoom(new float[2, 2], 1e9));
    }

    private static float[,] CornerAligned(float[,] map, int height, int width) =>
        new Heatmap(map).ResizeCornerAligned(height, width).ToArray();

    private static float[,] Zoom(float[,] map, double factor) => new Heatmap(map).Zoom(factor).ToArray();
}
