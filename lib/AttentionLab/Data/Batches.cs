using System.Buffers;
using System.Runtime.InteropServices;
using AttentionLab.Core;
using TorchSharp;
using static TorchSharp.torch;

namespace AttentionLab.Data;

/// <summary>
/// A split of pictures, a few at a time: in order or shuffled, augmented or not, always normalised. While a batch is used, the
/// next one is prepared on other threads, where torch leaves a core free for that; elsewhere torch's own threads prepare each
/// before it is used. Seed, epoch and a picture's index decide everything that is drawn, so neither the number of threads nor the
/// batch size changes what a picture looks like.
/// </summary>
public sealed class Batches
{
    private readonly LabeledImages _images;
    private readonly Augmentation? _augmentation;
    private readonly PixelNormalizer _normalizer;
    private readonly int _batchSize;
    private readonly bool _shuffle;
    private readonly long _seed;
    private readonly Device? _device;

    /// <summary>Says which pictures and how.</summary>
    /// <param name="images">The pictures.</param>
    /// <param name="normalization">How pixels become numbers.</param>
    /// <param name="batchSize">Pictures in a batch; the last one of an epoch may be smaller.</param>
    /// <param name="augmentation">What changes each picture at random, anew every epoch; none when null.</param>
    /// <param name="shuffle">Whether every epoch has an order of its own; otherwise the split's order.</param>
    /// <param name="seed">Decides orders and augmentations.</param>
    /// <param name="device">Where the tensors go; the CPU when null.</param>
    /// <exception cref="ArgumentOutOfRangeException">The batch size is not positive.</exception>
    /// <exception cref="ArgumentException">The normalisation has other channels than the pictures.</exception>
    public Batches(
        LabeledImages images,
        Normalization normalization,
        int batchSize = 64,
        Augmentation? augmentation = null,
        bool shuffle = false,
        long seed = 0,
        Device? device = null
    )
    {
        ArgumentNullException.ThrowIfNull(images);
        ArgumentNullException.ThrowIfNull(normalization);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(batchSize);
        normalization.CheckChannels(images);
        _images = images;
        _normalizer = new PixelNormalizer(normalization);
        _batchSize = batchSize;
        _augmentation = augmentation;
        _shuffle = shuffle;
        _seed = seed;
        _device = device;
        PreparesAhead = device is { type: not DeviceType.CPU } || get_num_threads() < Environment.ProcessorCount;
    }

    /// <summary>Batches in an epoch.</summary>
    public int Count => (int)(((long)PictureCount + _batchSize - 1) / _batchSize) - (HasJoined ? 1 : 0);

    /// <summary>
    /// Whether a single picture that an epoch leaves over joins the batch before it, which is then one larger than the others.
    /// BatchNorm cannot learn from one picture where each channel has one value.
    /// </summary>
    public bool JoinsSingle { get; init; }

    /// <summary>
    /// Whether <see cref="JoinsSingle"/> makes a difference: a single picture is left over, and there is a batch before it.
    /// </summary>
    public bool HasJoined => JoinsSingle && _batchSize > 1 && PictureCount > 1 && PictureCount % _batchSize == 1;

    /// <summary>Pictures in an epoch.</summary>
    public int PictureCount => _images.Count;

    /// <summary>
    /// Threads that prepare a batch while another is used; one is enough for a CPU, a fast graphics card may want more. Where
    /// torch computes with all cores, its threads prepare between two steps.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">Fewer than one.</exception>
    public int Threads
    {
        get;
        init
        {
            ArgumentOutOfRangeException.ThrowIfNegativeOrZero(value);
            field = value;
        }
    } = 1;

    /// <summary>
    /// Whether the next batch is prepared while one is used. Where torch computes with all cores, a further thread makes all of
    /// its threads wait for the one whose core it takes, which costs several times what it does.
    /// </summary>
    internal bool PreparesAhead { get; init; }

    /// <summary>Every picture once, batch by batch. The caller disposes each batch.</summary>
    /// <param name="epoch">Which epoch, at least 0: with the seed it decides order and augmentation.</param>
    public IEnumerable<Batch> Epoch(int epoch)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(epoch);
        return Enumerate(epoch);
    }

    private IEnumerable<Batch> Enumerate(int epoch)
    {
        int[][] batches = [.. Order(epoch).Chunk(_batchSize)];
        if (HasJoined)
        {
            batches = [.. batches[..^2], [.. batches[^2], .. batches[^1]]];
        }

        Pending? next = null;
        try
        {
            for (int i = 0; i < batches.Length; i++)
            {
                Batch batch = Finish(next ?? Prepare(batches[i], epoch));
                next = PreparesAhead && i + 1 < batches.Length ? Prepare(batches[i + 1], epoch) : null;
                yield return batch;
            }
        }
        finally
        {
            next?.Dispose();
        }
    }

    private int[] Order(int epoch)
    {
        int[] order = [.. Enumerable.Range(0, PictureCount)];
        if (_shuffle)
        {
            // No picture has the index −1: the order and the pictures draw from different streams.
            new RandomStream(_seed, epoch, -1).Shuffle<int>(order);
        }

        return order;
    }

    /// <summary>
    /// Writes a batch straight into a new tensor's memory, or starts to. Only the calling thread makes tensors.
    /// </summary>
    private Pending Prepare(int[] indices, int epoch)
    {
        Tensor pixels = empty(indices.Length, _images.Height, _images.Width, _images.Channels, ScalarType.Float32, CPU)
            .DetachFromDisposeScope();
        Task written;
        if (PreparesAhead)
        {
            written = Task.WhenAll(Enumerable.Range(0, Threads).Select(t => Task.Run(() => WritePart(t, Threads))));
        }
        else
        {
            written = new Task(() => TorchThreads.For(indices.Length, i => WritePart(i, indices.Length)));
            written.RunSynchronously(TaskScheduler.Default);
        }

        return new Pending(indices, pixels, written);

        void WritePart(int part, int parts)
        {
            int start = (int)((long)indices.Length * part / parts),
                end = (int)((long)indices.Length * (part + 1) / parts);
            Span<float> target = MemoryMarshal.Cast<byte, float>(pixels.bytes)[(start * _images.PictureSize)..];
            Write(indices.AsSpan(start..end), epoch, target);
            GC.KeepAlive(pixels);
        }
    }

    private Batch Finish(Pending pending)
    {
        using (pending)
        {
            pending.Written.GetAwaiter().GetResult();

            // Written as N×H×W×C and seen as N×C×H×W: what torch calls channels last. Values and shape are the same as ever,
            // while convolutions and pools on a CPU run about twice as fast.
            Tensor images = pending.Pixels.permute(0, 3, 1, 2);
            Tensor labels = tensor([.. pending.Indices.Select(i => (long)_images.Labels[i])], device: CPU);
            if (_device is not null)
            {
                (images, labels) = (Move(images, _device), Move(labels, _device));
            }

            return new Batch(images, labels, pending.Indices);
        }
    }

    private static Tensor Move(Tensor tensor, Device device)
    {
        if (device.type != DeviceType.CUDA)
        {
            return tensor.to(device, disposeAfter: true);
        }

        // A graphics card fetches from page-locked memory by itself, while the processor prepares what comes next.
        using (tensor)
        using (Tensor locked = tensor.pin_memory())
        {
            return locked.to(device, non_blocking: true);
        }
    }

    private void Write(ReadOnlySpan<int> indices, int epoch, Span<float> target)
    {
        byte[] planes = ArrayPool<byte>.Shared.Rent(_images.PictureSize);
        try
        {
            Span<byte> augmented = planes.AsSpan(0, _images.PictureSize);
            for (int i = 0; i < indices.Length; i++)
            {
                ReadOnlySpan<byte> picture = _images.PlanesOf(indices[i]);
                if (_augmentation is not null)
                {
                    var random = new RandomStream(_seed, epoch, indices[i]);
                    _augmentation.Apply(picture, _images.Height, _images.Width, augmented, ref random, epoch, indices[i]);
                    picture = augmented;
                }

                _normalizer.WritePlanes(picture, target.Slice(i * _images.PictureSize, _images.PictureSize));
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(planes);
        }
    }

    /// <summary>A batch that is being written. Disposing it waits for the writers, whatever becomes of them.</summary>
    private sealed record Pending(int[] Indices, Tensor Pixels, Task Written) : IDisposable
    {
        public void Dispose()
        {
            Task.WaitAny(Written);
            _ = Written.Exception; // Seen: an error in a batch that is no longer wanted is ignored.
            Pixels.Dispose();
        }
    }
}
