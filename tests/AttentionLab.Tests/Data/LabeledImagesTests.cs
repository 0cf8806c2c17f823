using AttentionLab.Data;

namespace AttentionLab.Tests.Data;

public sealed class LabeledImagesTests
{
    // Three pictures of 1×2 pixels; picture i holds the values 10·i + 0 … 5.
    private static LabeledImages Three() =>
        new(
            "three",
            1,
            2,
            [0, 1, 2, 3, 4, 5, 10, 11, 12, 13, 14, 15, 20, 21, 22, 23, 24, 25],
            [1, 0, 1],
            ["a", "b"],
            [7, 8, 17, 18, 27, 28]
        );

    [Fact]
    public void A_picture_is_cut_out_of_the_block()
    {
        LabeledImages images = Three();
        Assert.Equal([10, 11, 12, 13, 14, 15], images.PlanesOf(1).ToArray());
        Assert.Equal([10, 12, 14, 11, 13, 15], images.PictureOf(1).Rgb); // pixel by pixel: red, green, blue
        Assert.Equal([17, 18], images.MaskOf(1).ToArray());
        Assert.Equal([1, 0, 1], images.Labels.ToArray());
        Assert.Equal([0, 2], images.IndicesOf(1));
        Assert.Empty(images.IndicesOf(2));
    }

    [Fact]
    public void Selecting_copies_pixels_labels_and_masks()
    {
        LabeledImages chosen = Three().Select("chosen", [2, 0]);
        Assert.Equal([20, 21, 22, 23, 24, 25, 0, 1, 2, 3, 4, 5], chosen.Pixels.ToArray());
        Assert.Equal([1, 1], chosen.Labels.ToArray());
        Assert.Equal([27, 28], chosen.MaskOf(0).ToArray());
    }

    [Fact]
    public void A_subset_needs_no_name()
    {
        LabeledImages chosen = Three().Select(2, 0);
        Assert.Equal("three (2 of 3)", chosen.Name);
        Assert.Equal([20, 21, 22, 23, 24, 25, 0, 1, 2, 3, 4, 5], chosen.Pixels.ToArray());
        Assert.Equal("three (0 of 3)", Three().Select([]).Name);
        Assert.Throws<ArgumentOutOfRangeException>(() => Three().Select(3));
    }

    [Fact]
    public void The_first_pictures_are_taken_and_no_more_than_there_are()
    {
        LabeledImages first = Three().Take(2);
        Assert.Equal([1, 0], first.Labels.ToArray());
        Assert.Equal([0, 1, 2, 3, 4, 5, 10, 11, 12, 13, 14, 15], first.Pixels.ToArray());
        Assert.Equal([17, 18], first.MaskOf(1).ToArray());
        Assert.Equal(3, Three().Take(40).Count);
        Assert.Empty(Three().Take(0));
        Assert.Throws<ArgumentOutOfRangeException>(() => Three().Take(-1));
    }

    [Fact]
    public void Pictures_and_labels_are_enumerated_in_order()
    {
        LabeledImages images = Three();
        var seen = new List<(byte First, int Label)>();
        foreach ((AttentionLab.Imaging.Image picture, int label) in images)
        {
            seen.Add((picture.Rgb[0], label));
        }

        Assert.Equal([(0, 1), (10, 0), (20, 1)], seen);
        Assert.Equal(["b", "a", "b"], images.Select(image => image.ClassName));
        Assert.Equal(20, images[2].Picture.Rgb[0]);
        Assert.Throws<ArgumentOutOfRangeException>(() => images[3]);
        Assert.Equal("three: 3 pictures of 1×2 pixels in 2 classes", images.ToString());
    }

    [Fact]
    public void Splitting_off_loses_no_picture_and_repeats_for_a_seed()
    {
        var images = new LabeledImages(
            "hundred",
            1,
            1,
            new byte[300],
            [.. Enumerable.Range(0, 100)],
            [.. Enumerable.Range(0, 100).Select(i => $"{i}")]
        );
        (LabeledImages kept, LabeledImages part) = images.SplitOff(0.2, seed: 3);
        Assert.Equal(20, part.Count);
        Assert.Equal(Enumerable.Range(0, 100), kept.Labels.ToArray().Concat(part.Labels.ToArray()).Order());
        Assert.Equal(part.Labels.ToArray(), images.SplitOff(0.2, seed: 3).Part.Labels.ToArray());
        Assert.NotEqual(part.Labels.ToArray(), images.SplitOff(0.2, seed: 4).Part.Labels.ToArray());
    }

    [Theory]
    [InlineData(0.0)]
    [InlineData(1.0)]
    [InlineData(double.NaN)]
    public void A_fraction_outside_zero_to_one_is_refused(double fraction) =>
        Assert.Throws<ArgumentOutOfRangeException>(() => Three().SplitOff(fraction, 0));

    [Fact]
    public void A_label_without_a_class_is_named()
    {
        var e = Assert.Throws<ArgumentOutOfRangeException>(() => new LabeledImages("set", 1, 1, new byte[6], [0, 2], ["a", "b"]));
        Assert.Contains("Picture 1 of set has label 2; there are 2 classes", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Blocks_of_another_length_are_refused()
    {
        Assert.Throws<ArgumentException>(() => new LabeledImages("set", 1, 1, new byte[5], [0, 1], ["a", "b"]));
        Assert.Throws<ArgumentException>(() => new LabeledImages("set", 1, 1, new byte[6], [0, 1], ["a", "b"], new byte[1]));
    }

    [Theory]
    [InlineData(-1)]
    [InlineData(3)]
    public void A_picture_that_is_not_there_is_named(int index)
    {
        var e = Assert.Throws<ArgumentOutOfRangeException>(() => Three().PlanesOf(index).Length);
        Assert.Contains("three has pictures 0 to 2", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Asking_for_masks_that_are_not_there_says_who_has_them() =>
        Assert.Throws<InvalidOperationException>(() => new LabeledImages("set", 1, 1, new byte[3], [0], ["a"]).MaskOf(0).Length);
}
