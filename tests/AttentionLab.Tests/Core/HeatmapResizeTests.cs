using AttentionLab.Core;
using CsCheck;
using TorchSharp;
using static TorchSharp.torch;

namespace AttentionLab.Tests.Core;

public sealed class HeatmapResizeTests : IDisposable
{
    private readonly DisposeScope _scope = NewDisposeScope();

    public void Dispose() => _scope.Dispose();

    [Fact]
    public void Centres_stay_centres()
    {
        // Twice as wide: the new centres lie at −¼, ¼, ¾ and 1¼ of the old ones.
        float[,] map =
        {
            { 0, 4 },
        };
        Assert.Equal([0, 1, 3, 4], Resize(map, 1, 4).Cast<float>());

        // Half as many: between the middle two of each four. Three to two: at ¼ and 1¾.
        float[,] row =
        {
            { 0, 2, 6, 8 },
        };
        Assert.Equal([1, 7], Resize(row, 1, 2).Cast<float>());
        float[,] three =
        {
            { 0, 4, 8 },
        };
        Assert.Equal([1, 7], Resize(three, 1, 2).Cast<float>());
    }

    [Fact]
    public void Values_are_those_of_PyTorchs_interpolate()
    {
        // torch 1.13: interpolate(tensor([[1., 2.], [3., 5.]])[None, None], size=(3, 5), mode="bilinear", align_corners=False)
        float[,] map =
        {
            { 1, 2 },
            { 3, 5 },
        };
        float[] expected = [1, 1.1f, 1.5f, 1.9f, 2, 2, 2.15f, 2.75f, 3.35f, 3.5f, 3, 3.2f, 4, 4.8f, 5];
        Assert.Equal(expected, Resize(map, 3, 5).Cast<float>(), (a, b) => Math.Abs(a - b) < 1e-6);
    }

    [Fact]
    public void It_does_what_torch_does_at_any_size() =>
        Gen.Select(Gen.Int[1, 9], Gen.Int[1, 9], Gen.Int[1, 20], Gen.Int[1, 20], Gen.Int[0, 1000])
            .Sample(
                (h, w, height, width, seed) =>
                {
                    using DisposeScope scope = NewDisposeScope();
                    float[,] map = Random(h, w, seed);
                    float[] expected = nn
                        .functional.interpolate(
                            tensor([.. map.Cast<float>()], [1, 1, h, w]).to(ScalarType.Float64),
                            [height, width],
                            mode: InterpolationMode.Bilinear,
                            align_corners: false
                        )
                        .to(ScalarType.Float32)
                        .data<float>()
                        .ToArray();

                    // Both in double, then rounded once: at most one place of values below 1.
                    return Resize(map, height, width).Cast<float>().Zip(expected).All(p => Math.Abs(p.First - p.Second) <= 6e-8);
                },
                threads: 1
            );

    [Fact]
    public void The_range_is_kept_and_a_mirror_image_stays_one() =>
        Gen.Select(Gen.Int[1, 7], Gen.Int[1, 7], Gen.Int[1, 30], Gen.Int[0, 1000])
            .Sample(
                (h, w, side, seed) =>
                {
                    float[,] map = Random(h, w, seed),
                        mirrored = new float[h, w];
                    for (int i = 0; i < map.Length; i++)
                    {
                        mirrored[i / w, w - 1 - (i % w)] = map[i / w, i % w];
                    }

                    float[,] large = Resize(map, side, side + 1),
                        other = Resize(mirrored, side, side + 1);
                    return large.Cast<float>().Min() >= map.Cast<float>().Min()
                        && large.Cast<float>().Max() <= map.Cast<float>().Max()
                        && Enumerable
                            .Range(0, large.Length)
                            .All(i =>
                                Math.Abs(large[i / (side + 1), i % (side + 1)] - other[i / (side + 1), side - (i % (side + 1))])
                                < 1e-6
                            );
                },
                threads: 1
            );

    [Fact]
    public void Sides_that_are_not_positive_are_refused()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => Resize(new float[2, 2], 2, 0));
    }

    private static float[,] Resize(float[,] map, int height, int width) => new Heatmap(map).Resize(height, width).ToArray();

    private static float[,] Random(int height, int width, int seed)
    {
        var map = new float[height, width];
        for (int i = 0; i < map.Length; i++)
        {
            map[i / width, i % width] = (float)Fixture.Uniform((uint)seed, (uint)i);
        }

        return map;
    }
}
