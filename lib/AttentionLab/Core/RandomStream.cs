namespace AttentionLab.Core;

/// <summary>
/// A small deterministic random generator. Streams of one seed that differ in their key (an epoch, a picture's index) are
/// independent, so that work split over threads draws the same numbers in any order.
/// </summary>
/// <remarks>
/// SplitMix64: Steele, Lea, Flood, "Fast splittable pseudorandom number generators", OOPSLA 2014. A mutable value: pass it by
/// reference to go on drawing from it.
/// </remarks>
public struct RandomStream
{
    private const ulong Golden = 0x9E3779B97F4A7C15;

    private ulong _state;

    /// <summary>Starts the stream that belongs to a seed and up to two keys.</summary>
    public RandomStream(long seed, long key = 0, long subkey = 0)
    {
        _state = Mix(Mix(Mix((ulong)seed + Golden) + (ulong)key + Golden) + (ulong)subkey + Golden);
    }

    /// <summary>The next 64 random bits.</summary>
    public ulong NextBits() => Mix(_state += Golden);

    /// <summary>The next number, uniform in [0, 1), with 53 random bits.</summary>
    public double NextDouble() => (NextBits() >> 11) * (1.0 / (1UL << 53));

    /// <summary>The next number, uniform in [<paramref name="low"/>, <paramref name="high"/>).</summary>
    public double Uniform(double low, double high) => low + ((high - low) * NextDouble());

    /// <summary>The next integer, uniform in [0, <paramref name="bound"/>).</summary>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="bound"/> is not positive.</exception>
    public int Next(int bound)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(bound);
        return (int)Math.BigMul(NextBits(), (ulong)bound, out _);
    }

    /// <summary>True with probability <paramref name="probability"/>.</summary>
    public bool Chance(double probability) => NextDouble() < probability;

    /// <summary>Normal numbers of mean 0 and standard deviation 1.</summary>
    /// <remarks>Box, Muller, "A note on the generation of random normal deviates", 1958.</remarks>
    public float[] Normal(int count)
    {
        var numbers = new float[count];
        for (int i = 0; i < count; i += 2)
        {
            double radius = Math.Sqrt(-2 * Math.Log(1 - NextDouble())),
                angle = 2 * Math.PI * NextDouble();
            numbers[i] = (float)(radius * Math.Cos(angle));
            if (i + 1 < count)
            {
                numbers[i + 1] = (float)(radius * Math.Sin(angle));
            }
        }

        return numbers;
    }

    /// <summary>Puts the items into a random order (Fisher–Yates).</summary>
    public void Shuffle<T>(Span<T> items)
    {
        for (int i = items.Length - 1; i > 0; i--)
        {
            int j = Next(i + 1);
            (items[i], items[j]) = (items[j], items[i]);
        }
    }

    private static ulong Mix(ulong z)
    {
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
        return z ^ (z >> 31);
    }
}
