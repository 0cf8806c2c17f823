using AttentionLab.Core;

namespace AttentionLab.Data;

/// <summary>Turns the picture about its centre, either way; what comes in from outside is black.</summary>
public sealed class RandomRotation : IRandomTransform
{
    /// <summary>Rotates by an angle uniform in [−degrees, degrees].</summary>
    /// <param name="degrees">The largest angle, in [0, 180].</param>
    public RandomRotation(double degrees)
    {
        if (!(degrees is >= 0 and <= 180))
        {
            throw new ArgumentOutOfRangeException(nameof(degrees), degrees, "The largest angle lies in [0, 180] degrees.");
        }

        Degrees = degrees;
    }

    /// <summary>The largest angle.</summary>
    public double Degrees { get; }

    /// <inheritdoc/>
    public void Apply(Canvas canvas, ref RandomStream random)
    {
        double degrees = random.Uniform(-Degrees, Degrees);
        Geometry.Rotate(canvas.CopyToSpare(), canvas.Planes, canvas.Height, canvas.Width, degrees);
        if (canvas.IsRecording)
        {
            canvas.Record($"rotate {degrees:+0.0;-0.0}°");
        }
    }
}
