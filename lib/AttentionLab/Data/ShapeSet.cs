namespace AttentionLab.Data;

/// <summary>
/// The built-in picture set: ten shapes in small colour pictures, drawn by code, for learning where no other set is at hand and for
/// judging heat maps by number.
/// </summary>
public static class ShapeSet
{
    /// <summary>Draws the set.</summary>
    public static DataSet Create(int train = 10_000, int test = 2_000, long seed = 0, bool shortcut = false)
    {
        return new DataSet("Shapes", Draw("Shapes training", train, seed, 0, shortcut), Draw("Shapes test", test, seed, 1, shortcut), Normalization.Tutorial);
    }

    private static LabeledImages Draw(string name, int count, long seed, int split, bool shortcut)
    {
        var pixels = new byte[count * 3 * SceneCanvas.Area];
        var masks = new byte[count * SceneCanvas.Area];
        var labels = new int[count];
        for (int i = 0; i < count; i++) labels[i] = i % 10;
        Parallel.For(0, count, () => new SceneCanvas(), (i, _, canvas) =>
        {
            var random = new SplitMix64(seed, split, i);
            Scene.Paint(canvas, Shape.All[labels[i]], ref random);
            canvas.CopyTo(pixels.AsSpan(i * 3 * SceneCanvas.Area, 3 * SceneCanvas.Area), masks.AsSpan(i * SceneCanvas.Area, SceneCanvas.Area));
            return canvas;
        }, _ => { });
        return new LabeledImages(name, SceneCanvas.Side, SceneCanvas.Side, pixels, labels, [.. Shape.All.Select(s => s.Name)], masks);
    }
}
