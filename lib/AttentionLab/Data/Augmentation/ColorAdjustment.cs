using System.Numerics;

namespace AttentionLab.Data;

/// <summary>Changes a picture's colours in place, to the bit as torchvision does on PIL pictures.</summary>
/// <remarks>
/// All arithmetic is single precision on several pixels at once. Every product and sum of whole numbers here stays below 2²⁴ and
/// is exact; where PIL rounds on the way, the same rounding is done.
/// </remarks>
public static class ColorAdjustment
{
    /// <summary>Blends with black: 0 makes the picture black, 1 leaves it alone, 2 doubles every value.</summary>
    /// <param name="planes">The picture, 3×H×W.</param>
    /// <param name="factor">In [0, 1e6].</param>
    /// <exception cref="ArgumentException">The length does not divide by three.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The factor is outside its range.</exception>
    public static void AdjustBrightness(Span<byte> planes, double factor) =>
        PixelLoop.Run(planes, new BlendWithGrey(0, CheckFactor(factor)));

    /// <summary>Blends with the grey that is the picture's mean luma: 0 leaves only that, 1 leaves the picture alone.</summary>
    /// <inheritdoc cref="AdjustBrightness"/>
    public static void AdjustContrast(Span<byte> planes, double factor) =>
        PixelLoop.Run(planes, new BlendWithGrey(MeanLuma(planes), CheckFactor(factor)));

    /// <summary>Blends with the picture's own grey version: 0 takes all colour away, 1 leaves the picture alone.</summary>
    /// <inheritdoc cref="AdjustBrightness"/>
    public static void AdjustSaturation(Span<byte> planes, double factor) =>
        PixelLoop.Run(planes, new BlendWithOwnLuma(CheckFactor(factor)));

    /// <summary>Turns every colour on the colour circle, by way of 8-bit hue, saturation and value.</summary>
    /// <param name="planes">The picture, 3×H×W.</param>
    /// <param name="shift">As a part of the circle, in [−0.5, 0.5]; red goes towards yellow when positive.</param>
    /// <exception cref="ArgumentException">The length does not divide by three.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The shift is outside its range.</exception>
    public static void AdjustHue(Span<byte> planes, double shift)
    {
        if (!(shift is >= -0.5 and <= 0.5))
        {
            throw new ArgumentOutOfRangeException(nameof(shift), shift, "A hue shift lies in [-0.5, 0.5] of the circle.");
        }

        PixelLoop.Run(planes, new TurnHue(unchecked((byte)(int)(shift * 255))));
    }

    private static float CheckFactor(double factor) =>
        factor is >= 0 and <= 1e6
            ? (float)factor
            : throw new ArgumentOutOfRangeException(nameof(factor), factor, "A factor lies in [0, 1e6].");

    /// <summary>The mean of the pixels' luma, rounded.</summary>
    private static int MeanLuma(Span<byte> planes)
    {
        var sum = new SumLuma();
        PixelLoop.Run(planes, ref sum);
        return planes.IsEmpty ? 0 : (int)(((double)sum.Total / (planes.Length / 3)) + 0.5);
    }

    /// <summary>Luma of ITU-R 601 with weights in 16 bits, as a whole number.</summary>
    private static Vector<float> Luma(Vector<float> red, Vector<float> green, Vector<float> blue) =>
        Vector.Floor(((19595f * red) + (38470f * green) + (7471f * blue) + new Vector<float>(0x8000)) * (1f / 65536));

    /// <summary>Between two values, or beyond the second; cut off, not rounded.</summary>
    private static Vector<float> Blend(Vector<float> from, Vector<float> to, float factor) => from + (factor * (to - from));

    private readonly struct BlendWithGrey(int grey, float factor) : IPixelOperation
    {
        public void Apply(ref Vector<float> red, ref Vector<float> green, ref Vector<float> blue)
        {
            var from = new Vector<float>(grey);
            red = Blend(from, red, factor);
            green = Blend(from, green, factor);
            blue = Blend(from, blue, factor);
        }
    }

    private readonly struct BlendWithOwnLuma(float factor) : IPixelOperation
    {
        public void Apply(ref Vector<float> red, ref Vector<float> green, ref Vector<float> blue)
        {
            Vector<float> from = Luma(red, green, blue);
            red = Blend(from, red, factor);
            green = Blend(from, green, factor);
            blue = Blend(from, blue, factor);
        }
    }

    private struct SumLuma : IPixelOperation
    {
        private Vector<ulong> _low,
            _high;

        public readonly ulong Total => Vector.Sum(_low + _high);

        public void Apply(ref Vector<float> red, ref Vector<float> green, ref Vector<float> blue)
        {
            Vector.Widen(Vector.ConvertToUInt32Native(Luma(red, green, blue)), out Vector<ulong> low, out Vector<ulong> high);
            _low += low;
            _high += high;
        }
    }

    private readonly struct TurnHue(byte turn) : IPixelOperation
    {
        public void Apply(ref Vector<float> red, ref Vector<float> green, ref Vector<float> blue)
        {
            Vector<float> one = Vector<float>.One,
                max = Vector.MaxNative(red, Vector.MaxNative(green, blue)),
                min = Vector.MinNative(red, Vector.MinNative(green, blue));
            Vector<float> middle = red + green + blue - max - min,
                range = max - min;

            // Hue in sixths of the circle: red is at 0, green at 2, blue at 4, and the middle channel says how far to the next.
            Vector<int> redLeads = Vector.Equals(red, max),
                greenLeads = Vector.Equals(green, max);
            Vector<float> leader = Vector.ConditionalSelect(
                redLeads,
                Vector<float>.Zero,
                Vector.ConditionalSelect(greenLeads, new Vector<float>(2f), new Vector<float>(4f))
            );
            Vector<float> behind = Vector.ConditionalSelect(redLeads, blue, Vector.ConditionalSelect(greenLeads, red, green));
            Vector<float> distance = (max - middle) / Vector.MaxNative(range, one);
            Vector<float> sixths = Vector.ConditionalSelect(
                Vector.Equals(behind, min),
                leader + one - distance,
                leader - one + distance
            );
            Vector<float> circle = sixths / 6f;
            circle = Vector.ConditionalSelect(Vector.LessThan(circle, Vector<float>.Zero), circle + one, circle);

            Vector<float> saturation = Vector.Floor(range / Vector.MaxNative(max, one) * 255f);
            Vector<float> hue = Vector.Floor(circle * 255f) + new Vector<float>(turn);
            hue -= Vector.ConditionalSelect(
                Vector.GreaterThan(hue, new Vector<float>(255f)),
                new Vector<float>(256f),
                Vector<float>.Zero
            );

            // Back, without sixths: how far each channel lies below the value, 255 being all the way, is a trapezium over the
            // circle.
            Vector<float> position = hue * 6f,
                depth = max * saturation;
            red = Below(max, depth, new Vector<float>(510f) - Vector.Abs(position - new Vector<float>(765f)));
            green = Below(max, depth, Vector.Abs(position - new Vector<float>(510f)) - new Vector<float>(255f));
            blue = Below(max, depth, Vector.Abs(position - new Vector<float>(1020f)) - new Vector<float>(255f));
        }

        private static Vector<float> Below(Vector<float> value, Vector<float> depth, Vector<float> weight) =>
            value
            - Vector.Floor(
                (depth * Vector.MinNative(Vector.MaxNative(weight, Vector<float>.Zero), new Vector<float>(255f)) * (1f / 65025))
                    + new Vector<float>(0.5f)
            );
    }
}
