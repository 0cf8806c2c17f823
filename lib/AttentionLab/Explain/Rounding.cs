using static TorchSharp.torch;

namespace AttentionLab.Explain;

/// <summary>
/// Keeps rounding out of maps: what a network computed in float32 is added up in double precision, and what its rounding alone
/// explains counts as zero.
/// </summary>
/// <remarks>
/// Higham, "Accuracy and stability of numerical algorithms", 2nd edition 2002, section 4.2: n terms x add up with an error of at
/// most n·u·Σ|x|. Of float16 and bfloat16, torch adds up in float32 and rounds once, so that n counts there with float32's u.
/// </remarks>
internal static class Rounding
{
    /// <summary>The values in double precision, on the CPU where the device has none (Apple's MPS).</summary>
    public static Tensor InDouble(this Tensor x) =>
        (x.device_type == TorchSharp.DeviceType.MPS ? x.cpu() : x).to(ScalarType.Float64);

    /// <summary>The largest share of Σ|x| that rounding puts into a sum of n values x of a type: n·u.</summary>
    /// <param name="terms">n.</param>
    /// <param name="type">The type the values were computed in.</param>
    public static double Of(long terms, ScalarType type) =>
        type is ScalarType.Float16 or ScalarType.BFloat16
            ? UnitRoundoff(type) + (terms * UnitRoundoff(ScalarType.Float32))
            : terms * UnitRoundoff(type);

    /// <summary>u, half the distance from 1 to the next number of a type.</summary>
    public static double UnitRoundoff(ScalarType type) =>
        type switch
        {
            ScalarType.Float64 => Math.ScaleB(1, -53),
            ScalarType.Float16 => Math.ScaleB(1, -11),
            ScalarType.BFloat16 => Math.ScaleB(1, -8),
            _ => Math.ScaleB(1, -24),
        };

    /// <summary>
    /// Values scaled to [0, 1] over some dimensions, (x − min) / (max − min), in double precision; 0 where they differ by
    /// rounding only, for such a quotient would be noise.
    /// </summary>
    /// <param name="x">The values.</param>
    /// <param name="dimensions">The dimensions that are scaled together.</param>
    /// <param name="type">The type the values were computed in.</param>
    public static Tensor MinMax(Tensor x, long[] dimensions, ScalarType type)
    {
        Tensor wide = x.InDouble(),
            low = wide.amin(dimensions, keepdim: true),
            range = wide.amax(dimensions, keepdim: true) - low,
            noise = Of(dimensions.Aggregate(1L, (n, d) => n * x.shape[d]), type) * wide.abs().amax(dimensions, keepdim: true);
        return where(range <= noise, zeros_like(wide), (wide - low) / range);
    }
}
