using System.Globalization;
using System.Text.RegularExpressions;
using AttentionLab.Core;
using AttentionLab.Data;
using AttentionLab.Imaging;
using CsCheck;

namespace AttentionLab.Tests.Data;

[Trait("Kind", "Numeric")]
public sealed partial class AugmentationTests
{
    private static readonly Image Sample = CreateSample();

    [Fact]
    public void The_tutorials_has_its_four_transforms_in_order()
    {
        IReadOnlyList<IRandomTransform> transforms = Augmentation.Tutorial.Transforms;
        Assert.Equal(4, Assert.IsType<RandomCrop>(transforms[0]).Padding);
        Assert.Equal(0.5, Assert.IsType<RandomHorizontalFlip>(transforms[1]).Probability);
        var jitter = Assert.IsType<ColorJitter>(transforms[2]);
        Assert.Equal((0.2, 0.2, 0.2, 0.1), (jitter.Brightness, jitter.Contrast, jitter.Saturation, jitter.Hue));
        Assert.Equal(15, Assert.IsType<RandomRotation>(transforms[3]).Degrees);
        Assert.Equal(4, transforms.Count);
    }

    [Fact]
    public void The_same_stream_gives_the_same_picture_and_another_gives_another()
    {
        byte[] first = Apply(Augmentation.Tutorial, new RandomStream(1, 2, 3));
        Assert.Equal(first, Apply(Augmentation.Tutorial, new RandomStream(1, 2, 3)));
        Assert.NotEqual(first, Apply(Augmentation.Tutorial, new RandomStream(1, 2, 4)));
        Assert.NotEqual(first, Apply(Augmentation.Tutorial, new RandomStream(1, 3, 3)));
        Assert.NotEqual(first, Apply(Augmentation.Tutorial, new RandomStream(2, 2, 3)));
    }

    [Fact]
    public void Transforms_of_no_extent_and_no_transforms_change_nothing() =>
        Gen.Long.Sample(seed =>
        {
            var nothing = new Augmentation(
                new RandomCrop(0),
                new RandomHorizontalFlip(0),
                new ColorJitter(),
                new RandomRotation(0)
            );
            Assert.Equal(PlanesOf(Sample), Apply(nothing, new RandomStream(seed)));
            Assert.Equal(PlanesOf(Sample), Apply(new Augmentation(), new RandomStream(seed)));
        });

    [Fact]
    public void Jitter_leaves_out_what_may_not_change()
    {
        IReadOnlyList<AugmentationStep> steps = new Augmentation(new ColorJitter(contrast: 0.5)).Steps(Sample, seed: 1);
        Assert.StartsWith("contrast", Assert.Single(steps.Skip(1)).Description, StringComparison.Ordinal);
    }

    [Fact]
    public void The_source_stays_as_it_was_unless_it_is_the_target()
    {
        byte[] source = PlanesOf(Sample),
            target = new byte[source.Length];
        var random = new RandomStream(5);
        Augmentation.Tutorial.Apply(source, Sample.Height, Sample.Width, target, ref random);
        Assert.Equal(PlanesOf(Sample), source);

        random = new RandomStream(5);
        Augmentation.Tutorial.Apply(source, Sample.Height, Sample.Width, source, ref random);
        Assert.Equal(target, source);
    }

    [Fact]
    public void Applying_takes_no_memory()
    {
        byte[] source = PlanesOf(Sample),
            target = new byte[source.Length];
        var random = new RandomStream(5);
        long allocated = 0;
        for (int i = 0; i < 200; i++)
        {
            long before = GC.GetAllocatedBytesForCurrentThread();
            Augmentation.Tutorial.Apply(source, Sample.Height, Sample.Width, target, ref random);
            allocated = i < 100 ? 0 : allocated + GC.GetAllocatedBytesForCurrentThread() - before;
        }

        // A foreach over an interface's list would allocate an enumerator each time; the array pool may buy one block.
        Assert.InRange(allocated, 0, 2_000);
    }

    [Fact]
    public void Steps_begin_with_the_original_and_name_what_was_drawn()
    {
        IReadOnlyList<AugmentationStep> steps = Augmentation.Tutorial.Steps(Sample, seed: 4);
        Assert.Equal(8, steps.Count);
        Assert.Same(Sample, steps[0].Picture);
        Assert.Equal("original", steps[0].Description);
        Assert.Matches(@"^crop: \d (down|up), \d (right|left)$", steps[1].Description);
        Assert.Matches("^(no )?flip$", steps[2].Description);
        string[] colours = [.. steps.Skip(3).Take(4).Select(s => s.Description)];
        Assert.Contains(colours, c => Regex.IsMatch(c, @"^brightness ×[01]\.\d\d$"));
        Assert.Contains(colours, c => Regex.IsMatch(c, @"^contrast ×[01]\.\d\d$"));
        Assert.Contains(colours, c => Regex.IsMatch(c, @"^saturation ×[01]\.\d\d$"));
        Assert.Contains(colours, c => Regex.IsMatch(c, @"^hue ([+-]\d+|0)°$"));
        Assert.Matches(@"^rotate [+-]\d+\.\d°$", steps[7].Description);
    }

    [Fact]
    public void Steps_read_the_same_in_every_culture()
    {
        CultureInfo before = CultureInfo.CurrentCulture;
        string[] expected = [.. Augmentation.Tutorial.Steps(Sample, seed: 4).Select(s => s.Description)];
        try
        {
            CultureInfo.CurrentCulture = CultureInfo.GetCultureInfo("de-DE");
            Assert.Equal(expected, Augmentation.Tutorial.Steps(Sample, seed: 4).Select(s => s.Description));
        }
        finally
        {
            CultureInfo.CurrentCulture = before;
        }
    }

    [Fact]
    public void The_last_step_is_what_applying_gives() =>
        Gen.Select(Gen.Long, Gen.Int[0, 100], Gen.Int[0, 100])
            .Sample(
                (seed, epoch, index) =>
                {
                    Image last = Augmentation.Tutorial.Steps(Sample, seed, epoch, index)[^1].Picture;
                    Assert.Equal(PlanesOf(last), Apply(Augmentation.Tutorial, new RandomStream(seed, epoch, index)));
                },
                iter: 50
            );

    [Fact]
    public void Draws_cover_their_ranges_evenly()
    {
        const int Pictures = 3000;
        var seen = new Dictionary<string, List<double>>();
        var orders = new Dictionary<string, int>();
        int flips = 0;
        for (int i = 0; i < Pictures; i++)
        {
            IReadOnlyList<AugmentationStep> steps = Augmentation.Tutorial.Steps(Sample, seed: 9, epoch: 1, index: i);
            flips += steps[2].Description == "flip" ? 1 : 0;
            string order = string.Concat(steps.Skip(3).Take(4).Select(s => s.Description[0]));
            orders[order] = orders.GetValueOrDefault(order) + 1;
            foreach (AugmentationStep step in steps.Skip(1))
            {
                foreach ((int n, Match number) in Number().Matches(step.Description).Index())
                {
                    string name = $"{step.Description.Split(' ', ':')[0]}{n}";
                    bool back = step.Description[(number.Index + number.Length)..].Split(' ', ',') is [_, "up" or "left", ..];
                    if (!seen.TryGetValue(name, out List<double>? values))
                    {
                        seen[name] = values = [];
                    }

                    values.Add((back ? -1 : 1) * double.Parse(number.Value, CultureInfo.InvariantCulture));
                }
            }
        }

        Assert.Equal(24, orders.Count);
        Assert.All(orders.Values, count => Assert.InRange(count, 80, 175));
        Assert.InRange(flips, 1380, 1620);
        AssertUniform("crop0", -4, 4);
        AssertUniform("crop1", -4, 4);
        AssertUniform("brightness0", 0.8, 1.2);
        AssertUniform("contrast0", 0.8, 1.2);
        AssertUniform("saturation0", 0.8, 1.2);
        AssertUniform("hue0", -36, 36);
        AssertUniform("rotate0", -15, 15);

        void AssertUniform(string name, double low, double high)
        {
            double range = high - low;
            Assert.Equal(Pictures, seen[name].Count);
            Assert.InRange(seen[name].Min(), low, low + (0.02 * range));
            Assert.InRange(seen[name].Max(), high - (0.02 * range), high);
            Assert.InRange(seen[name].Average(), low + (0.475 * range), low + (0.525 * range));
        }
    }

    [Fact]
    public void A_transform_of_ones_own_joins_in()
    {
        var mine = new Augmentation(new RandomHorizontalFlip(1), new Invert());
        IReadOnlyList<AugmentationStep> steps = mine.Steps(Sample, seed: 0);
        Assert.Equal(["original", "flip", "invert"], steps.Select(s => s.Description));
        Assert.Equal(steps[1].Picture.Rgb.Select(v => (byte)(255 - v)), steps[2].Picture.Rgb);
    }

    [Fact]
    public void Bad_arguments_are_refused()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => new RandomCrop(-1));
        Assert.Throws<ArgumentOutOfRangeException>(() => new RandomHorizontalFlip(1.1));
        Assert.Throws<ArgumentOutOfRangeException>(() => new RandomHorizontalFlip(double.NaN));
        Assert.Throws<ArgumentOutOfRangeException>(() => new RandomRotation(-1));
        Assert.Throws<ArgumentOutOfRangeException>(() => new RandomRotation(double.NaN));
        Assert.Throws<ArgumentOutOfRangeException>(() => new ColorJitter(brightness: -1));
        Assert.Throws<ArgumentOutOfRangeException>(() => new ColorJitter(contrast: double.NaN));
        Assert.Throws<ArgumentOutOfRangeException>(() => new ColorJitter(saturation: double.PositiveInfinity));
        Assert.Throws<ArgumentOutOfRangeException>(() => new ColorJitter(hue: 0.6));
        Assert.Throws<ArgumentException>(() => new Augmentation(new RandomCrop(4), null!));
        var random = new RandomStream(0);
        Assert.Throws<ArgumentException>(() => Augmentation.Tutorial.Apply(new byte[12], 2, 2, new byte[9], ref random));
    }

    [GeneratedRegex(@"[+-]?\d+(\.\d+)?")]
    private static partial Regex Number();

    private static byte[] Apply(Augmentation augmentation, RandomStream random)
    {
        byte[] target = new byte[Sample.Rgb.Length];
        augmentation.Apply(PlanesOf(Sample), Sample.Height, Sample.Width, target, ref random);
        return target;
    }

    private static byte[] PlanesOf(Image picture) =>
        [.. Enumerable.Range(0, 3).SelectMany(c => picture.Rgb.Where((_, i) => i % 3 == c))];

    private static Image CreateSample()
    {
        var random = new RandomStream(8);
        var rgb = new byte[3 * 9 * 11];
        foreach (ref byte value in rgb.AsSpan())
        {
            value = (byte)random.Next(256);
        }

        return new Image(9, 11, rgb);
    }

    private sealed class Invert : IRandomTransform
    {
        public void Apply(Canvas canvas, ref RandomStream random)
        {
            foreach (ref byte value in canvas.Planes)
            {
                value = (byte)(255 - value);
            }

            canvas.Record($"invert");
        }
    }

    [Fact]
    public void Alternating_flips_show_both_sides_in_two_epochs_and_half_of_the_pictures_each_way()
    {
        var flip = new Augmentation(new AlternatingFlip());
        byte[] row = [1, 2, 3, 1, 2, 3, 1, 2, 3],
            mirrored = [3, 2, 1, 3, 2, 1, 3, 2, 1],
            target = new byte[9];
        int flipped = 0;
        for (int index = 0; index < 1000; index++)
        {
            bool before = IsFlipped(index, 0);
            Assert.Equal(!before, IsFlipped(index, 1));
            Assert.Equal(before, IsFlipped(index, 2));
            flipped += before ? 1 : 0;
        }

        // Five standard deviations of 1,000 coins: 5 · √250.
        Assert.InRange(flipped, 421, 579);

        bool IsFlipped(int index, int epoch)
        {
            var random = new RandomStream(1);
            flip.Apply(row, 1, 3, target, ref random, epoch, index);
            Assert.True(target.AsSpan().SequenceEqual(row) || target.AsSpan().SequenceEqual(mirrored));
            return target[0] == 3;
        }
    }

    [Theory]
    [InlineData(0, 0, new byte[] { 5, 4, 5, 2, 1, 2, 5, 4, 5 })]
    [InlineData(1, 1, new byte[] { 1, 2, 3, 4, 5, 6, 7, 8, 9 })]
    [InlineData(2, 1, new byte[] { 4, 5, 6, 7, 8, 9, 4, 5, 6 })]
    [InlineData(1, 2, new byte[] { 2, 3, 2, 5, 6, 5, 8, 9, 8 })]
    public void A_reflecting_crop_continues_the_picture_by_its_mirror_image(int top, int left, byte[] expected)
    {
        byte[] plane = [1, 2, 3, 4, 5, 6, 7, 8, 9],
            target = new byte[27];
        Geometry.CropReflected([.. plane, .. plane, .. plane], target, 3, 3, top, left, 1);
        Assert.Equal(expected, target[..9]);
        Assert.Equal(expected, target[18..]);
        Assert.Throws<ArgumentOutOfRangeException>(() => Geometry.CropReflected(new byte[27], new byte[27], 3, 3, 0, 0, 3));
    }
}
