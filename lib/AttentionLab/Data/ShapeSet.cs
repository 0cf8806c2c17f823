using AttentionLab.Core;

namespace AttentionLab.Data;

/// <summary>
/// The built-in picture set, drawn by code from a seed, so that there is something to learn without a network or a file: ten
/// kinds of shapes in 32×32 colour pictures, and with each picture the exact mask of its object, by which a heat map can be
/// judged.
/// </summary>
/// <remarks>
/// Objects vary in place, size, lean, colour and texture, lie on varied grounds among confetti, and four in ten are partly
/// hidden. Only the outline tells the class: a linear classifier gets one in five right, the tutorial's network more than nine in
/// ten after five or six epochs. Each picture draws from a stream of its own (<see cref="RandomStream"/> keyed by seed, split and
/// index), and only with + − × ÷ and √, which every processor rounds alike: the same seed gives the same bytes everywhere,
/// whatever the number of threads, and a smaller set is the beginning of a larger one.
/// </remarks>
public static class ShapeSet
{
    private const int MostPictures = int.MaxValue / (3 * SceneCanvas.Area);

    private enum Split
    {
        Training,
        Test,
    }

    /// <summary>
    /// Draws the set. Classes: disc, ring, square, triangle, star, cross, heart, moon, drop, arrow, equally often in each ten
    /// pictures.
    /// </summary>
    /// <param name="train">How many pictures to learn from.</param>
    /// <param name="test">How many pictures to be judged by.</param>
    /// <param name="seed">Decides everything that is drawn.</param>
    /// <param name="shortcut">
    /// Plants a shortcut into the same pictures: a coloured square of 6×6 pixels in a corner, clear of the object. In training
    /// its colour gives the class away; in the test split it is the colour of another class.
    /// </param>
    /// <returns>Two splits of 3×32×32 pictures with masks, and the tutorial's normalisation.</returns>
    /// <exception cref="ArgumentOutOfRangeException">A count is negative, or above 699,050, more than one block can
    /// hold.</exception>
    public static DataSet Create(int train = 10_000, int test = 2_000, long seed = 0, bool shortcut = false)
    {
        Check(train, nameof(train));
        Check(test, nameof(test));
        string name = shortcut ? "Shapes with a shortcut" : "Shapes";
        return new DataSet(
            name,
            Draw($"{name} training", Split.Training, train, seed, shortcut),
            Draw($"{name} test", Split.Test, test, seed, shortcut),
            Normalization.Tutorial
        );
    }

    private static LabeledImages Draw(string name, Split split, int count, long seed, bool shortcut)
    {
        const int area = SceneCanvas.Area;
        var pixels = new byte[count * 3 * area];
        var masks = new byte[count * area];
        int[] labels = Labels(split, count, seed);
        Parallel.For(
            0,
            count,
            () => new SceneCanvas(),
            (i, _, canvas) =>
            {
                var random = new RandomStream(seed, (long)split, i);
                Scene.Paint(canvas, Shape.All[labels[i]], ref random);
                if (shortcut)
                {
                    Mark.Paint(canvas, split == Split.Training ? labels[i] : Another(labels[i], ref random), ref random);
                }

                canvas.CopyTo(pixels.AsSpan(i * 3 * area, 3 * area), masks.AsSpan(i * area, area));
                return canvas;
            },
            _ => { }
        );
        string[] classNames = [.. Shape.All.Select(shape => shape.Name)];
        return new LabeledImages(name, SceneCanvas.Side, SceneCanvas.Side, pixels, labels, classNames, masks);
    }

    /// <summary>All classes in random order, again and again.</summary>
    private static int[] Labels(Split split, int count, long seed)
    {
        // Pictures take the keys from 0 up; the order takes one that no picture has.
        var random = new RandomStream(seed, (long)split, -1);
        var labels = new int[count];
        int[] classes = [.. Enumerable.Range(0, Shape.All.Count)];
        for (int i = 0; i < count; i++)
        {
            if (i % classes.Length == 0)
            {
                random.Shuffle<int>(classes);
            }

            labels[i] = classes[i % classes.Length];
        }

        return labels;
    }

    private static int Another(int label, ref RandomStream random) =>
        (label + 1 + random.Next(Shape.All.Count - 1)) % Shape.All.Count;

    private static void Check(int count, string name)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(count, name);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(count, MostPictures, name);
    }
}
