using AttentionLab.Core;

namespace AttentionLab.Data;

/// <summary>
/// Paints a rectangle of random area and ratio over the picture, now and then, as torchvision's RandomErasing does: up to ten
/// rectangles are drawn, and the first that fits into the picture is painted.
/// </summary>
/// <remarks>
/// Zhong et al., "Random Erasing Data Augmentation", AAAI 2020, algorithm 1. torchvision paints zeros into the normalised
/// picture, which is CIFAR-10's mean colour, the default here.
/// </remarks>
public sealed class RandomErasing : IRandomTransform
{
    private const int Attempts = 10;

    /// <summary>Erases by chance.</summary>
    /// <param name="probability">How often, in [0, 1].</param>
    public RandomErasing(double probability = 0.5)
    {
        if (!(probability is >= 0 and <= 1))
        {
            throw new ArgumentOutOfRangeException(nameof(probability), probability, "A probability lies in [0, 1].");
        }

        Probability = probability;
    }

    /// <summary>How often, in [0, 1].</summary>
    public double Probability { get; }

    /// <summary>The smallest and the largest area, over the picture's, with 0 &lt; Least ≤ Most ≤ 1.</summary>
    /// <exception cref="ArgumentOutOfRangeException">They are not.</exception>
    public (double Least, double Most) Area
    {
        get;
        init => field = value is { Least: > 0, Most: <= 1 } && value.Least <= value.Most ? value : throw OutOfRange(nameof(Area));
    } = (0.02, 0.33);

    /// <summary>The smallest and the largest ratio of height to width, with 0 &lt; Least ≤ Most.</summary>
    /// <exception cref="ArgumentOutOfRangeException">They are not.</exception>
    public (double Least, double Most) Ratio
    {
        get;
        init =>
            field =
                value.Least > 0 && value.Least <= value.Most && double.IsFinite(value.Most)
                    ? value
                    : throw OutOfRange(nameof(Ratio));
    } = (0.3, 3.3);

    /// <summary>What is painted.</summary>
    public (byte Red, byte Green, byte Blue) Fill { get; init; } = (125, 123, 114);

    /// <inheritdoc/>
    public void Apply(Canvas canvas, ref RandomStream random)
    {
        bool erases = random.Chance(Probability);
        for (int attempt = 0; erases && attempt < Attempts; attempt++)
        {
            double area = canvas.Height * canvas.Width * random.Uniform(Area.Least, Area.Most);
            double ratio = Math.Exp(random.Uniform(Math.Log(Ratio.Least), Math.Log(Ratio.Most)));
            int height = (int)Math.Round(Math.Sqrt(area * ratio)),
                width = (int)Math.Round(Math.Sqrt(area / ratio));
            if (height < canvas.Height && width < canvas.Width)
            {
                int top = random.Next(canvas.Height - height + 1),
                    left = random.Next(canvas.Width - width + 1);
                canvas.Paint(top, left, height, width, Fill);
                if (canvas.IsRecording)
                {
                    canvas.Record($"erase ({height}×{width})");
                }

                return;
            }
        }

        if (canvas.IsRecording)
        {
            canvas.Record($"no erasing");
        }
    }

    private static ArgumentOutOfRangeException OutOfRange(string name) =>
        new(name, $"{name} is a smaller and a larger positive number{(name == nameof(Area) ? ", at most 1" : "")}.");
}
