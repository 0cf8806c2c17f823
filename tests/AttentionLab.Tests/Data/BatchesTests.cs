using AttentionLab.Core;
using AttentionLab.Data;
using AttentionLab.Imaging;
using TorchSharp;
using static TorchSharp.torch;

namespace AttentionLab.Tests.Data;

[Trait("Kind", "Numeric")]
public sealed class BatchesTests
{
    private static readonly LabeledImages Images = CreateImages(count: 23, height: 6, width: 5);

    [Fact]
    public void Without_augmentation_values_are_those_of_Normalization()
    {
        using DisposeScope scope = NewDisposeScope();
        foreach (Batch batch in new Batches(Images, Normalization.Tutorial, batchSize: 8).Epoch(0))
        {
            using (batch)
            {
                Tensor expected = Normalization.Tutorial.ToTensor(Images, [.. batch.Indices]);
                Assert.Equal([batch.Count, 3, 6, 5], batch.Images.shape);
                Assert.Equal(ScalarType.Float32, batch.Images.dtype);
                Assert.True(expected.Equals(batch.Images));
                Assert.Equal(batch.Indices.Select(i => (long)Images.Labels[i]), batch.Labels.data<long>());
            }
        }
    }

    [Fact]
    public void In_order_every_picture_comes_once_and_the_last_batch_is_short()
    {
        var batches = new Batches(Images, Normalization.Tutorial, batchSize: 8);
        int[][] indices = IndicesOf(batches, epoch: 3);
        Assert.Equal(3, batches.Count);
        Assert.Equal(23, batches.PictureCount);
        Assert.Equal([8, 8, 7], indices.Select(b => b.Length));
        Assert.Equal(Enumerable.Range(0, 23), indices.SelectMany(b => b));
    }

    [Fact]
    public void Memory_is_channels_last()
    {
        using Batch batch = new Batches(Images, Normalization.Tutorial, batchSize: 4).Epoch(0).First();
        Assert.Equal([6 * 5 * 3, 1, 5 * 3, 3], batch.Images.stride());
    }

    [Fact]
    public void Shuffled_every_picture_comes_once_in_an_order_that_seed_and_epoch_decide()
    {
        int[] OrderOf(long seed, int epoch) =>
            [.. IndicesOf(new Batches(Images, Normalization.Tutorial, 8, shuffle: true, seed: seed), epoch).SelectMany(b => b)];

        int[] first = OrderOf(seed: 1, epoch: 1);
        Assert.Equal(Enumerable.Range(0, 23), first.Order());
        Assert.Equal(first, OrderOf(seed: 1, epoch: 1));
        Assert.NotEqual(first, OrderOf(seed: 1, epoch: 2));
        Assert.NotEqual(first, OrderOf(seed: 2, epoch: 1));
        Assert.NotEqual(Enumerable.Range(0, 23), first);
    }

    [Fact]
    public void Threads_and_batch_size_change_no_picture()
    {
        float[][] expected = PicturesOf(batchSize: 8, threads: 1, epoch: 5);
        foreach ((int batchSize, int threads) in new[] { (8, 1), (8, 2), (8, 5), (1, 3), (23, 4), (100, 64) })
        {
            Assert.Equal(expected, PicturesOf(batchSize, threads, epoch: 5));
            Assert.Equal(expected, PicturesOf(batchSize, threads, epoch: 5, ahead: false));
        }

        Assert.NotEqual(expected, PicturesOf(batchSize: 8, threads: 1, epoch: 6));
    }

    [Fact]
    public void A_picture_is_the_one_that_the_augmentation_shows_for_its_seed_epoch_and_index()
    {
        Batches batches = new(Images, Normalization.Tutorial, 8, Augmentation.Tutorial, shuffle: true, seed: 7);
        using Batch batch = batches.Epoch(2).First();
        for (int i = 0; i < batch.Count; i++)
        {
            Image shown = Augmentation
                .Tutorial.Steps(Images.PictureOf(batch.Indices[i]), seed: 7, epoch: 2, index: batch.Indices[i])[^1]
                .Picture;
            using Tensor one = batch.Images[i];
            Assert.Equal(shown.Rgb, Normalization.Tutorial.ToPicture(one).Rgb);
        }
    }

    [Theory]
    [InlineData(1, 1)]
    [InlineData(5, 64)]
    [InlineData(96, 33)]
    public void Pictures_of_any_sides_are_augmented_in_batches(int height, int width)
    {
        using DisposeScope scope = NewDisposeScope();
        byte[] pixels = [.. Enumerable.Range(0, 3 * 3 * height * width).Select(i => (byte)(256 * Fixture.Uniform(5, (uint)i)))];
        var images = new LabeledImages("any", height, width, pixels, [0, 1, 0], ["a", "b"]);
        foreach (
            Batch batch in new Batches(
                images,
                Normalization.Tutorial,
                batchSize: 2,
                Augmentation.Tutorial,
                shuffle: true,
                seed: 4
            ).Epoch(1)
        )
        {
            using (batch)
            {
                Assert.Equal([batch.Count, 3, height, width], batch.Images.shape);
                for (int i = 0; i < batch.Count; i++)
                {
                    Image expected = Augmentation
                        .Tutorial.Steps(images.PictureOf(batch.Indices[i]), seed: 4, epoch: 1, batch.Indices[i])[^1]
                        .Picture;
                    Assert.Equal(expected.Rgb, Normalization.Tutorial.ToPicture(batch.Images[i]).Rgb);
                }
            }
        }
    }

    [Fact]
    public void Two_epochs_side_by_side_do_not_disturb_each_other()
    {
        float[][] expected = PicturesOf(batchSize: 4, threads: 1, epoch: 0);
        Batches batches = new(Images, Normalization.Tutorial, 4, Augmentation.Tutorial, seed: 11);
        foreach ((Batch first, Batch second) in batches.Epoch(0).Zip(batches.Epoch(0)))
        {
            using (first)
            using (second)
            {
                Assert.True(first.Images.Equals(second.Images));
                Assert.Equal(expected[first.Indices[0]], ValuesOf(first)[0]);
            }
        }
    }

    [Fact]
    public void A_batch_belongs_to_no_scope_and_nothing_else_stays()
    {
        Batches batches = new(Images, Normalization.Tutorial, 8, Augmentation.Tutorial, shuffle: true);
        long before = Live.Tensors;
        var kept = new List<Batch>();
        using (DisposeScope scope = NewDisposeScope())
        {
            kept.AddRange(batches.Epoch(0));
            Assert.Equal(0, scope.DisposablesCount);
        }

        Assert.Equal(before + (2 * kept.Count), Live.Tensors);
        Assert.All(kept, batch => Assert.False(batch.Images.IsInvalid || batch.Labels.IsInvalid));
        kept.ForEach(batch => batch.Dispose());
        kept.ForEach(batch => batch.Dispose());
        Assert.Equal(before, Live.Tensors);
    }

    [Theory]
    [InlineData(true, 4)]
    [InlineData(false, 2)]
    public void Stopping_early_stops_the_preparation_too(bool ahead, int prepared)
    {
        var counting = new Counting();
        long before = Live.Tensors;
        Batches batches = new(Images, Normalization.Tutorial, 2, new Augmentation(counting)) { PreparesAhead = ahead };
        foreach (Batch batch in batches.Epoch(0))
        {
            batch.Dispose();
            break;
        }

        Assert.Equal(before, Live.Tensors);
        Assert.Equal(prepared, counting.Count);
        Thread.Sleep(20);
        Assert.Equal(prepared, counting.Count);
    }

    [Theory]
    [InlineData(1, true)]
    [InlineData(3, true)]
    [InlineData(1, false)]
    [InlineData(3, false)]
    public void An_error_while_preparing_reaches_the_consumer_with_its_stack(int threads, bool ahead)
    {
        long before = Live.Tensors;
        Batches batches = new(Images, Normalization.Tutorial, 8, new Augmentation(new Failing(after: 10)))
        {
            Threads = threads,
            PreparesAhead = ahead,
        };
        int seen = 0;
        var error = Assert.Throws<InvalidTimeZoneException>(() =>
        {
            foreach (Batch batch in batches.Epoch(0))
            {
                seen++;
                batch.Dispose();
            }
        });

        Assert.Equal(1, seen);
        Assert.Contains(nameof(Failing), error.StackTrace, StringComparison.Ordinal);
        Assert.Equal(before, Live.Tensors);
    }

    [Fact]
    public void Stopping_while_the_next_batch_fails_is_no_error()
    {
        long before = Live.Tensors;
        Batches batches = new(Images, Normalization.Tutorial, 8, new Augmentation(new Failing(after: 10)))
        {
            PreparesAhead = true,
        };
        using (Batch batch = batches.Epoch(0).First())
        {
            Assert.Equal(8, batch.Count);
        }

        Assert.Equal(before, Live.Tensors);
    }

    [Theory]
    [InlineData("cpu")]
    [InlineData("meta")]
    public void Tensors_come_on_the_device_asked_for_and_leave_none_behind(string name)
    {
        long before = Live.Tensors;
        using (Batch batch = new Batches(Images, Normalization.Tutorial, 8, device: device(name)).Epoch(0).First())
        {
            Assert.Equal(name, batch.Images.device.ToString());
            Assert.Equal(name, batch.Labels.device.ToString());
            Assert.Equal([8, 3, 6, 5], batch.Images.shape);
            Assert.Equal(before + 2, Live.Tensors);
        }

        Assert.Equal(before, Live.Tensors);
    }

    [Fact]
    public void An_empty_split_has_no_batches()
    {
        var empty = new Batches(Images.Select("nothing", []), Normalization.Tutorial);
        Assert.Equal(0, empty.Count);
        Assert.Empty(empty.Epoch(0));
    }

    [Fact]
    public void A_batch_is_prepared_ahead_where_torch_leaves_a_core_free()
    {
        Assert.Equal(get_num_threads() < Environment.ProcessorCount, new Batches(Images, Normalization.Tutorial).PreparesAhead);
        Assert.True(new Batches(Images, Normalization.Tutorial, device: device("meta")).PreparesAhead);
    }

    [Fact]
    public void Bad_arguments_are_refused_at_once()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => new Batches(Images, Normalization.Tutorial, batchSize: 0));
        Assert.Throws<ArgumentOutOfRangeException>(() => new Batches(Images, Normalization.Tutorial) { Threads = 0 });
        Assert.Throws<ArgumentOutOfRangeException>(() => new Batches(Images, Normalization.Tutorial).Epoch(-1));
    }

    private static LabeledImages CreateImages(int count, int height, int width)
    {
        var random = new RandomStream(3);
        var pixels = new byte[count * 3 * height * width];
        foreach (ref byte pixel in pixels.AsSpan())
        {
            pixel = (byte)random.Next(256);
        }

        return new LabeledImages(
            "made up",
            height,
            width,
            pixels,
            [.. Enumerable.Range(0, count).Select(i => i % 3)],
            ["a", "b", "c"]
        );
    }

    private static int[][] IndicesOf(Batches batches, int epoch) =>
        [
            .. batches
                .Epoch(epoch)
                .Select(batch =>
                {
                    using (batch)
                    {
                        return batch.Indices.ToArray();
                    }
                }),
        ];

    /// <summary>All pictures of an epoch, in the split's order.</summary>
    private static float[][] PicturesOf(int batchSize, int threads, int epoch, bool ahead = true)
    {
        var pictures = new float[Images.Count][];
        Batches batches = new(Images, Normalization.Tutorial, batchSize, Augmentation.Tutorial, shuffle: true, seed: 11)
        {
            Threads = threads,
            PreparesAhead = ahead,
        };
        foreach (Batch batch in batches.Epoch(epoch))
        {
            using (batch)
            {
                foreach ((int index, float[] values) in batch.Indices.Zip(ValuesOf(batch)))
                {
                    pictures[index] = values;
                }
            }
        }

        return pictures;
    }

    private static float[][] ValuesOf(Batch batch)
    {
        using Tensor contiguous = batch.Images.contiguous();
        return [.. contiguous.data<float>().ToArray().Chunk(Images.PictureSize)];
    }

    private sealed class Counting : IRandomTransform
    {
        private int _count;

        public int Count => _count;

        public void Apply(Canvas canvas, ref RandomStream random) => Interlocked.Increment(ref _count);
    }

    private sealed class Failing(int after) : IRandomTransform
    {
        private int _count;

        public void Apply(Canvas canvas, ref RandomStream random)
        {
            if (Interlocked.Increment(ref _count) > after)
            {
                throw new InvalidTimeZoneException("as the test wants it");
            }
        }
    }
}
