using AttentionLab.Core;
using CsCheck;

namespace AttentionLab.Tests.Core;

[Trait("Kind", "Numeric")]
public sealed class RandomStreamTests
{
    [Fact]
    public void One_key_gives_one_sequence_and_other_keys_others()
    {
        Assert.Equal(Draw(new RandomStream(1, 2, 3)), Draw(new RandomStream(1, 2, 3)));
        Assert.NotEqual(Draw(new RandomStream(1, 2, 3)), Draw(new RandomStream(1, 3, 2)));
        Assert.NotEqual(Draw(new RandomStream(1, 2, 3)), Draw(new RandomStream(2, 1, 3)));

        static ulong[] Draw(RandomStream random) => [random.NextBits(), random.NextBits(), random.NextBits()];
    }

    [Fact]
    public void Numbers_are_spread_evenly()
    {
        var random = new RandomStream(0);
        var counts = new int[10];
        double sum = 0;
        for (int i = 0; i < 100_000; i++)
        {
            counts[random.Next(10)]++;
            sum += random.Uniform(-1, 3);
        }

        // Five standard deviations: √(100,000 · 0.1 · 0.9) ≈ 95, and 4/√12/√100,000 ≈ 0.0037.
        Assert.All(counts, c => Assert.InRange(c, 10_000 - 475, 10_000 + 475));
        Assert.InRange(sum / 100_000, 1 - 0.0183, 1 + 0.0183);
    }

    [Fact]
    public void A_shuffle_keeps_every_item() =>
        Gen.Select(Gen.Long, Gen.Int.Array[0, 40])
            .Sample(
                (seed, items) =>
                {
                    int[] shuffled = [.. items];
                    new RandomStream(seed).Shuffle<int>(shuffled);
                    Assert.Equal(items.Order(), shuffled.Order());
                }
            );

    [Fact]
    public void Draws_stay_inside_their_range() =>
        Gen.Select(Gen.Long, Gen.Int[1, int.MaxValue])
            .Sample(
                (seed, bound) =>
                {
                    var random = new RandomStream(seed);
                    Assert.InRange(random.Next(bound), 0, bound - 1);
                    Assert.InRange(random.NextDouble(), 0, Math.BitDecrement(1.0));
                }
            );
}
