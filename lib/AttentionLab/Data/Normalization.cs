using AttentionLab.Imaging;
using TorchSharp;
using static TorchSharp.torch;

namespace AttentionLab.Data;

/// <summary>
/// How pixels become a network's input: <c>(value / 255 − mean) / standard deviation</c>, channel by channel, and back.
/// </summary>
/// <param name="Mean">Red, green and blue, of values in [0, 1]; one number for grey pictures.</param>
/// <param name="StandardDeviation">Red, green and blue, positive; one number for grey pictures.</param>
public sealed record Normalization(float[] Mean, float[] StandardDeviation)
{
    /// <summary>
    /// The tutorial's numbers for CIFAR-10. Its standard deviations are means over pictures; over all pixels they would be near
    /// (0.247, 0.243, 0.262). They are kept, so that weights trained with them fit.
    /// </summary>
    public static Normalization Tutorial { get; } = new([0.4914f, 0.4822f, 0.4465f], [0.2023f, 0.1994f, 0.2010f]);

    internal int Channels => Mean.Length;

    /// <summary>
    /// The mean and the standard deviation over all pixels of a split; a channel that is the same everywhere gets the standard
    /// deviation 1.
    /// </summary>
    /// <exception cref="ArgumentException">The split is empty.</exception>
    public static Normalization Of(LabeledImages images)
    {
        ArgumentNullException.ThrowIfNull(images);
        if (images.Count == 0)
        {
            throw new ArgumentException($"{images.Name} has no pictures to take a mean of.", nameof(images));
        }

        int area = images.Height * images.Width;
        int channels = images.Channels;
        var counts = new long[channels, 256];
        for (int i = 0; i < images.Count; i++)
        {
            ReadOnlySpan<byte> planes = images.PlanesOf(i);
            for (int p = 0; p < planes.Length; p++)
            {
                counts[p / area, planes[p]]++;
            }
        }

        double all = (double)images.Count * area;
        float[] mean = new float[channels],
            deviation = new float[channels];
        for (int c = 0; c < channels; c++)
        {
            double sum = 0,
                squares = 0;
            for (int v = 0; v < 256; v++)
            {
                sum += counts[c, v] * (v / 255.0);
            }

            for (int v = 0; v < 256; v++)
            {
                squares += counts[c, v] * Math.Pow((v / 255.0) - (sum / all), 2);
            }

            mean[c] = (float)(sum / all);
            deviation[c] = squares > 1e-12 * all ? (float)Math.Sqrt(squares / all) : 1;
        }

        return new Normalization(mean, deviation);
    }

    /// <summary>Pictures of a split as a network takes them, without augmentation, on the CPU or moved to a device.</summary>
    /// <returns>
    /// A float32 tensor N×C×H×W, in channels-last memory order like a <see cref="Batch"/>'s, that the caller disposes.
    /// </returns>
    /// <exception cref="ArgumentOutOfRangeException">There is no such picture.</exception>
    public Tensor ToTensor(LabeledImages images, ReadOnlySpan<int> indices, Device? device = null)
    {
        ArgumentNullException.ThrowIfNull(images);
        CheckChannels(images);
        var normalizer = new PixelNormalizer(this);
        int size = images.PictureSize;
        var values = new float[indices.Length * size];
        for (int i = 0; i < indices.Length; i++)
        {
            normalizer.WritePlanes(images.PlanesOf(indices[i]), values.AsSpan(i * size, size));
        }

        return ToTensor(values, indices.Length, images.Height, images.Width, device);
    }

    /// <summary>Pictures, such as those of <see cref="ImageFile"/>, as a network takes them.</summary>
    /// <param name="pictures">All of one size.</param>
    /// <returns>A float32 tensor N×C×H×W on the CPU, in channels-last memory order, that the caller disposes.</returns>
    /// <exception cref="ArgumentException">The list of pictures is empty, or one has another size than the first.</exception>
    public Tensor ToTensor(params IReadOnlyList<Image> pictures)
    {
        ArgumentNullException.ThrowIfNull(pictures);
        if (pictures.Count == 0)
        {
            throw new ArgumentException("The list of pictures is empty: give at least one.", nameof(pictures));
        }

        int height = pictures[0].Height,
            width = pictures[0].Width,
            other = pictures.ToList().FindIndex(picture => (picture.Height, picture.Width) != (height, width));
        if (other > 0)
        {
            throw new ArgumentException(
                $"Pictures of one batch have one size: the first has {height}×{width} pixels, picture {other} has "
                    + $"{pictures[other].Height}×{pictures[other].Width}.",
                nameof(pictures)
            );
        }

        var normalizer = new PixelNormalizer(this);
        int size = Channels * height * width;
        var values = new float[pictures.Count * size];
        for (int i = 0; i < pictures.Count; i++)
        {
            normalizer.WritePlanes(Planes.Of(pictures[i], Channels), values.AsSpan(i * size, size));
        }

        return ToTensor(values, pictures.Count, height, width);
    }

    /// <summary>The picture a normalised tensor shows: values clipped to [0, 1], then rounded to 0–255.</summary>
    /// <param name="input">C×H×W or 1×C×H×W, any device.</param>
    /// <exception cref="ArgumentException">The tensor has another shape.</exception>
    public Image ToPicture(Tensor input)
    {
        ArgumentNullException.ThrowIfNull(input);
        using DisposeScope scope = NewDisposeScope();
        if (!(input.dim() == 3 || (input.dim() == 4 && input.shape[0] == 1)) || input.shape[^3] != Channels)
        {
            throw new ArgumentException(
                $"One picture has shape {Channels}×H×W; the tensor has {string.Join('×', input.shape)}.",
                nameof(input)
            );
        }

        int height = (int)input.shape[^2],
            width = (int)input.shape[^1],
            area = height * width;
        float[] values = input.detach().to(ScalarType.Float32).cpu().contiguous().data<float>().ToArray();
        var planes = new byte[Channels * area];
        for (int p = 0; p < planes.Length; p++)
        {
            float value = (values[p] * StandardDeviation[p / area]) + Mean[p / area];
            planes[p] = (byte)MathF.Round(255 * Math.Clamp(value, 0, 1));
        }

        return Image.FromPlanes(height, width, planes);
    }

    /// <exception cref="ArgumentException">It has no number for each channel of the pictures.</exception>
    internal void CheckChannels(LabeledImages images)
    {
        if (Mean.Length != images.Channels || StandardDeviation.Length != images.Channels)
        {
            throw new ArgumentException(
                $"The pictures of {images.Name} have {(images.Channels == 1 ? "one channel" : "three channels")}, and the "
                    + $"normalisation has {Mean.Length} means and {StandardDeviation.Length} deviations.",
                nameof(images)
            );
        }
    }

    /// <summary>N·H·W pixels, the channels of each side by side, seen as N×C×H×W: torch's channels-last memory order.</summary>
    private Tensor ToTensor(float[] values, int count, int height, int width, Device? device = null)
    {
        using DisposeScope scope = NewDisposeScope();
        return tensor(values, [count, height, width, Channels], device: device).permute(0, 3, 1, 2).MoveToOuterDisposeScope();
    }
}
