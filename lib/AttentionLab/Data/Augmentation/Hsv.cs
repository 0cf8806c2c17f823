namespace AttentionLab.Data;

/// <summary>Hue, saturation and value in eight bits each, with the roundings of PIL: single precision where it has it.</summary>
internal static class Hsv
{
    public static (byte Hue, byte Saturation, byte Value) FromRgb(byte red, byte green, byte blue)
    {
        byte max = Math.Max(red, Math.Max(green, blue)), min = Math.Min(red, Math.Min(green, blue));
        if (min == max)
        {
            return (0, 0, max);
        }

        float range = max - min;
        float r = (max - red) / range, g = (max - green) / range, b = (max - blue) / range;
        float sextant = red == max ? b - g : (float)(green == max ? 2.0 + r - b : 4.0 + g - r);
        float hue = (float)(((sextant / 6.0) + 1.0) % 1.0);
        return ((byte)(hue * 255.0), (byte)(range / max * 255.0), max);
    }

    public static (byte Red, byte Green, byte Blue) ToRgb(byte hue, byte saturation, byte value)
    {
        if (saturation == 0)
        {
            return (value, value, value);
        }

        double position = hue * 6.0 / 255.0;
        int sextant = (int)position;
        float rest = (float)(position - sextant), part = (float)(saturation / 255.0);
        byte low = Round(value * (1.0 - part));
        byte falling = Round(value * (1.0 - (part * rest)));
        byte rising = Round(value * (1.0 - (part * (1.0 - rest))));
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
