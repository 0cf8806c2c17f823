using AttentionLab.Core;

namespace AttentionLab.Data;

/// <summary>Mirrors the picture left to right, now and then.</summary>
public sealed class RandomHorizontalFlip : IRandomTransform
{
    /// <summary>Flips by chance.</summary>
    /// <param name="probability">How often, in [0, 1].</param>
    public RandomHorizontalFlip(double probability = 0.5)
    {
        if (!(probability is >= 0 and <= 1))
        {
            throw new ArgumentOutOfRangeException(nameof(probability), probability, "A probability lies in [0, 1].");
        }

        Probability = probability;
    }

    /// <summary>How often, in [0, 1].</summary>
    public double Probability { get; }

    /// <inheritdoc/>
    public void Apply(Canvas canvas, ref RandomStream random)
    {
        bool flip = random.Chance(Probability);
        if (flip)
        {
            Geometry.FlipHorizontally(canvas.Planes, canvas.Height, canvas.Width);
        }

        if (canvas.IsRecording)
        {
            canvas.Record($"{(flip ? "flip" : "no flip")}");
        }
    }
}
