using AttentionLab.Data;
using CsCheck;

namespace AttentionLab.Tests.Data;

[Trait("Kind", "Numeric")]
public sealed class ColorAdjustmentTests
{
    // Two pixels, planes of red, green and blue. Luma: (19595·200 + 38470·100 + 7471·50 + 32768) >> 16 = 124, and 28 likewise.
    private static readonly byte[] TwoPixels = [200, 10, 100, 20, 50, 120];

    private static readonly Gen<byte[]> AnyPlanes = Gen.Int[0, 150].SelectMany(area => Gen.Byte.Array[3 * area]);

    [Theory]
    [InlineData(0.0, new byte[] { 0, 0, 0, 0, 0, 0 })]
    [InlineData(0.5, new byte[] { 100, 5, 50, 10, 25, 60 })]
    [InlineData(1.0, new byte[] { 200, 10, 100, 20, 50, 120 })]
    [InlineData(1.25, new byte[] { 250, 12, 125, 25, 62, 150 })]
    [InlineData(2.0, new byte[] { 255, 20, 200, 40, 100, 240 })]
    public void Brightness_multiplies_cuts_and_clips(double factor, byte[] expected) =>
        AssertChanges(expected, planes => ColorAdjustment.AdjustBrightness(planes, factor));

    // The lumas' mean is (124 + 28) / 2 = 76.
    [Theory]
    [InlineData(0.0, new byte[] { 76, 76, 76, 76, 76, 76 })]
    [InlineData(0.5, new byte[] { 138, 43, 88, 48, 63, 98 })]
    [InlineData(1.5, new byte[] { 255, 0, 112, 0, 37, 142 })]
    public void Contrast_blends_with_the_mean_luma(double factor, byte[] expected) =>
        AssertChanges(expected, planes => ColorAdjustment.AdjustContrast(planes, factor));

    [Theory]
    [InlineData(0.0, new byte[] { 124, 28, 124, 28, 124, 28 })]
    [InlineData(0.5, new byte[] { 162, 19, 112, 24, 87, 74 })]
    [InlineData(1.5, new byte[] { 238, 1, 88, 16, 13, 166 })]
    public void Saturation_blends_with_each_pixels_luma(double factor, byte[] expected) =>
        AssertChanges(expected, planes => ColorAdjustment.AdjustSaturation(planes, factor));

    [Fact]
    public void A_third_of_the_circle_makes_red_green_and_green_blue()
    {
        byte[] planes = [255, 0, 0, 255, 0, 0];
        ColorAdjustment.AdjustHue(planes, 1 / 3.0 + 1e-9);
        Assert.Equal([0, 0, 255, 0, 0, 255], planes);
    }

    [Fact]
    public void Every_colour_turns_as_PIL_turns_it()
    {
        // One picture of 256 × 256 pixels for each red: all 16,777,216 colours.
        const int Area = 256 * 256;
        var planes = new byte[3 * Area];
        for (int red = 0; red < 256; red++)
        {
            for (int p = 0; p < Area; p++)
            {
                (planes[p], planes[Area + p], planes[(2 * Area) + p]) = ((byte)red, (byte)(p >> 8), (byte)p);
            }

            double shift = (red % 101 / 100.0) - 0.5;
            ColorAdjustment.AdjustHue(planes, shift);
            byte turn = unchecked((byte)(int)(shift * 255));
            for (int p = 0; p < Area; p++)
            {
                var expected = Pil.TurnHue((byte)red, (byte)(p >> 8), (byte)p, turn);
                var actual = (planes[p], planes[Area + p], planes[(2 * Area) + p]);
                if (actual != expected)
                {
                    Assert.Fail($"({red}, {p >> 8}, {p & 255}) turned by {turn} is {actual}; PIL gives {expected}.");
                }
            }
        }
    }

    [Fact]
    public void Every_pair_of_values_blends_as_PIL_blends_it() =>
        Gen.Select(AnyPlanes, Gen.Double[0, 3])
            .Sample(
                (planes, factor) =>
                {
                    int area = planes.Length / 3;
                    byte[] bright = [.. planes],
                        contrast = [.. planes],
                        saturated = [.. planes];
                    ColorAdjustment.AdjustBrightness(bright, factor);
                    ColorAdjustment.AdjustContrast(contrast, factor);
                    ColorAdjustment.AdjustSaturation(saturated, factor);

                    int[] lumas =
                    [
                        .. Enumerable.Range(0, area).Select(p => Pil.Luma(planes[p], planes[area + p], planes[(2 * area) + p])),
                    ];
                    int mean = area == 0 ? 0 : (int)(lumas.Average() + 0.5);
                    Assert.Equal(planes.Select(v => Pil.Blend(0, v, (float)factor)), bright);
                    Assert.Equal(planes.Select(v => Pil.Blend(mean, v, (float)factor)), contrast);
                    Assert.Equal(planes.Select((v, p) => Pil.Blend(lumas[p % area], v, (float)factor)), saturated);
                }
            );

    [Fact]
    public void Factor_one_changes_nothing() =>
        AnyPlanes.Sample(planes =>
        {
            byte[] changed = [.. planes];
            ColorAdjustment.AdjustBrightness(changed, 1);
            ColorAdjustment.AdjustContrast(changed, 1);
            ColorAdjustment.AdjustSaturation(changed, 1);
            Assert.Equal(planes, changed);
        });

    [Fact]
    public void Grey_has_no_hue_to_turn() =>
        Gen.Select(Gen.Byte.Array[0, 100], Gen.Double[-0.5, 0.5])
            .Sample(
                (grey, shift) =>
                {
                    byte[] planes = [.. grey, .. grey, .. grey];
                    ColorAdjustment.AdjustHue(planes, shift);
                    Assert.Equal([.. grey, .. grey, .. grey], planes);
                }
            );

    [Fact]
    public void Turning_keeps_the_largest_value_of_each_pixel() =>
        Gen.Select(AnyPlanes, Gen.Double[-0.5, 0.5])
            .Sample(
                (planes, shift) =>
                {
                    int area = planes.Length / 3;
                    byte[] turned = [.. planes];
                    ColorAdjustment.AdjustHue(turned, shift);
                    for (int p = 0; p < area; p++)
                    {
                        Assert.Equal(Largest(planes, area, p), Largest(turned, area, p));
                    }

                    static int Largest(byte[] of, int area, int p) => Math.Max(of[p], Math.Max(of[area + p], of[(2 * area) + p]));
                }
            );

    [Theory]
    [InlineData(-0.1)]
    [InlineData(double.NaN)]
    [InlineData(double.PositiveInfinity)]
    [InlineData(1e300)]
    public void Bad_amounts_are_refused(double amount)
    {
        var planes = new byte[6];
        Assert.Throws<ArgumentOutOfRangeException>(() => ColorAdjustment.AdjustBrightness(planes, amount));
        Assert.Throws<ArgumentOutOfRangeException>(() => ColorAdjustment.AdjustContrast(planes, amount));
        Assert.Throws<ArgumentOutOfRangeException>(() => ColorAdjustment.AdjustSaturation(planes, amount));
        Assert.Throws<ArgumentOutOfRangeException>(() => ColorAdjustment.AdjustHue(planes, amount - 0.6));
    }

    [Fact]
    public void Planes_of_unequal_size_are_refused() =>
        Assert.Throws<ArgumentException>(() => ColorAdjustment.AdjustContrast(new byte[7], 1));

    private static void AssertChanges(byte[] expected, Action<byte[]> change)
    {
        byte[] planes = [.. TwoPixels];
        change(planes);
        Assert.Equal(expected, planes);
    }

    /// <summary>PIL's arithmetic one pixel at a time, in the types that its C code computes in.</summary>
    private static class Pil
    {
        public static int Luma(int red, int green, int blue) => ((19595 * red) + (38470 * green) + (7471 * blue) + 0x8000) >> 16;

        public static byte Blend(int from, int to, float factor) => (byte)Math.Clamp(from + (factor * (to - from)), 0f, 255f);

        public static (byte Red, byte Green, byte Blue) TurnHue(byte red, byte green, byte blue, byte turn)
        {
            (byte hue, byte saturation, byte value) = ToHsv(red, green, blue);
            return ToRgb(unchecked((byte)(hue + turn)), saturation, value);
        }

        private static (byte Hue, byte Saturation, byte Value) ToHsv(byte red, byte green, byte blue)
        {
            byte max = Math.Max(red, Math.Max(green, blue)),
                min = Math.Min(red, Math.Min(green, blue));
            if (min == max)
            {
                return (0, 0, max);
            }

            float range = max - min;
            float r = (max - red) / range,
                g = (max - green) / range,
                b = (max - blue) / range;
            float sixths = red == max ? b - g : (float)(green == max ? 2.0 + r - b : 4.0 + g - r);
            double circle = (sixths / 6.0) + 1.0;
            float hue = (float)(circle >= 1 ? circle - 1 : circle);
            return ((byte)(hue * 255.0), (byte)(range / max * 255.0), max);
        }

        private static (byte Red, byte Green, byte Blue) ToRgb(byte hue, byte saturation, byte value)
        {
            double position = hue * 6.0 / 255.0;
            int sextant = (int)position;
            float rest = (float)(position - sextant),
                part = (float)(saturation / 255.0);
            byte low = Round(value * (1.0 - part)),
                falling = Round(value * (1.0 - (part * rest))),
                rising = Round(value * (1.0 - (part * (1.0 - rest))));
            return (sextant % 6) switch
            {
                0 => (value, rising, low),
                1 => (falling, value, low),
                2 => (low, value, rising),
                3 => (low, falling, value),
                4 => (rising, low, value),
                _ => (value, low, falling),
            };
        }

        private static byte Round(double value) => (byte)(value + 0.5);
    }
}
