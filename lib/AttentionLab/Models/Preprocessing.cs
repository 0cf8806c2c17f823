using AttentionLab.Imaging;
using static TorchSharp.torch;

namespace AttentionLab.Models;

/// <summary>
/// How a photograph becomes a network's input: brought to a size, its channels in the network's order and range, minus a mean,
/// over a standard deviation. It belongs to the network: it is what the network learned with.
/// </summary>
/// <remarks>
/// <code>
/// using Tensor input = Preprocessing.ImageNet.ToInput(ImageFile.LoadWhole("dog.jpg"));
/// </code>
/// Sizes change by Pillow's rules, which torchvision's transforms of PIL pictures follow.
/// </remarks>
public sealed record Preprocessing
{
    /// <summary>Rows that go in; null for any.</summary>
    public int? Height { get; init; }

    /// <summary>Columns that go in; null for any.</summary>
    public int? Width { get; init; }

    /// <summary>
    /// What the shorter side is brought to first, the ratio kept; null to go to the size at once. With
    /// <see cref="ImageFit.Crop"/> the middle of that is cut out, as torchvision's <c>Resize</c> and <c>CenterCrop</c> do.
    /// </summary>
    public int? ShorterSide { get; init; }

    /// <summary>What happens to a picture of another ratio.</summary>
    public ImageFit Fit { get; init; }

    /// <summary>How pixels between pixels are computed.</summary>
    public Interpolation Interpolation { get; init; }

    /// <summary>What lies in a letterbox's bars; black unless set.</summary>
    public (byte Red, byte Green, byte Blue) Background { get; init; }

    /// <summary>Whether blue goes in first, as networks from Caffe and OpenCV have it.</summary>
    public bool IsBgr { get; init; }

    /// <summary>What the brightest pixel is: 1, or 255 for pixels as they are stored.</summary>
    public float Largest { get; init; } = 1;

    /// <summary>What is taken away from each channel, in the network's order and range; three numbers.</summary>
    public IReadOnlyList<float> Mean { get; init; } = [0, 0, 0];

    /// <summary>What each channel is divided by, in the network's order and range; three positive numbers.</summary>
    public IReadOnlyList<float> StandardDeviation { get; init; } = [1, 1, 1];

    /// <summary>A picture that is taken away in place of <see cref="Mean"/>, 3×H×W in the network's order and range; null for
    /// none.</summary>
    public IReadOnlyList<float>? MeanImage { get; init; }

    /// <summary>torchvision's for ImageNet: the shorter side to 256, the middle 224×224, its means and deviations.</summary>
    public static Preprocessing ImageNet { get; } =
        new()
        {
            Height = 224,
            Width = 224,
            ShorterSide = 256,
            Mean = [0.485f, 0.456f, 0.406f],
            StandardDeviation = [0.229f, 0.224f, 0.225f],
        };

    /// <summary>Caffe's for ImageNet: blue first, 0–255, minus the means 104, 117 and 123; the middle 224×224 of 256.</summary>
    public static Preprocessing ImageNetBgr255 { get; } =
        new()
        {
            Height = 224,
            Width = 224,
            ShorterSide = 256,
            IsBgr = true,
            Largest = 255,
            Mean = [104, 117, 123],
        };

    /// <summary>The tutorial's for CIFAR-10: 32×32, its means and deviations.</summary>
    public static Preprocessing Cifar10 { get; } =
        new()
        {
            Height = 32,
            Width = 32,
            Mean = [0.4914f, 0.4822f, 0.4465f],
            StandardDeviation = [0.2023f, 0.1994f, 0.2010f],
        };

    /// <summary>A picture as the network sees it, before its pixels become numbers.</summary>
    /// <exception cref="ArgumentException">The settings contradict each other; the message says which.</exception>
    public Image Apply(Image image)
    {
        ArgumentNullException.ThrowIfNull(image);
        Check();
        Image resized =
            ShorterSide is { } side && Fit == ImageFit.Crop ? WithShorterSide(image, side)
            : Height is null || Width is null ? image
            : Fit switch
            {
                ImageFit.Crop => LargestPart(image, Height.Value, Width.Value),
                ImageFit.Letterbox => Whole(image, Height.Value, Width.Value),
                _ => image,
            };
        int height = Height ?? resized.Height,
            width = Width ?? resized.Width;
        return (resized.Height, resized.Width) == (height, width) ? resized
            : ShorterSide is not null && Fit == ImageFit.Crop ? Middle(resized, height, width, Background)
            : Fit == ImageFit.Letterbox ? Middle(resized, height, width, Background)
            : PillowResize.Of(resized, height, width, Interpolation);
    }

    /// <summary>Pictures as the network's input.</summary>
    /// <returns>A float32 tensor N×3×H×W on the CPU, which the caller disposes.</returns>
    /// <exception cref="ArgumentException">
    /// There is no picture, the pictures come out in several sizes, the mean picture has another, or the settings contradict each
    /// other.
    /// </exception>
    public Tensor ToInput(params IReadOnlyList<Image> images)
    {
        ArgumentNullException.ThrowIfNull(images);
        Image[] seen = [.. images.Select(Apply)];
        if (seen.Length == 0)
        {
            throw new ArgumentException("There is no picture.", nameof(images));
        }

        (int height, int width) = (seen[0].Height, seen[0].Width);
        if (seen.FirstOrDefault(image => (image.Height, image.Width) != (height, width)) is { } other)
        {
            throw new ArgumentException(
                $"One picture comes out as {height}×{width} and another as {other.Height}×{other.Width}: give "
                    + $"{nameof(Height)} and {nameof(Width)}, or one picture at a time.",
                nameof(images)
            );
        }

        if (MeanImage is { } mean && mean.Count != 3L * height * width)
        {
            throw new ArgumentException(
                $"The mean picture has {mean.Count} numbers; pictures of {height}×{width} take {3L * height * width}.",
                nameof(images)
            );
        }

        var values = new float[3L * seen.Length * height * width];
        for (int i = 0; i < seen.Length; i++)
        {
            Fill(seen[i], values.AsSpan(3 * height * width * i, 3 * height * width));
        }

        return tensor(values, [seen.Length, 3, height, width]);
    }

    private void Fill(Image image, Span<float> planes)
    {
        int area = image.Height * image.Width;
        for (int c = 0; c < 3; c++)
        {
            int stored = IsBgr ? 2 - c : c;
            for (int p = 0; p < area; p++)
            {
                // In torchvision's order: to the range, minus the mean, over the deviation, each rounded to float32.
                float value = Largest == 255 ? image.Rgb[(3 * p) + stored] : image.Rgb[(3 * p) + stored] / 255f * Largest;
                planes[(c * area) + p] = (value - (MeanImage?[(c * area) + p] ?? Mean[c])) / StandardDeviation[c];
            }
        }
    }

    /// <summary>The shorter side at a length; the longer one is rounded down, as torchvision does.</summary>
    private Image WithShorterSide(Image image, int side)
    {
        bool upright = image.Height >= image.Width;
        int longer = (int)((long)side * Math.Max(image.Height, image.Width) / Math.Min(image.Height, image.Width));
        return upright
            ? PillowResize.Of(image, longer, side, Interpolation)
            : PillowResize.Of(image, side, longer, Interpolation);
    }

    private static Image LargestPart(Image image, int height, int width)
    {
        double scale = Math.Min((double)image.Height / height, (double)image.Width / width);
        return Middle(
            image,
            Math.Clamp((int)Math.Round(height * scale), 1, image.Height),
            Math.Clamp((int)Math.Round(width * scale), 1, image.Width),
            default
        );
    }

    private Image Whole(Image image, int height, int width)
    {
        double scale = Math.Min((double)height / image.Height, (double)width / image.Width);
        return PillowResize.Of(
            image,
            Math.Clamp((int)Math.Round(image.Height * scale), 1, height),
            Math.Clamp((int)Math.Round(image.Width * scale), 1, width),
            Interpolation
        );
    }

    /// <summary>The middle at a size, on the background where the picture is smaller; halves are rounded to even.</summary>
    private static Image Middle(Image image, int height, int width, (byte Red, byte Green, byte Blue) background)
    {
        var rgb = new byte[3L * height * width];
        for (int p = 0; p < rgb.Length; p += 3)
        {
            (rgb[p], rgb[p + 1], rgb[p + 2]) = background;
        }

        (int from, int to, int rows) = Overlap(image.Height, height);
        (int left, int right, int columns) = Overlap(image.Width, width);
        for (int y = 0; y < rows; y++)
        {
            image
                .Rgb.AsSpan(3 * (((from + y) * image.Width) + left), 3 * columns)
                .CopyTo(rgb.AsSpan(3 * (((to + y) * width) + right)));
        }

        return new Image(height, width, rgb);
    }

    private static (int From, int To, int Length) Overlap(int old, int size)
    {
        int cut = (int)Math.Round(Math.Max(0, old - size) / 2.0),
            bar = (size - old) / 2;
        return (cut, Math.Max(0, bar), Math.Min(old, size));
    }

    private void Check()
    {
        if ((Height is null) != (Width is null))
        {
            throw new ArgumentException($"{nameof(Height)} and {nameof(Width)} are given together or not at all.");
        }

        foreach (int side in new[] { Height, Width, ShorterSide }.OfType<int>())
        {
            ArgumentOutOfRangeException.ThrowIfNegativeOrZero(side);
            ArgumentOutOfRangeException.ThrowIfGreaterThan(side, ImageOptions.LargestSide);
        }

        if (
            Mean.Count != 3
            || StandardDeviation.Count != 3
            || !StandardDeviation.All(value => value > 0 && float.IsFinite(value))
        )
        {
            throw new ArgumentException(
                $"{nameof(Mean)} and {nameof(StandardDeviation)} are three numbers each, the latter positive; there are "
                    + $"{string.Join(", ", Mean)} and {string.Join(", ", StandardDeviation)}."
            );
        }

        if (!(Largest > 0) || !float.IsFinite(Largest))
        {
            throw new ArgumentException($"{nameof(Largest)} is {Largest}; it is positive, mostly 1 or 255.");
        }
    }
}
