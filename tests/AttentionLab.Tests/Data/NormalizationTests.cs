using AttentionLab.Data;
using AttentionLab.Imaging;
using CsCheck;
using TorchSharp;
using static TorchSharp.torch;

namespace AttentionLab.Tests.Data;

[Trait("Kind", "Numeric")]
public sealed class NormalizationTests
{
    [Fact]
    public void Pixels_become_the_numbers_that_torchvision_gives()
    {
        using DisposeScope scope = NewDisposeScope();
        var images = new LabeledImages("one", 1, 2, [0, 255, 51, 204, 128, 1], [0], ["a"]);
        Tensor input = Normalization.Tutorial.ToTensor(images, [0]);

        Assert.Equal([1, 3, 1, 2], input.shape);
        double[] expected =
        [
            (0 - 0.4914) / 0.2023,
            (1 - 0.4914) / 0.2023,
            (0.2 - 0.4822) / 0.1994,
            (0.8 - 0.4822) / 0.1994,
            ((128 / 255.0) - 0.4465) / 0.2010,
            ((1 / 255.0) - 0.4465) / 0.2010,
        ];
        Assert.Equal(expected, input.data<float>().ToArray().Select(v => (double)v), Close);

        // A division, a difference, a division; a value of 1 divided by 0.2 is the largest.
        static bool Close(double a, double b) => Math.Abs(a - b) <= 5 * Tolerance.Rounding(3);
    }

    [Fact]
    public void A_picture_comes_back_unchanged() =>
        Gen
            .Byte.Array[12]
            .Sample(pixels =>
            {
                using DisposeScope scope = NewDisposeScope();
                var images = new LabeledImages("one", 2, 2, pixels, [0], ["a"]);
                Assert.Equal(
                    images.PictureOf(0).Rgb,
                    Normalization.Tutorial.ToPicture(Normalization.Tutorial.ToTensor(images, [0])).Rgb
                );
            });

    [Fact]
    public void Pictures_become_what_a_split_of_them_becomes()
    {
        using DisposeScope scope = NewDisposeScope();
        Image first = new(1, 2, [0, 51, 128, 255, 204, 1]),
            second = new(1, 2, [9, 8, 7, 6, 5, 4]);
        var images = new LabeledImages("two", 1, 2, [0, 255, 51, 204, 128, 1, 9, 6, 8, 5, 7, 4], [0, 0], ["a"]);
        Assert.True(Normalization.Tutorial.ToTensor(images, [0, 1]).Equals(Normalization.Tutorial.ToTensor(first, second)));
        Assert.Contains(
            "picture 1 has 2×1",
            Assert.Throws<ArgumentException>(() => Normalization.Tutorial.ToTensor(first, new Image(2, 1, new byte[6]))).Message,
            StringComparison.Ordinal
        );
        Assert.Throws<ArgumentException>(() => Normalization.Tutorial.ToTensor());
    }

    [Fact]
    public void A_splits_own_mean_and_deviation_normalise_it() =>
        Gen
            .Byte.Array[24]
            .Sample(pixels =>
            {
                using DisposeScope scope = NewDisposeScope();
                pixels[0] = (byte)(pixels[1] ^ 255); // not all alike
                pixels[4] = (byte)(pixels[5] ^ 255);
                pixels[8] = (byte)(pixels[9] ^ 255);
                var images = new LabeledImages("two", 2, 2, pixels, [0, 0], ["a"]);
                Tensor input = Normalization.Of(images).ToTensor(images, [0, 1]).to(ScalarType.Float64);
                // Mean and deviation are float32: x = (v − μ) / σ is off by 3·u of |v − μ| / σ and by u·μ/σ, its square by twice
                // that times |x|.
                double least = Normalization.Of(images).StandardDeviation.Min(),
                    tolerance = Tolerance.Rounding(4) / least;
                Assert.True(input.mean([0, 2, 3]).abs().max().item<double>() <= tolerance);
                Assert.True(
                    (input.pow(2).mean([0, 2, 3]) - 1).abs().max().item<double>()
                        <= 2 * tolerance * input.abs().max().item<double>()
                );
            });

    [Fact]
    public void Values_outside_the_picture_range_are_clipped()
    {
        using DisposeScope scope = NewDisposeScope();
        var identity = new Normalization([0, 0, 0], [1, 1, 1]);
        Assert.Equal([0, 128, 255], identity.ToPicture(tensor([-3f, 0.5f, 7f], [3, 1, 1])).Rgb);
    }

    [Fact]
    public void A_batch_is_no_picture()
    {
        using DisposeScope scope = NewDisposeScope();
        var e = Assert.Throws<ArgumentException>(() => Normalization.Tutorial.ToPicture(zeros(2, 3, 4, 4)));
        Assert.Contains("2×3×4×4", e.Message, StringComparison.Ordinal);
    }
}
