namespace AttentionLab.Data;

/// <summary>Changes a picture's colours in place, to the bit as torchvision does on PIL pictures.</summary>
public static class ColorAdjustment
{
    /// <summary>Blends with black: 0 makes the picture black, 1 leaves it alone, 2 doubles every value.</summary>
    /// <param name="planes">The picture, 3×H×W.</param>
    /// <param name="factor">At least 0.</param>
    public static void AdjustBrightness(Span<byte> planes, double factor)
    {
        Check(planes, factor);
        BlendWith(0, planes, (float)factor);
    }

    /// <summary>Blends with the grey that is the picture's mean luma: 0 leaves only that, 1 leaves the picture alone.</summary>
    /// <param name="planes">The picture, 3×H×W.</param>
    /// <param name="factor">At least 0.</param>
    public static void AdjustContrast(Span<byte> planes, double factor)
    {
        int area = Check(planes, factor);
        long sum = 0;
        for (int p = 0; p < area; p++)
        {
            sum += Luma(planes[p], planes[area + p], planes[(2 * area) + p]);
        }

        BlendWith((int)(((double)sum / area) + 0.5), planes, (float)factor);
    }

    /// <summary>Blends with the picture's own grey version: 0 takes all colour away, 1 leaves the picture alone.</summary>
    /// <param name="planes">The picture, 3×H×W.</param>
    /// <param name="factor">At least 0.</param>
    public static void AdjustSaturation(Span<byte> planes, double factor)
    {
        int area = Check(planes, factor);
        for (int p = 0; p < area; p++)
        {
            int grey = Luma(planes[p], planes[area + p], planes[(2 * area) + p]);
            for (int c = p; c < planes.Length; c += area)
            {
                planes[c] = Blend(grey, planes[c], (float)factor);
            }
        }
    }

    /// <summary>Turns every colour on the colour circle, by way of 8-bit hue, saturation and value.</summary>
    /// <param name="planes">The picture, 3×H×W.</param>
    /// <param name="shift">As a part of the circle, in [−0.5, 0.5]: red goes towards yellow when positive.</param>
    public static void AdjustHue(Span<byte> planes, double shift)
    {
        int area = CheckPlanes(planes);
        if (!(shift is >= -0.5 and <= 0.5))
        {
            throw new ArgumentOutOfRangeException(nameof(shift), shift, "A hue shift lies in [-0.5, 0.5] of the circle.");
        }

        byte turn = unchecked((byte)(int)(shift * 255));
        for (int p = 0; p < area; p++)
        {
            (byte hue, byte saturation, byte value) = Hsv.FromRgb(planes[p], planes[area + p], planes[(2 * area) + p]);
            (planes[p], planes[area + p], planes[(2 * area) + p]) = Hsv.ToRgb(unchecked((byte)(hue + turn)), saturation, value);
        }
    }

    /// <summary>Luma of ITU-R 601 in 16-bit fixed point.</summary>
    private static int Luma(byte red, byte green, byte blue) => ((19595 * red) + (38470 * green) + (7471 * blue) + 0x8000) >> 16;

    private static void BlendWith(int other, Span<byte> values, float factor)
    {
        foreach (ref byte value in values)
        {
            value = Blend(other, value, factor);
        }
    }

    /// <summary>Between two values, or beyond the second; single precision, cut off and not rounded.</summary>
    private static byte Blend(int from, int to, float factor) => (byte)Math.Clamp(from + (factor * (to - from)), 0, 255);

    private static int Check(Span<byte> planes, double factor) => factor is >= 0 and < double.PositiveInfinity
        ? CheckPlanes(planes)
        : throw new ArgumentOutOfRangeException(nameof(factor), factor, "A factor is a finite number, at least 0.");

    private static int CheckPlanes(Span<byte> planes) => planes.Length % 3 == 0
        ? planes.Length / 3
        : throw new ArgumentException($"Three planes of one size are needed; {planes.Length} bytes do not divide by three.", nameof(planes));
}
