using AttentionLab.Core;

namespace AttentionLab.Data;

/// <summary>Paints a square over the picture with its centre at any pixel; what lies outside the picture is cut off.</summary>
/// <remarks>
/// DeVries, Taylor, "Improved Regularization of Convolutional Neural Networks with Cutout", 2017. They paint zeros into the
/// normalised picture, which is CIFAR-10's mean colour, the default here.
/// </remarks>
public sealed class Cutout : IRandomTransform
{
    /// <summary>Covers a square.</summary>
    /// <param name="side">Its side in pixels, positive.</param>
    public Cutout(int side)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(side);
        Side = side;
    }

    /// <summary>The square's side in pixels.</summary>
    public int Side { get; }

    /// <summary>What is painted.</summary>
    public (byte Red, byte Green, byte Blue) Fill { get; init; } = (125, 123, 114);

    /// <inheritdoc/>
    public void Apply(Canvas canvas, ref RandomStream random)
    {
        int row = random.Next(canvas.Height),
            column = random.Next(canvas.Width);
        canvas.Paint(row - (Side / 2), column - (Side / 2), Side, Side, Fill);
        if (canvas.IsRecording)
        {
            canvas.Record($"cutout (row {row}, column {column})");
        }
    }
}
