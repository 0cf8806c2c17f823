namespace AttentionLab.Data;

/// <summary>A colour: red, green and blue in [0, 1], as a screen takes them.</summary>
internal readonly record struct Rgb(double Red, double Green, double Blue)
{
    /// <summary>
    /// The colour of a lightness in [0, 1], a chroma (0 is grey, 0.2 vivid) and a hue, given as a direction. Equal steps look
    /// equal.
    /// </summary>
    /// <remarks>
    /// Björn Ottosson, "A perceptual color space for image processing", 2020 (OKLab), with a square root for the screen's
    /// gamma: unlike the exact curve, it comes out the same on every processor.
    /// </remarks>
    public static Rgb FromOklab(double lightness, double chroma, Direction hue)
    {
        double a = chroma * hue.X,
            b = chroma * hue.Y;
        double l = Cube(lightness + (0.3963377774 * a) + (0.2158037573 * b));
        double m = Cube(lightness - (0.1055613458 * a) - (0.0638541728 * b));
        double s = Cube(lightness - (0.0894841775 * a) - (1.2914855480 * b));
        return new Rgb(
            Encode((4.0767416621 * l) - (3.3077115913 * m) + (0.2309699292 * s)),
            Encode((-1.2684380046 * l) + (2.6097574011 * m) - (0.3413193965 * s)),
            Encode((-0.0041960863 * l) - (0.7034186147 * m) + (1.7076147010 * s))
        );
    }

    /// <summary>This colour where <paramref name="share"/> is 0, the other where it is 1.</summary>
    public Rgb Mix(Rgb other, double share) =>
        new(
            (Red * (1 - share)) + (other.Red * share),
            (Green * (1 - share)) + (other.Green * share),
            (Blue * (1 - share)) + (other.Blue * share)
        );

    private static double Cube(double value) => value * value * value;

    private static double Encode(double linear) => Math.Sqrt(Math.Clamp(linear, 0, 1));
}
