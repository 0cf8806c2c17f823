using System.Globalization;
using AttentionLab.Core;
using AttentionLab.Imaging;
using TorchSharp;
using static TorchSharp.torch;

namespace AttentionLab.Data;

/// <summary>
/// How a photograph becomes a network's input: brought to a size, its channels in the network's order and range, minus a mean,
/// over a standard deviation. It belongs to the network: it is what the network learned with.
/// </summary>
/// <remarks>
/// <code>
/// using Tensor input = Preprocessing.ImageNet.ToInput(ImageFile.Load("dog.jpg"));
/// </code>
/// Sizes change by Pillow's rules, which torchvision's transforms of PIL pictures follow. One number in <see cref="Mean"/> makes
/// grey pictures of one channel.
/// </remarks>
public sealed record Preprocessing
{
    private static readonly (string Name, Preprocessing Preset)[] Presets;

    static Preprocessing()
    {
        ImageNet = new()
        {
            Height = 224,
            Width = 224,
            ShorterSide = 256,
            Mean = [0.485f, 0.456f, 0.406f],
            StandardDeviation = [0.229f, 0.224f, 0.225f],
        };
        ImageNetBgr255 = new()
        {
            Height = 224,
            Width = 224,
            ShorterSide = 256,
            IsBgr = true,
            Largest = 255,
            Mean = [104, 117, 123],
        };
        Cifar10 = Of(Normalization.Tutorial, 32, 32);
        Presets = [("imagenet", ImageNet), ("imagenet-bgr255", ImageNetBgr255), ("cifar10", Cifar10)];
    }

    /// <summary>torchvision's for ImageNet: the shorter side to 256, the middle 224×224, its means and deviations.</summary>
    public static Preprocessing ImageNet { get; }

    /// <summary>Caffe's for ImageNet: blue first, 0–255, minus the means 104, 117 and 123; the middle 224×224 of 256.</summary>
    public static Preprocessing ImageNetBgr255 { get; }

    /// <summary>The tutorial's for CIFAR-10: 32×32, its means and deviations, reduced by <see
    /// cref="Interpolation.Area"/>.</summary>
    public static Preprocessing Cifar10 { get; }

    /// <summary>The names of the presets, for <see cref="Get"/>.</summary>
    public static IReadOnlyList<string> Names => [.. Presets.Select(preset => preset.Name)];

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

    /// <summary>
    /// What is taken away from each channel, in the network's order and range: three numbers, or one for grey pictures of one
    /// channel (luma of ITU-R BT.601, as PIL's mode L).
    /// </summary>
    public IReadOnlyList<float> Mean { get; init; } = [0, 0, 0];

    /// <summary>What each channel is divided by, in the network's order and range: as many positive numbers as
    /// <see cref="Mean"/> has.</summary>
    public IReadOnlyList<float> StandardDeviation { get; init; } = [1, 1, 1];

    /// <summary>A picture that is taken away in place of <see cref="Mean"/>, C×H×W in the network's order and range; null for
    /// none.</summary>
    public IReadOnlyList<float>? MeanImage { get; init; }

    /// <summary>Channels that go in: 3, or 1 for grey pictures.</summary>
    public int Channels => Mean.Count;

    /// <summary>"3×224×224", "3×any×any".</summary>
    internal string ShapeText => string.Create(CultureInfo.InvariantCulture, $"{Channels}×{Side(Height)}×{Side(Width)}");

    /// <summary>"3×224×224 of 256, Crop, Bilinear, RGB 0–1, mean 0.485 0.456 0.406, standard deviation 0.229 0.224 0.225".</summary>
    public override string ToString()
    {
        string from = ShorterSide is { } side ? string.Create(CultureInfo.InvariantCulture, $" of {side}") : "",
            order = Channels == 1 ? "grey"
            : IsBgr ? "BGR"
            : "RGB",
            mean = MeanImage is null ? Text(Mean) : "picture";
        return string.Create(
            CultureInfo.InvariantCulture,
            $"{ShapeText}{from}, {Fit}, {Interpolation}, {order} 0–{Largest}, mean {mean}, standard deviation {Text(StandardDeviation)}"
        );

        static string Text(IReadOnlyList<float> values) =>
            string.Join(' ', values.Select(value => value.ToString(CultureInfo.InvariantCulture)));
    }

    /// <summary>A preset by its name: one of <see cref="Names"/>.</summary>
    /// <exception cref="ArgumentException">There is no such preset; the message lists those that there are.</exception>
    public static Preprocessing Get(string name) =>
        Presets.FirstOrDefault(preset => preset.Name == name).Preset
        ?? throw new ArgumentException(
            $"'{Excerpt.Of(name ?? "")}' is not a known preprocessing. Known are {string.Join(", ", Names)}.",
            nameof(name)
        );

    /// <summary>
    /// That of networks which learned from a <see cref="DataSet"/>: pictures cut to their middle, brought to the size as
    /// <see cref="ImageFile"/> does, and normalised.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">A side is not positive.</exception>
    public static Preprocessing Of(Normalization normalization, int height, int width)
    {
        ArgumentNullException.ThrowIfNull(normalization);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(height);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(width);
        return new Preprocessing
        {
            Height = height,
            Width = width,
            Interpolation = Interpolation.Area,
            Background = (255, 255, 255),
            Mean = normalization.Mean,
            StandardDeviation = normalization.StandardDeviation,
        };
    }

    /// <summary>The same for another size; the shorter side that comes first grows with it.</summary>
    /// <exception cref="ArgumentOutOfRangeException">A side is not positive.</exception>
    public Preprocessing At(int height, int width)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(height);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(width);
        return this with
        {
            Height = height,
            Width = width,
            ShorterSide =
                ShorterSide is { } side && Height is { } high && Width is { } wide
                    ? (int)Math.Round((double)side * Math.Min(height, width) / Math.Min(high, wide))
                    : ShorterSide,
        };
    }

    /// <summary>A picture as the network sees it, before its pixels become numbers.</summary>
    /// <exception cref="ArgumentException">The settings contradict each other; the message says which.</exception>
    public Image Apply(Image image)
    {
        ArgumentNullException.ThrowIfNull(image);
        Check();
        return PreprocessingGeometry.Of(this, image.Height, image.Width).Apply(image);
    }

    /// <summary>Which part of a picture the network sees.</summary>
    /// <param name="height">Rows of the picture.</param>
    /// <param name="width">Columns of the picture.</param>
    /// <exception cref="ArgumentException">The settings contradict each other, or a side is not positive.</exception>
    public ImagePart PartOf(int height, int width)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(height);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(width);
        Check();
        return PreprocessingGeometry.Of(this, height, width).Part;
    }

    /// <summary>Pictures as the network's input.</summary>
    /// <returns>A float32 tensor N×C×H×W on the CPU, in channels-last memory order, which the caller disposes.</returns>
    /// <exception cref="ArgumentException">
    /// The list of pictures is empty, preprocessing gives them different sizes, the size of the mean picture differs from
    /// theirs, or settings contradict each other.
    /// </exception>
    public Tensor ToInput(params IReadOnlyList<Image> images)
    {
        ArgumentNullException.ThrowIfNull(images);
        return images.Count == 0
            ? throw new ArgumentException("The list of pictures is empty: give at least one.", nameof(images))
            : ToNumbers([.. images.Select(Apply)]);
    }

    /// <summary>What <see cref="Apply"/> made of one or more pictures, as the network's input.</summary>
    internal Tensor ToNumbers(IReadOnlyList<Image> seen)
    {
        (int height, int width) = (seen[0].Height, seen[0].Width);
        if (seen.FirstOrDefault(image => (image.Height, image.Width) != (height, width)) is { } other)
        {
            throw new ArgumentException(
                $"Preprocessing gives one picture {height}×{width} pixels and another {other.Height}×{other.Width}: set "
                    + $"{nameof(Height)} and {nameof(Width)}, or one picture at a time.",
                nameof(seen)
            );
        }

        int length = checked(Channels * height * width);
        if (MeanImage is { } mean && mean.Count != length)
        {
            throw new ArgumentException(
                $"The mean picture has {mean.Count} numbers; pictures of {height}×{width} take {length}.",
                nameof(seen)
            );
        }

        var values = new float[(long)seen.Count * length];
        for (int i = 0; i < seen.Count; i++)
        {
            Fill(seen[i], values.AsSpan(length * i, length));
        }

        using DisposeScope scope = NewDisposeScope();
        return tensor(values, [seen.Count, height, width, Channels]).permute(0, 3, 1, 2).MoveToOuterDisposeScope();
    }

    /// <summary>The picture that an input shows: values brought back to 0–255, clipped and rounded.</summary>
    /// <param name="input">C×H×W or 1×C×H×W, any device.</param>
    /// <exception cref="ArgumentException">The tensor has another shape, or the mean picture has another size.</exception>
    public Image ToPicture(Tensor input)
    {
        ArgumentNullException.ThrowIfNull(input);
        Check();
        using DisposeScope scope = NewDisposeScope();
        if (!(input.dim() == 3 || (input.dim() == 4 && input.shape[0] == 1)) || input.shape[^3] != Channels)
        {
            throw new ArgumentException(
                $"One picture has shape {Channels}×H×W; the tensor has {string.Join('×', input.shape)}.",
                nameof(input)
            );
        }

        (int height, int width) = ((int)input.shape[^2], (int)input.shape[^1]);
        int area = height * width;
        if (MeanImage is { } mean && mean.Count != Channels * area)
        {
            throw new ArgumentException($"The mean picture is not of {height}×{width} pixels.", nameof(input));
        }

        float[] values = input.detach().to(ScalarType.Float32).cpu().contiguous().data<float>().ToArray();
        var rgb = new byte[3 * area];
        for (int i = 0; i < rgb.Length; i++)
        {
            (int pixel, int colour) = Math.DivRem(i, 3);
            int channel = ChannelOf(colour),
                at = (channel * area) + pixel;
            float value = (values[at] * StandardDeviation[channel]) + (MeanImage?[at] ?? Mean[channel]);
            rgb[i] = (byte)MathF.Round(255 * Math.Clamp(value / Largest, 0, 1));
        }

        return new Image(height, width, rgb);
    }

    /// <summary>The same as a normalisation, for training batches; null where blue is first, or a mean picture taken
    /// away.</summary>
    internal Normalization? ToNormalization() =>
        IsBgr || MeanImage is not null
            ? null
            : new Normalization(
                [.. Mean.Select(value => value / Largest)],
                [.. StandardDeviation.Select(value => value / Largest)]
            );

    /// <summary>Rows and columns.</summary>
    /// <exception cref="ArgumentException">They are left open.</exception>
    internal (int Height, int Width) Size =>
        Height is { } height && Width is { } width
            ? (height, width)
            : throw new ArgumentException(
                $"Training pictures have one size, which this preprocessing leaves open: name one with {nameof(At)}."
            );

    internal void Check()
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
            Mean.Count is not (1 or 3)
            || Mean.Count != StandardDeviation.Count
            || !Mean.All(float.IsFinite)
            || !StandardDeviation.All(value => value > 0 && float.IsFinite(value))
        )
        {
            throw new ArgumentException(
                $"{nameof(Mean)} and {nameof(StandardDeviation)} are three finite numbers each, or one for grey pictures, the "
                    + $"latter positive; there are {string.Join(", ", Mean)} and {string.Join(", ", StandardDeviation)}."
            );
        }

        if (!(Largest > 0) || !float.IsFinite(Largest))
        {
            throw new ArgumentException($"{nameof(Largest)} is {Largest}; it is positive, mostly 1 or 255.");
        }
    }

    /// <summary>Writes a picture's numbers, H×W×C.</summary>
    private void Fill(Image image, Span<float> target)
    {
        int area = image.Height * image.Width;
        ReadOnlySpan<byte> rgb = image.Rgb;
        for (int p = 0; p < area; p++)
        {
            ReadOnlySpan<byte> pixel = rgb.Slice(3 * p, 3);
            for (int c = 0; c < Channels; c++)
            {
                // In torchvision's order: to the range, minus the mean, over the deviation, each rounded to float32.
                byte stored = Channels == 1 ? Planes.Luma(pixel[0], pixel[1], pixel[2]) : pixel[IsBgr ? 2 - c : c];
                float value = Largest == 255 ? stored : stored / 255f * Largest;
                target[(p * Channels) + c] = (value - (MeanImage?[(c * area) + p] ?? Mean[c])) / StandardDeviation[c];
            }
        }
    }

    /// <summary>The channel in which a colour (red, green, blue: 0, 1, 2) goes in.</summary>
    private int ChannelOf(int colour) =>
        Channels == 1 ? 0
        : IsBgr ? 2 - colour
        : colour;

    private static string Side(int? side) => side?.ToString(CultureInfo.InvariantCulture) ?? "any";
}
