using System.Collections;
using System.Globalization;
using AttentionLab.Core;
using AttentionLab.Imaging;

namespace AttentionLab.Data;

/// <summary>
/// One split of a picture set in memory: all pixels in one block (N×C×H×W, 0–255, planes of red, green, blue, or one of grey), a
/// label for each picture, and for sets that know it the mask of the object (N×H×W, its coverage of each pixel, 0–255).
/// Enumerated, it gives each picture with its label, made when asked for.
/// </summary>
public sealed class LabeledImages : IReadOnlyList<LabeledImage>
{
    private readonly byte[] _pixels;
    private readonly int[] _labels;
    private readonly byte[]? _masks;

    /// <summary>Takes over the blocks.</summary>
    /// <param name="name">What the split is called.</param>
    /// <param name="height">Rows of each picture.</param>
    /// <param name="width">Columns of each picture.</param>
    /// <param name="pixels">N×C×H×W.</param>
    /// <param name="labels">One for each picture.</param>
    /// <param name="classNames">In the order of the labels.</param>
    /// <param name="masks">N×H×W; null for none.</param>
    /// <param name="channels">C: 3, or 1 for grey pictures.</param>
    /// <exception cref="ArgumentException">A block's length does not fit the number of labels and the sides.</exception>
    /// <exception cref="ArgumentOutOfRangeException">A side is not positive, there are neither 1 nor 3 channels, or a label names
    /// no class.</exception>
    public LabeledImages(
        string name,
        int height,
        int width,
        byte[] pixels,
        int[] labels,
        IReadOnlyList<string> classNames,
        byte[]? masks = null,
        int channels = 3
    )
    {
        ArgumentNullException.ThrowIfNull(pixels);
        ArgumentNullException.ThrowIfNull(labels);
        ArgumentNullException.ThrowIfNull(classNames);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(height);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(width);
        if (channels is not (1 or 3))
        {
            throw new ArgumentOutOfRangeException(nameof(channels), channels, "Pictures have 3 channels, or 1 if they are grey.");
        }

        CheckLength(pixels, (long)channels * height * width * labels.Length, nameof(pixels));
        if (masks is not null)
        {
            CheckLength(masks, (long)height * width * labels.Length, nameof(masks));
        }

        for (int i = 0; i < labels.Length; i++)
        {
            if ((uint)labels[i] >= (uint)classNames.Count)
            {
                throw new ArgumentOutOfRangeException(
                    nameof(labels),
                    labels[i],
                    $"Picture {i} of {name} has label {labels[i]}; there are {classNames.Count} classes, 0 to "
                        + $"{classNames.Count - 1}."
                );
            }
        }

        Name = name;
        Channels = channels;
        Height = height;
        Width = width;
        ClassNames = classNames;
        _pixels = pixels;
        _labels = labels;
        _masks = masks;
    }

    /// <summary>What the split is called in messages, such as "CIFAR-10 test".</summary>
    public string Name { get; }

    /// <summary>How many pictures there are.</summary>
    public int Count => _labels.Length;

    /// <summary>C: 3 for red, green and blue, 1 for grey.</summary>
    public int Channels { get; }

    /// <summary>Rows of each picture.</summary>
    public int Height { get; }

    /// <summary>Columns of each picture.</summary>
    public int Width { get; }

    /// <summary>Bytes of one picture: C · H · W.</summary>
    public int PictureSize => Channels * Height * Width;

    /// <summary>The classes' names, in the order of the labels.</summary>
    public IReadOnlyList<string> ClassNames { get; }

    /// <summary>All labels, in order.</summary>
    public ReadOnlySpan<int> Labels => _labels;

    /// <summary>All pixels, N×C×H×W.</summary>
    public ReadOnlyMemory<byte> Pixels => _pixels;

    /// <summary>Whether the pictures have masks, which <see cref="MaskOf"/> returns.</summary>
    public bool HasMasks => _masks is not null;

    /// <summary>One picture and its label.</summary>
    /// <exception cref="ArgumentOutOfRangeException">There is no such picture.</exception>
    public LabeledImage this[int index] => new(PictureOf(index), _labels[index], ClassNames[_labels[index]]);

    /// <summary>One picture's planes, C×H×W.</summary>
    /// <exception cref="ArgumentOutOfRangeException">There is no such picture.</exception>
    public ReadOnlySpan<byte> PlanesOf(int index) => _pixels.AsSpan(Check(index) * PictureSize, PictureSize);

    /// <summary>One picture, for looking at.</summary>
    /// <exception cref="ArgumentOutOfRangeException">There is no such picture.</exception>
    public Image PictureOf(int index) => Image.FromPlanes(Height, Width, PlanesOf(index));

    /// <summary>One picture's object mask, H×W: 255 where the object covers the whole pixel, 0 where none of it.</summary>
    /// <exception cref="InvalidOperationException">The set has no masks.</exception>
    /// <exception cref="ArgumentOutOfRangeException">There is no such picture.</exception>
    public ReadOnlySpan<byte> MaskOf(int index) =>
        _masks is null
            ? throw new InvalidOperationException($"{Name} has no object masks; the built-in picture set has.")
            : _masks.AsSpan(Check(index) * Height * Width, Height * Width);

    /// <summary>The numbers of the pictures of a class, in order; none when there is no such class.</summary>
    public int[] IndicesOf(int label) => [.. Enumerable.Range(0, Count).Where(i => _labels[i] == label)];

    /// <summary>A new split that holds copies of the chosen pictures, in the order given.</summary>
    /// <exception cref="ArgumentOutOfRangeException">There is no such picture.</exception>
    public LabeledImages Select(string name, ReadOnlySpan<int> indices)
    {
        var pixels = new byte[indices.Length * PictureSize];
        var labels = new int[indices.Length];
        byte[]? masks = HasMasks ? new byte[indices.Length * Height * Width] : null;
        for (int i = 0; i < indices.Length; i++)
        {
            PlanesOf(indices[i]).CopyTo(pixels.AsSpan(i * PictureSize));
            labels[i] = _labels[indices[i]];
            if (masks is not null)
            {
                MaskOf(indices[i]).CopyTo(masks.AsSpan(i * Height * Width));
            }
        }

        return new LabeledImages(name, Height, Width, pixels, labels, ClassNames, masks, Channels);
    }

    /// <summary>A new split that holds copies of the chosen pictures, in the order given, named by how many they are.</summary>
    /// <exception cref="ArgumentOutOfRangeException">There is no such picture.</exception>
    public LabeledImages Select(params ReadOnlySpan<int> indices) => Select($"{Name} ({indices.Length} of {Count})", indices);

    /// <summary>A new split that holds copies of the first pictures; of all when there are no more than asked for.</summary>
    /// <param name="count">How many, at least 0.</param>
    /// <exception cref="ArgumentOutOfRangeException">The count is negative.</exception>
    public LabeledImages Take(int count)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        return Select([.. Enumerable.Range(0, Math.Min(count, Count))]);
    }

    /// <summary>
    /// Splits a part off at random, the same for the same seed: for a validation part that takes no share in training.
    /// </summary>
    /// <param name="fraction">How much goes into the second split, in (0, 1); at least one picture stays in each.</param>
    /// <param name="seed">Decides which pictures.</param>
    /// <exception cref="ArgumentOutOfRangeException">The fraction is not inside (0, 1), or there are fewer than two
    /// pictures.</exception>
    public (LabeledImages Kept, LabeledImages Part) SplitOff(double fraction, long seed)
    {
        if (!(fraction is > 0 and < 1))
        {
            throw new ArgumentOutOfRangeException(
                nameof(fraction),
                fraction,
                "The fraction to split off lies strictly between 0 and 1."
            );
        }

        ArgumentOutOfRangeException.ThrowIfLessThan(Count, 2);
        int[] order = [.. Enumerable.Range(0, Count)];
        new RandomStream(seed).Shuffle<int>(order);
        int part = Math.Clamp((int)Math.Round(fraction * Count), 1, Count - 1);
        return (Select($"{Name} without validation", order.AsSpan(part)), Select($"{Name} validation", order.AsSpan(0, part)));
    }

    /// <summary>
    /// Copies of the pictures at a network's size and channels, without masks; the split itself where it has both.
    /// </summary>
    /// <param name="preprocessing">With a size.</param>
    /// <exception cref="ArgumentException">The preprocessing leaves the size open, or contradicts itself.</exception>
    /// <exception cref="InvalidDataException">Together they would be too large.</exception>
    public LabeledImages At(Preprocessing preprocessing)
    {
        ArgumentNullException.ThrowIfNull(preprocessing);
        (int height, int width) = preprocessing.Size;
        if ((height, width, preprocessing.Channels) == (Height, Width, Channels))
        {
            return this;
        }

        CheckFits(Name, Count, (height, width), preprocessing.Channels);
        return Converted(preprocessing.Apply, height, width, preprocessing.Channels, masks: null);
    }

    /// <summary>The same pictures in grey, of one channel: luma of ITU-R BT.601, as PIL's mode L. Masks stay.</summary>
    public LabeledImages ToGrey() => Channels == 1 ? this : Converted(picture => picture, Height, Width, 1, _masks);

    /// <exception cref="InvalidDataException">Pictures of a size would be too large together.</exception>
    internal static void CheckFits(string name, int count, (int Height, int Width) size, int channels)
    {
        long bytes = (long)channels * size.Height * size.Width * count;
        if (bytes > Array.MaxLength)
        {
            throw new InvalidDataException(
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"{name} has {count:N0} pictures, which at {size.Height}×{size.Width} take {bytes / 1e9:f1} GB; 2 are "
                        + $"possible. Take a smaller size or fewer pictures."
                )
            );
        }
    }

    private LabeledImages Converted(Func<Image, Image> convert, int height, int width, int channels, byte[]? masks)
    {
        int size = channels * height * width;
        var pixels = new byte[size * Count];
        for (int i = 0; i < Count; i++)
        {
            Planes.Of(convert(PictureOf(i)), channels).CopyTo(pixels, size * i);
        }

        return new LabeledImages(Name, height, width, pixels, _labels, ClassNames, masks, channels);
    }

    /// <summary>Each picture with its label, in order.</summary>
    public IEnumerator<LabeledImage> GetEnumerator()
    {
        for (int i = 0; i < Count; i++)
        {
            yield return this[i];
        }
    }

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    /// <summary>Name, number and size of the pictures, and the number of classes.</summary>
    public override string ToString() => $"{Name}: {Count} pictures of {Height}×{Width} pixels in {ClassNames.Count} classes";

    private static void CheckLength(byte[] block, long expected, string name)
    {
        if (block.LongLength != expected)
        {
            throw new ArgumentException($"The block should hold {expected} bytes and holds {block.LongLength}.", name);
        }
    }

    private int Check(int index) =>
        (uint)index < (uint)Count
            ? index
            : throw new ArgumentOutOfRangeException(nameof(index), index, $"{Name} has pictures 0 to {Count - 1}.");
}
