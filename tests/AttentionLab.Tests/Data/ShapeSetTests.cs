using System.Runtime.InteropServices;
using System.Security.Cryptography;
using AttentionLab.Core;
using AttentionLab.Data;
using TorchSharp;
using static TorchSharp.torch;

namespace AttentionLab.Tests.Data;

[Trait("Kind", "Numeric")]
public sealed class ShapeSetTests
{
    private const int Area = 32 * 32;

    private static readonly Lazy<DataSet> Default = new(() => ShapeSet.Create());

    public static TheoryData<bool> Splits => [true, false];

    [Fact]
    public void The_default_set_has_ten_thousand_pictures_to_learn_from_and_two_thousand_to_be_judged_by()
    {
        DataSet set = Default.Value;
        Assert.Equal((10_000, 2_000), (set.Train.Count, set.Test.Count));
        Assert.Equal((32, 32, true), (set.Test.Height, set.Test.Width, set.Test.HasMasks));
        Assert.Equal(["disc", "ring", "square", "triangle", "star", "cross", "heart", "moon", "drop", "arrow"], set.ClassNames);
        Assert.Same(Normalization.Tutorial, set.Normalization);
    }

    // Change the drawing on purpose, and these change: weights trained on the set and figures in the lessons then need renewal.
    [Theory]
    [InlineData(10_000, 2_000, 0, false, "6419267428c87ff0c3ceca7c3ed0742fc437b8ec7efd3e080aaa82b1b26344f9")]
    [InlineData(500, 100, 7, true, "ea1f816405573f04bcbe336619352c0a3eb5735a654ec2f21d5808d5882b25dd")]
    public void A_seed_gives_the_same_bytes_everywhere(int train, int test, long seed, bool shortcut, string sha256)
    {
        DataSet set = ShapeSet.Create(train, test, seed, shortcut);
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (LabeledImages split in new[] { set.Train, set.Test })
        {
            hash.AppendData(split.Pixels.Span);
            hash.AppendData(MemoryMarshal.AsBytes(split.Labels));
            for (int i = 0; i < split.Count; i++)
            {
                hash.AppendData(split.MaskOf(i));
            }
        }

        string actual = Convert.ToHexStringLower(hash.GetHashAndReset());
        Assert.True(sha256 == actual, $"The bytes' SHA-256 is {actual}.");
    }

    [Fact]
    public void Pictures_drawn_one_after_the_other_are_those_drawn_on_many_threads()
    {
        LabeledImages train = Default.Value.Train;
        var canvas = new SceneCanvas();
        byte[] planes = new byte[3 * Area],
            mask = new byte[Area];
        for (int i = train.Count - 1; i >= 0; i -= 7)
        {
            var random = new RandomStream(0, 0, i);
            Scene.Paint(canvas, Shape.All[train.Labels[i]], ref random);
            canvas.CopyTo(planes, mask);
            Assert.True(train.PlanesOf(i).SequenceEqual(planes), $"picture {i}");
            Assert.True(train.MaskOf(i).SequenceEqual(mask), $"mask {i}");
        }
    }

    [Theory]
    [MemberData(nameof(Splits))]
    public void A_smaller_set_is_the_beginning_of_a_larger_one(bool training)
    {
        LabeledImages whole = Of(Default.Value, training),
            part = Of(ShapeSet.Create(train: 33, test: 33), training);
        Assert.True(whole.Pixels.Span[..(33 * 3 * Area)].SequenceEqual(part.Pixels.Span));
        Assert.True(whole.Labels[..33].SequenceEqual(part.Labels));
        Assert.True(whole.MaskOf(32).SequenceEqual(part.MaskOf(32)));
    }

    [Fact]
    public void No_two_pictures_are_the_same_neither_within_a_split_nor_across_splits_or_seeds()
    {
        DataSet other = ShapeSet.Create(train: 1_000, test: 1_000, seed: 1);
        var seen = new HashSet<string>();
        foreach (LabeledImages split in new[] { Default.Value.Train, Default.Value.Test, other.Train, other.Test })
        {
            for (int i = 0; i < split.Count; i++)
            {
                Assert.True(seen.Add(Convert.ToHexString(SHA256.HashData(split.PlanesOf(i)))), $"{split.Name} {i}");
            }
        }
    }

    [Theory]
    [MemberData(nameof(Splits))]
    public void Each_ten_pictures_hold_every_class_once_in_an_order_of_their_own(bool training)
    {
        LabeledImages split = Of(Default.Value, training);
        int[][] tens = [.. split.Labels.ToArray().Chunk(10)];
        Assert.All(tens, ten => Assert.Equal(Enumerable.Range(0, 10), ten.Order()));
        Assert.True(tens.Select(ten => string.Join(' ', ten)).Distinct().Count() > 0.99 * tens.Length);
    }

    [Fact]
    public void Every_object_can_be_seen_and_leaves_most_of_the_picture_to_the_background()
    {
        LabeledImages train = Default.Value.Train;
        for (int i = 0; i < train.Count; i++)
        {
            double share = Coverage(train.MaskOf(i)) / Area;
            Assert.InRange(share, 0.025, 0.45);
        }
    }

    [Fact]
    public void An_object_is_brighter_than_what_surrounds_it()
    {
        LabeledImages train = Default.Value.Train;
        for (int i = 0; i < train.Count; i++)
        {
            ReadOnlySpan<byte> planes = train.PlanesOf(i),
                mask = train.MaskOf(i);
            double inside = 0,
                outside = 0;
            int insides = 0,
                outsides = 0;
            for (int p = 0; p < Area; p++)
            {
                // Luma of ITU-R 601.
                double light = (0.299 * planes[p]) + (0.587 * planes[p + Area]) + (0.114 * planes[p + (2 * Area)]);
                if (mask[p] == 255)
                {
                    inside += light;
                    insides++;
                }
                else if (mask[p] == 0)
                {
                    outside += light;
                    outsides++;
                }
            }

            Assert.True(
                inside / insides > outside / outsides,
                $"picture {i}: {inside / insides:F0} against {outside / outsides:F0}"
            );
        }
    }

    [Fact]
    public void A_blob_in_the_middle_explains_few_pictures()
    {
        LabeledImages test = Default.Value.Test;
        double best = 0;
        for (double radius = 4; radius <= 16; radius++)
        {
            double sum = 0;
            for (int i = 0; i < test.Count; i++)
            {
                double shared = 0,
                    either = 0;
                for (int p = 0; p < Area; p++)
                {
                    double x = (p % 32) - 15.5,
                        y = (p / 32) - 15.5,
                        blob = (x * x) + (y * y) <= radius * radius ? 255 : 0;
                    shared += Math.Min(blob, test.MaskOf(i)[p]);
                    either += Math.Max(blob, test.MaskOf(i)[p]);
                }

                sum += shared / either;
            }

            best = Math.Max(best, sum / test.Count);
        }

        Assert.True(best < 0.35, $"mean intersection over union {best:F3}");
    }

    [Fact]
    public void A_linear_classifier_does_not_learn_it()
    {
        DataSet set = Default.Value;
        using DisposeScope scope = NewDisposeScope();
        using nn.Module<Tensor, Tensor> linear = nn.Linear(3 * Area, 10);
        using (no_grad())
        {
            foreach (Tensor parameter in linear.parameters())
            {
                parameter.zero_();
            }
        }

        using optim.Optimizer adam = optim.Adam(linear.parameters(), 1e-3);
        (Tensor input, Tensor label) = Tensors(set.Train);
        for (int epoch = 0; epoch < 3; epoch++)
        {
            for (int start = 0; start + 64 <= set.Train.Count; start += 64)
            {
                using DisposeScope step = NewDisposeScope();
                adam.zero_grad();
                nn.functional.cross_entropy(linear.call(input.narrow(0, start, 64)), label.narrow(0, start, 64)).backward();
                adam.step();
            }
        }

        (Tensor testInput, Tensor testLabel) = Tensors(set.Test);
        double accuracy = linear.call(testInput).argmax(1).eq(testLabel).to(ScalarType.Float64).mean().ToDouble();
        Assert.InRange(accuracy, 0.05, 0.4);

        (Tensor, Tensor) Tensors(LabeledImages split) =>
            (
                set.Normalization.ToTensor(split, [.. Enumerable.Range(0, split.Count)]).flatten(1),
                tensor(split.Labels.ToArray().Select(l => (long)l).ToArray())
            );
    }

    [Theory]
    [MemberData(nameof(Splits))]
    public void A_shortcut_is_a_mark_in_a_corner_that_misses_the_object_and_nothing_else_changes(bool training)
    {
        LabeledImages plain = Of(Default.Value, training),
            marked = Of(ShapeSet.Create(500, 500, shortcut: true), training);
        var corners = new HashSet<(int, int)>();
        for (int i = 0; i < marked.Count; i++)
        {
            (int top, int left) = Corner(plain, marked, i);
            corners.Add((top, left));
            Assert.Equal(plain.Labels[i], marked.Labels[i]);
            Assert.True(plain.MaskOf(i).SequenceEqual(marked.MaskOf(i)));
            for (int p = 0; p < Area; p++)
            {
                if (IsIn(p, top, left))
                {
                    Assert.Equal(0, marked.MaskOf(i)[p]);
                    Assert.Equal(ColourAt(marked, i, (top * 32) + left), ColourAt(marked, i, p));
                }
                else
                {
                    Assert.Equal(ColourAt(plain, i, p), ColourAt(marked, i, p));
                }
            }
        }

        Assert.Equal(4, corners.Count);
    }

    [Fact]
    public void The_marks_colour_gives_the_class_away_in_training_and_names_another_class_in_the_test()
    {
        DataSet plain = Default.Value,
            marked = ShapeSet.Create(1_000, 1_000, shortcut: true);
        var classOf = new Dictionary<(byte, byte, byte), int>();
        for (int i = 0; i < marked.Train.Count; i++)
        {
            (byte, byte, byte) colour = MarkOf(plain.Train, marked.Train, i);
            classOf.TryAdd(colour, marked.Train.Labels[i]);
            Assert.Equal(classOf[colour], marked.Train.Labels[i]);
        }

        Assert.Equal(10, classOf.Count);
        var misled = new HashSet<(int, int)>();
        for (int i = 0; i < marked.Test.Count; i++)
        {
            int named = classOf[MarkOf(plain.Test, marked.Test, i)];
            Assert.NotEqual(named, marked.Test.Labels[i]);
            misled.Add((marked.Test.Labels[i], named));
        }

        Assert.Equal(90, misled.Count);
    }

    [Fact]
    public void An_empty_split_is_allowed()
    {
        DataSet set = ShapeSet.Create(train: 0, test: 10);
        Assert.Equal((0, 10), (set.Train.Count, set.Test.Count));
    }

    [Theory]
    [InlineData(-1, 10, "train")]
    [InlineData(10, -1, "test")]
    [InlineData(699_051, 10, "train")]
    [InlineData(10, int.MaxValue, "test")]
    public void A_count_that_cannot_be_is_refused_by_name(int train, int test, string parameter) =>
        Assert.Equal(parameter, Assert.Throws<ArgumentOutOfRangeException>(() => ShapeSet.Create(train, test)).ParamName);

    private static LabeledImages Of(DataSet set, bool training) => training ? set.Train : set.Test;

    private static double Coverage(ReadOnlySpan<byte> mask)
    {
        double sum = 0;
        foreach (byte value in mask)
        {
            sum += value / 255.0;
        }

        return sum;
    }

    private static (byte, byte, byte) ColourAt(LabeledImages images, int i, int p)
    {
        ReadOnlySpan<byte> planes = images.PlanesOf(i);
        return (planes[p], planes[p + Area], planes[p + (2 * Area)]);
    }

    private static bool IsIn(int p, int top, int left) =>
        p / 32 >= top && p / 32 < top + 6 && p % 32 >= left && p % 32 < left + 6;

    /// <summary>The corner in which the marked picture differs from the plain one.</summary>
    private static (int Top, int Left) Corner(LabeledImages plain, LabeledImages marked, int i)
    {
        int p = 0;
        while (ColourAt(plain, i, p) == ColourAt(marked, i, p))
        {
            p++;
        }

        return (p / 32 < 16 ? 0 : 26, p % 32 < 16 ? 0 : 26);
    }

    private static (byte, byte, byte) MarkOf(LabeledImages plain, LabeledImages marked, int i)
    {
        (int top, int left) = Corner(plain, marked, i);
        return ColourAt(marked, i, (top * 32) + left);
    }
}
