namespace AttentionLab.Tests;

/// <summary>How far computed numbers may lie from exact ones: bounds from arithmetic, the same on every processor.</summary>
internal static class Tolerance
{
    /// <summary>
    /// Half the distance from 1 to the next float32: what storing a number in float32 changes at most, relative to it.
    /// </summary>
    public const double Float32Unit = 1.0 / (1 << 24);

    /// <summary>Half the distance from 1 to the next float64.</summary>
    public const double Float64Unit = 1.0 / (1L << 53);

    /// <summary>
    /// Of float32 operations that can be counted: each rounds its result by at most u, so that n in a row change a value by at
    /// most n·u of the largest one among them.
    /// </summary>
    /// <param name="operations">n: the longest chain of operations, conversions to float32 included.</param>
    /// <remarks>Higham, "Accuracy and stability of numerical algorithms", 2002, lemma 3.1, without its terms in u².</remarks>
    public static double Rounding(int operations) => operations * Float32Unit;

    /// <summary>As <see cref="Rounding"/>, of operations in float64.</summary>
    public static double RoundingInDouble(int operations) => operations * Float64Unit;

    /// <summary>
    /// Of sums in float32, relative to the largest value. Each addition rounds by an amount that is uniform within u of a partial
    /// sum, and partial sums are no larger than the largest value: n of them in a row have the standard deviation u·√(n/3). Six
    /// of these are exceeded once in 10⁹ values.
    /// </summary>
    /// <param name="additions">n: the longest chain of additions from what goes in to what comes out, all layers
    /// together.</param>
    /// <remarks>Higham, Mary, "A new approach to probabilistic rounding error analysis", SIAM J. Sci. Comput. 41, 2019.</remarks>
    public static double Float32(int additions) => 6 * Math.Sqrt(additions / 3.0) * Float32Unit;

    /// <summary>
    /// Of two float32 computations of one thing, such as PyTorch's and ours: the deviations of both add up as squares.
    /// </summary>
    /// <param name="additions">As for <see cref="Float32"/>, in one of them.</param>
    public static double BetweenFloat32(int additions) => Float32(2 * additions);

    /// <summary>The additions from the picture to conv3.</summary>
    public const int ToConv3 = 27 + 288 + 576;

    /// <summary>
    /// The additions from the picture to the logits of <c>Cnn</c> and <c>SeCnn</c>: 27, 288 and 576 in the convolutions, 2048 and
    /// 512 in the linear layers.
    /// </summary>
    public const int Forward = 27 + 288 + 576 + 2048 + 512;

    /// <summary>
    /// And back from the logits to the picture: 10 and 512, then the convolutions' outputs, 9·128, 9·64 and 9·32.
    /// </summary>
    public const int ForwardAndBackward = Forward + 10 + 512 + 1152 + 576 + 288;
}
