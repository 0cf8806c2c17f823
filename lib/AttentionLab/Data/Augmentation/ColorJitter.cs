using AttentionLab.Core;

namespace AttentionLab.Data;

/// <summary>
/// Changes brightness, contrast, saturation and hue, in an order drawn anew for every picture. What may go no way at all is
/// left out; a hue turned by 0 would still be rounded to eight bits.
/// </summary>
public sealed class ColorJitter : IRandomTransform
{
    /// <summary>Says how far each may go: factors uniform in [max(0, 1 − v), 1 + v], a hue shift uniform in [−v, v].</summary>
    /// <param name="brightness">In [0, 100].</param>
    /// <param name="contrast">In [0, 100].</param>
    /// <param name="saturation">In [0, 100].</param>
    /// <param name="hue">As a part of the colour circle, in [0, 0.5].</param>
    public ColorJitter(double brightness = 0, double contrast = 0, double saturation = 0, double hue = 0)
    {
        Brightness = CheckFactor(brightness, nameof(brightness));
        Contrast = CheckFactor(contrast, nameof(contrast));
        Saturation = CheckFactor(saturation, nameof(saturation));
        Hue = hue is >= 0 and <= 0.5
            ? hue
            : throw new ArgumentOutOfRangeException(nameof(hue), hue, "The hue's range lies in [0, 0.5] of the circle.");
    }

    /// <summary>How far the brightness factor may be from 1.</summary>
    public double Brightness { get; }

    /// <summary>How far the contrast factor may be from 1.</summary>
    public double Contrast { get; }

    /// <summary>How far the saturation factor may be from 1.</summary>
    public double Saturation { get; }

    /// <summary>How far the hue may move, as a part of the circle.</summary>
    public double Hue { get; }

    /// <inheritdoc/>
    public void Apply(Canvas canvas, ref RandomStream random)
    {
        Span<int> order = [0, 1, 2, 3];
        random.Shuffle(order);
        double brightness = Factor(Brightness, ref random),
            contrast = Factor(Contrast, ref random),
            saturation = Factor(Saturation, ref random);
        double hue = random.Uniform(-Hue, Hue);
        foreach (int part in order)
        {
            switch (part)
            {
                case 0 when Brightness > 0:
                    ColorAdjustment.AdjustBrightness(canvas.Planes, brightness);
                    break;
                case 1 when Contrast > 0:
                    ColorAdjustment.AdjustContrast(canvas.Planes, contrast);
                    break;
                case 2 when Saturation > 0:
                    ColorAdjustment.AdjustSaturation(canvas.Planes, saturation);
                    break;
                case 3 when Hue > 0:
                    ColorAdjustment.AdjustHue(canvas.Planes, hue);
                    break;
                default:
                    continue;
            }

            if (canvas.IsRecording)
            {
                FormattableString done = part switch
                {
                    0 => $"brightness ×{brightness:0.00}",
                    1 => $"contrast ×{contrast:0.00}",
                    2 => $"saturation ×{saturation:0.00}",
                    _ => $"hue {360 * hue:+0;-0;0}°",
                };
                canvas.Record(done);
            }
        }
    }

    private static double Factor(double range, ref RandomStream random) => random.Uniform(Math.Max(0, 1 - range), 1 + range);

    private static double CheckFactor(double range, string name) =>
        range is >= 0 and <= 100
            ? range
            : throw new ArgumentOutOfRangeException(name, range, "A factor's range lies in [0, 100].");
}
