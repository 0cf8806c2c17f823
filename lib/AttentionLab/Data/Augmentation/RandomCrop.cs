using AttentionLab.Core;

namespace AttentionLab.Data;

/// <summary>
/// Surrounds the picture with black, or with its own mirror image, and cuts a part of the old size out of it, anywhere.
/// </summary>
public sealed class RandomCrop : IRandomTransform
{
    /// <summary>Crops after padding.</summary>
    /// <param name="padding">Pixels added on each side, at least 0.</param>
    public RandomCrop(int padding)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(padding);
        Padding = padding;
    }

    /// <summary>Pixels added on each side.</summary>
    public int Padding { get; }

    /// <summary>
    /// Whether the picture is continued by its mirror image, the edge itself not repeated (PyTorch: padding_mode "reflect"),
    /// which needs sides longer than the padding; else by black.
    /// </summary>
    public bool Reflect { get; init; }

    /// <inheritdoc/>
    public void Apply(Canvas canvas, ref RandomStream random)
    {
        int top = random.Next((2 * Padding) + 1),
            left = random.Next((2 * Padding) + 1);
        if (Reflect)
        {
            Geometry.CropReflected(canvas.CopyToSpare(), canvas.Planes, canvas.Height, canvas.Width, top, left, Padding);
        }
        else
        {
            Geometry.Crop(canvas.CopyToSpare(), canvas.Planes, canvas.Height, canvas.Width, top, left, Padding);
        }

        if (canvas.IsRecording)
        {
            canvas.Record($"crop: {Shift(Padding - top, "down", "up")}, {Shift(Padding - left, "right", "left")}");
        }
    }

    /// <summary>Where the picture went, which is the other way than the window.</summary>
    private static string Shift(int pixels, string forward, string back) => $"{Math.Abs(pixels)} {(pixels < 0 ? back : forward)}";
}
