using AttentionLab.Core;
using AttentionLab.Imaging;

namespace AttentionLab.Tests.Imaging;

public sealed class SuperpixelsTests
{
    [Fact]
    public void Two_colours_are_two_patches()
    {
        float[] picture = [.. Enumerable.Range(0, 48).Select(i => i % 8 < 3 ? 0f : 1)];
        Assert.Equal(Enumerable.Range(0, 48).Select(i => i % 8 < 3 ? 0 : 1), Superpixels.Slic(picture, 6, 8, 2));
    }

    [Fact]
    public void As_many_patches_as_pixels_are_the_pixels() =>
        Assert.Equal(Enumerable.Range(0, 12), Superpixels.Slic([.. Enumerable.Range(0, 12).Select(i => (float)i)], 3, 4, 12));

    [Fact]
    public void Patches_of_one_colour_are_a_grid() =>
        Assert.Equal([0, 0, 1, 1, 0, 0, 1, 1, 2, 2, 3, 3, 2, 2, 3, 3], Superpixels.Slic(new float[16], 4, 4, 4));

    [Theory]
    [InlineData(17, 23, 12)]
    [InlineData(1, 40, 5)]
    [InlineData(16, 16, 1)]
    public void Patches_are_connected_numbered_in_order_and_about_as_many_as_asked_for(int height, int width, int patches)
    {
        float[] picture = new RandomStream(4).Normal(3 * height * width);
        int[] labels = Superpixels.Slic(picture, height, width, patches, compactness: 2);
        Assert.Equal(Enumerable.Range(0, labels.Max() + 1), labels.Distinct());
        Assert.InRange(labels.Max() + 1, 1, 2 * patches);
        for (int label = 0; label <= labels.Max(); label++)
        {
            int[] all = [.. Enumerable.Range(0, labels.Length).Where(pixel => labels[pixel] == label)];
            HashSet<int> reached = [all[0]];
            var open = new Queue<int>(reached);
            while (open.TryDequeue(out int pixel))
            {
                foreach (
                    int next in all.Where(other =>
                        Math.Abs((other / width) - (pixel / width)) + Math.Abs((other % width) - (pixel % width)) == 1
                    )
                )
                {
                    if (reached.Add(next))
                    {
                        open.Enqueue(next);
                    }
                }
            }

            Assert.Equal(all.Length, reached.Count);
        }
    }

    [Fact]
    public void Wrong_sizes_are_refused()
    {
        Assert.Throws<ArgumentException>(() => Superpixels.Slic(new float[7], 2, 3, 2));
        Assert.Throws<ArgumentOutOfRangeException>(() => Superpixels.Slic(new float[6], 2, 3, 0));
    }
}
