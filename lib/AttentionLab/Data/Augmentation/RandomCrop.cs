using AttentionLab.Core;

namespace AttentionLab.Data;

/// <summary>Surrounds the picture with black and cuts a part of the old size out of it, anywhere.</summary>
public sealed class RandomCrop : IRandomTransform
{
    /// <summary>Crops after padding.</summary>
    /// <param name="padding">Pixels of black on each side, at least 0.</param>
    public RandomCrop(int padding)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(padding);
        Padding = padding;
    }

    /// <summary>Pixels of black on each side.</summary>
    public int Padding { get; }

    /// <inheritdoc/>
    public void Apply(Canvas canvas, ref RandomStream random)
    {
        int top = random.Next((2 * Padding) + 1),
            left = random.Next((2 * Padding) + 1);
        Geometry.Crop(canvas.CopyToSpare(), canvas.Planes, canvas.Height, canvas.Width, top, left, Padding);
        if (canvas.IsRecording)
        {
            canvas.Record($"crop: {Shift(Padding - top, "down", "up")}, {Shift(Padding - left, "right", "left")}");
        }
    }

    /// <summary>Where the picture went, which is the other way than the window.</summary>
    private static string Shift(int pixels, string forward, string back) => $"{Math.Abs(pixels)} {(pixels < 0 ? back : forward)}";
}
