using System.Buffers;
using AttentionLab.Core;
using AttentionLab.Imaging;

namespace AttentionLab.Data;

/// <summary>
/// Random changes that leave a picture's class alone, one after the other, so that a network never sees the same picture twice.
/// </summary>
public sealed class Augmentation
{
    private readonly IRandomTransform[] _transforms;

    /// <summary>Puts transforms together, in the order in which they are applied.</summary>
    /// <exception cref="ArgumentException">One of them is null.</exception>
    public Augmentation(params IReadOnlyList<IRandomTransform> transforms)
    {
        ArgumentNullException.ThrowIfNull(transforms);
        _transforms = [.. transforms];
        if (Array.IndexOf(_transforms, null) is >= 0 and int missing)
        {
            throw new ArgumentException($"Transform {missing} is null.", nameof(transforms));
        }
    }

    /// <summary>
    /// The tutorial's: crop after padding by 4, flip every other picture, jitter brightness, contrast and saturation by up to
    /// 20 % and hue by up to a tenth of the circle, rotate by up to 15°.
    /// </summary>
    public static Augmentation Tutorial { get; } =
        new(
            new RandomCrop(padding: 4),
            new RandomHorizontalFlip(probability: 0.5),
            new ColorJitter(brightness: 0.2, contrast: 0.2, saturation: 0.2, hue: 0.1),
            new RandomRotation(degrees: 15)
        );

    /// <summary>The transforms, in the order in which they are applied.</summary>
    public IReadOnlyList<IRandomTransform> Transforms => _transforms;

    /// <summary>Writes a changed copy of a picture.</summary>
    /// <param name="source">The picture, 3×H×W, or 1×H×W if it is grey: it is changed as a colour picture and is grey again
    /// afterwards.</param>
    /// <param name="height">Rows.</param>
    /// <param name="width">Columns.</param>
    /// <param name="target">Where the copy goes, of the source's length; may be the source itself.</param>
    /// <param name="random">What the parameters are drawn from.</param>
    /// <param name="epoch">Which pass over the pictures this is, for transforms that alternate.</param>
    /// <param name="index">Which picture this is, likewise.</param>
    /// <exception cref="ArgumentException">A block holds neither 3·H·W bytes nor, both, H·W.</exception>
    public void Apply(
        ReadOnlySpan<byte> source,
        int height,
        int width,
        Span<byte> target,
        ref RandomStream random,
        int epoch = 0,
        int index = 0
    )
    {
        if (source.Length == target.Length && source.Length == (long)height * width)
        {
            ApplyToGrey(source, height, width, target, ref random, epoch, index);
            return;
        }

        Planes.Check(source, height, width, nameof(source));
        Planes.Check(target, height, width, nameof(target));
        source.CopyTo(target);
        Apply(target, height, width, ref random, epoch, index, steps: null);
    }

    private void ApplyToGrey(
        ReadOnlySpan<byte> source,
        int height,
        int width,
        Span<byte> target,
        ref RandomStream random,
        int epoch,
        int index
    )
    {
        int area = source.Length;
        byte[] planes = ArrayPool<byte>.Shared.Rent(3 * area);
        try
        {
            for (int c = 0; c < 3; c++)
            {
                source.CopyTo(planes.AsSpan(c * area));
            }

            Apply(planes.AsSpan(0, 3 * area), height, width, ref random, epoch, index, steps: null);
            for (int p = 0; p < area; p++)
            {
                target[p] = Planes.Luma(planes[p], planes[area + p], planes[(2 * area) + p]);
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(planes);
        }
    }

    /// <summary>
    /// One picture after each step, the untouched picture first: what "augmentation" means, for looking at. With the same
    /// seed, epoch and index the last picture is the one that <see cref="Batches"/> trains on.
    /// </summary>
    public IReadOnlyList<AugmentationStep> Steps(Image picture, long seed, int epoch = 0, int index = 0)
    {
        ArgumentNullException.ThrowIfNull(picture);
        byte[] planes = Planes.Of(picture);
        var steps = new List<AugmentationStep> { new("original", picture) };
        var random = new RandomStream(seed, epoch, index);
        Apply(planes, picture.Height, picture.Width, ref random, epoch, index, steps);
        return steps;
    }

    private void Apply(
        Span<byte> planes,
        int height,
        int width,
        ref RandomStream random,
        int epoch,
        int index,
        List<AugmentationStep>? steps
    )
    {
        byte[] spare = ArrayPool<byte>.Shared.Rent(planes.Length);
        try
        {
            var canvas = new Canvas(height, width, planes, spare.AsSpan(0, planes.Length), steps)
            {
                Epoch = epoch,
                Index = index,
            };
            foreach (IRandomTransform transform in _transforms)
            {
                transform.Apply(canvas, ref random);
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(spare);
        }
    }
}
