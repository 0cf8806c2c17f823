using System.Security.Cryptography;
using System.Text.Json;
using AttentionLab.Core;
using AttentionLab.Data;
using AttentionLab.Imaging;
using static TorchSharp.torch;

namespace AttentionLab.Tests.Data;

/// <summary>Preprocessing with pixels and numbers worked out by hand.</summary>
public class PreprocessingTests
{
    [Fact]
    public void Halving_weighs_as_Pillow_does()
    {
        // Centre 1 of the first new pixel: weights 3/4, 3/4, 1/4 of 7/4 on 10, 20, 90 are 180/7 = 25.7; mirrored on 20, 90, 200:
        // (20 + 3·90 + 3·200) / 7 = 127.1.
        Image half = new Preprocessing
        {
            Height = 1,
            Width = 2,
            Fit = ImageFit.Squash,
        }.Apply(Grey(1, 10, 20, 90, 200));

        Assert.Equal([26, 127], Greys(half));
    }

    [Fact]
    public void Doubling_is_linear_between_the_middles_of_pixels()
    {
        Image twice = new Preprocessing
        {
            Height = 1,
            Width = 4,
            Fit = ImageFit.Squash,
        }.Apply(Grey(1, 0, 100));

        Assert.Equal([0, 25, 75, 100], Greys(twice));
    }

    [Fact]
    public void The_shorter_side_comes_first_and_the_middle_is_cut_out()
    {
        Preprocessing preprocessing = new()
        {
            Height = 1,
            Width = 1,
            ShorterSide = 2,
        };
        Image picture = Grey(2, 0, 10, 20, 30, 0, 10, 20, 30);

        // 2×4 has the shorter side 2 already; (2 − 1)/2 and (4 − 1)/2 are 0.5 and 1.5, rounded to the even 0 and 2.
        Assert.Equal([20], Greys(preprocessing.Apply(picture)));
    }

    [Fact]
    public void Letterbox_and_crop_keep_the_ratio()
    {
        Image wide = Grey(1, 50, 50, 50, 50);

        Image boxed = new Preprocessing
        {
            Height = 4,
            Width = 4,
            Fit = ImageFit.Letterbox,
            Background = (7, 7, 7),
        }.Apply(wide);
        Image cropped = new Preprocessing { Height = 1, Width = 1 }.Apply(Grey(1, 1, 2, 3));

        Assert.Equal([7, 7, 7, 7, 50, 50, 50, 50, 7, 7, 7, 7, 7, 7, 7, 7], Greys(boxed));
        Assert.Equal([2], Greys(cropped));
    }

    [Fact]
    public void Numbers_are_in_the_networks_order_and_range()
    {
        var pixel = new Image(1, 1, [255, 51, 0]);

        using Tensor rgb = new Preprocessing { Mean = [0.5f, 0.2f, 0], StandardDeviation = [0.25f, 1, 2] }.ToInput(pixel),
            bgr = new Preprocessing
            {
                IsBgr = true,
                Largest = 255,
                Mean = [104, 117, 123],
            }.ToInput(pixel),
            picture = new Preprocessing { Largest = 255, MeanImage = [1, 2, 3] }.ToInput(pixel);

        Assert.Equal([2f, 0f, 0f], rgb.data<float>().ToArray());
        Assert.Equal([-104f, -66f, 132f], bgr.data<float>().ToArray());
        Assert.Equal([254f, 49f, -3f], picture.data<float>().ToArray());
        Assert.Equal([1, 3, 1, 1], rgb.shape);
    }

    [Fact]
    public void Grey_pictures_are_luma_in_one_channel()
    {
        var pixel = new Image(1, 1, [255, 0, 0]);
        Preprocessing grey = new() { Mean = [0.5f], StandardDeviation = [0.25f] };

        using Tensor input = grey.ToInput(pixel);

        // (255 · 19595 + 32768) / 65536 = 76.7, cut to 76.
        Assert.Equal([1, 1, 1, 1], input.shape);
        Assert.Equal(((76 / 255f) - 0.5f) / 0.25f, input.item<float>());
        Assert.Equal([76, 76, 76], grey.ToPicture(input).Rgb);
    }

    [Fact]
    public void An_input_becomes_its_picture_again()
    {
        var image = new Image(1, 2, [255, 51, 0, 7, 8, 9]);
        Preprocessing[] all =
        [
            Preprocessing.ImageNet with
            {
                Height = 1,
                Width = 2,
                ShorterSide = null,
            },
            Preprocessing.ImageNetBgr255 with
            {
                Height = 1,
                Width = 2,
                ShorterSide = null,
            },
            new() { Largest = 255, MeanImage = [1, 2, 3, 4, 5, 6] },
        ];

        Assert.All(
            all,
            each =>
            {
                using Tensor input = each.ToInput(image);
                Assert.Equal(image.Rgb, each.ToPicture(input).Rgb);
            }
        );
    }

    [Fact]
    public void It_is_known_which_part_of_a_photograph_is_seen()
    {
        // 480×640: the shorter side to 256 is a scale of 1.875, the longer side becomes 341; the middle 224 of 256 and of 341
        // begin at
        // 16 and at 58 (58.5, to the even).
        double across = 640 / 341.0;
        Assert.Equal(
            new ImagePart(16 * 1.875, 58 * across, 224 * 1.875, 224 * across, 480, 640),
            Preprocessing.ImageNet.PartOf(480, 640)
        );

        // The middle square; all of it; all of it and a bar of 80 rows above and below.
        Assert.Equal(new ImagePart(0, 80, 480, 480, 480, 640), Preprocessing.Cifar10.PartOf(480, 640));
        Assert.True((Preprocessing.Cifar10 with { Fit = ImageFit.Squash }).PartOf(480, 640).IsWhole);
        Assert.Equal(
            new ImagePart(-80, 0, 640, 640, 480, 640),
            (Preprocessing.Cifar10 with { Fit = ImageFit.Letterbox }).PartOf(480, 640)
        );
        Assert.True(new Preprocessing().PartOf(7, 9).IsWhole);
    }

    [Fact]
    public void Presets_have_names()
    {
        Assert.Same(Preprocessing.ImageNetBgr255, Preprocessing.Get("imagenet-bgr255"));
        Assert.Contains(
            "imagenet, imagenet-bgr255, cifar10",
            Assert.Throws<ArgumentException>(() => Preprocessing.Get("mine")).Message
        );
    }

    [Fact]
    public void A_network_of_any_size_takes_pictures_as_they_are()
    {
        using Tensor input = new Preprocessing().ToInput(Grey(2, 1, 2, 3, 4, 5, 6));

        Assert.Equal([1, 3, 2, 3], input.shape);
    }

    [Fact]
    public void What_does_not_fit_together_is_refused()
    {
        Image small = Grey(1, 1),
            large = Grey(1, 1, 2);

        Assert.Contains(
            "1×1 pixels and another 1×2",
            Assert.Throws<ArgumentException>(() => new Preprocessing().ToInput(small, large)).Message
        );
        Assert.Contains(
            "together or not",
            Assert.Throws<ArgumentException>(() => new Preprocessing { Height = 2 }.ToInput(small)).Message
        );
        Assert.Contains(
            "three finite numbers",
            Assert.Throws<ArgumentException>(() => new Preprocessing { Mean = [1] }.ToInput(small)).Message
        );
        Assert.Contains(
            "take 3",
            Assert.Throws<ArgumentException>(() => new Preprocessing { MeanImage = [1] }.ToInput(small)).Message
        );
        Assert.Throws<ArgumentException>(() => new Preprocessing().ToInput());
    }

    [Fact]
    public void Sizes_change_as_in_Pillow_to_the_byte() =>
        Assert.All(
            Resized.GetProperty("resized").EnumerateArray(),
            each =>
            {
                JsonElement to = each.GetProperty("to");
                Image image = new Preprocessing
                {
                    Height = to[0].GetInt32(),
                    Width = to[1].GetInt32(),
                    Fit = ImageFit.Squash,
                    Interpolation = Enum.Parse<Interpolation>(each.GetProperty("interpolation").GetString()!),
                }.Apply(Drawn(each.GetProperty("from")));
                Assert.Equal(each.GetProperty("rgb").GetBytesFromBase64(), image.Rgb);
            }
        );

    [Fact]
    public void ImageNets_pixels_are_those_of_Pillow_by_torchvisions_rules() =>
        Assert.All(
            Resized.GetProperty("imageNet").EnumerateArray(),
            each =>
                Assert.Equal(
                    each.GetProperty("sha256").GetString(),
                    Convert.ToHexStringLower(SHA256.HashData(Preprocessing.ImageNet.Apply(Drawn(each.GetProperty("from"))).Rgb))
                )
        );

    /// <summary>See Fixtures/make_resize1.py.</summary>
    private static JsonElement Resized => JsonDocument.Parse(File.ReadAllText(Fixture.Path("resize1.json"))).RootElement;

    /// <summary>The formula's picture, of a height and a width.</summary>
    private static Image Drawn(JsonElement size)
    {
        (int height, int width) = (size[0].GetInt32(), size[1].GetInt32());
        byte[] rgb =
        [
            .. from y in Enumerable.Range(0, height)
            from x in Enumerable.Range(0, width)
            from c in Enumerable.Range(0, 3)
            select (byte)((7 * x * x) + (13 * y) + (29 * c) + (x * y)),
        ];
        return new Image(height, width, rgb);
    }

    private static Image Grey(int height, params byte[] values) =>
        new(height, values.Length / height, [.. values.SelectMany(value => new[] { value, value, value })]);

    private static int[] Greys(Image image) => [.. image.Rgb.Where((_, i) => i % 3 == 0).Select(value => (int)value)];

    [Fact]
    public void It_reads_as_what_it_does() =>
        Assert.Equal(
            "3×224×224 of 256, Crop, Bilinear, BGR 0–255, mean 104 117 123, standard deviation 1 1 1",
            $"{Preprocessing.ImageNetBgr255}"
        );
}
