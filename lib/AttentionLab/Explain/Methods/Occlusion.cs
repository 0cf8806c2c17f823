using static TorchSharp.torch;

namespace AttentionLab.Explain;

/// <summary>
/// Occlusion sensitivity: how much score is lost when a window hides a part of the picture; each pixel has the mean over the
/// windows that hide it. Signed, in the score's units. One forward pass for each picture, and one for each window of each
/// picture.
/// </summary>
/// <remarks>
/// <para>$L_p = ∑_R (y(x) − y(x_R)) / n$ over the n windows R that hide the pixel p, $x_R$ the picture x with the window
/// hidden.</para>
/// <para><see href="https://arxiv.org/abs/1311.2901">Zeiler, Fergus, "Visualizing and understanding convolutional networks",
/// ECCV 2014</see>, section 4.2.</para>
/// </remarks>
public sealed class Occlusion : PixelMethod
{
    /// <summary>The map has one number for each pixel already.</summary>
    public Occlusion() => Pooling = ColourPooling.Sum;

    /// <inheritdoc/>
    public override string Name => "occlusion";

    /// <summary>The window's side in pixels; null for a quarter of the picture's shorter side: 8 of 32, 56 of 224.</summary>
    public int? Window { get; init; }

    /// <summary>
    /// How many pixels the window moves at a time; the last one ends at the picture's edge. Null for half the window.
    /// </summary>
    public int? Stride { get; init; }

    /// <summary>
    /// What hides, in the input's units: one value, or one for each channel. The default, 0, is the mean colour of a normalised
    /// picture.
    /// </summary>
    public IReadOnlyList<float> Baseline { get; init; } = [0];

    /// <inheritdoc/>
    protected override Tensor AttributionsOf(ExplanationPass pass)
    {
        int height = (int)pass.Input.shape[2],
            width = (int)pass.Input.shape[3];
        int window = Window ?? Math.Max(1, Math.Min(height, width) / 4),
            stride = Stride ?? Math.Max(1, window / 2);
        if (window < 1 || stride < 1 || window > Math.Min(height, width))
        {
            throw new InvalidOperationException(
                $"Occlusion moves a window of 1 to {Math.Min(height, width)} pixels by at least one; these are {window} and "
                    + $"{stride}."
            );
        }

        Tensor baseline = BaselineColour.Of(Baseline, pass.Input).squeeze(0);
        (int Top, int Left)[] windows =
        [
            .. Starts(height, window, stride).SelectMany(_ => Starts(width, window, stride), (top, left) => (top, left)),
        ];
        double[] before = pass.Scores();
        return stack([
                .. Enumerable
                    .Range(0, pass.Pictures)
                    .Select(picture =>
                    {
                        double[] after = pass.ScoresOf(
                            picture,
                            windows.Length,
                            (start, end) =>
                                stack([
                                    .. windows[start..end]
                                        .Select(place =>
                                        {
                                            Tensor hidden = pass.Input[picture].clone();
                                            hidden[.., place.Top..(place.Top + window), place.Left..(place.Left + window)] =
                                                baseline.expand(-1, window, window);
                                            return hidden;
                                        }),
                                ])
                        );
                        return MeanOver(windows, window, [.. after.Select(score => before[picture] - score)], height, width);
                    }),
            ])
            .to(pass.Input.device);
    }

    private static IEnumerable<int> Starts(int side, int window, int stride) =>
        Enumerable.Range(0, ((side - window + stride - 1) / stride) + 1).Select(i => Math.Min(i * stride, side - window));

    private static Tensor MeanOver((int Top, int Left)[] windows, int side, double[] lost, int height, int width)
    {
        var sum = new double[height * width];
        var count = new int[height * width];
        for (int i = 0; i < windows.Length; i++)
        {
            for (int y = windows[i].Top; y < windows[i].Top + side; y++)
            {
                for (int x = windows[i].Left; x < windows[i].Left + side; x++)
                {
                    sum[(y * width) + x] += lost[i];
                    count[(y * width) + x]++;
                }
            }
        }

        // With a stride larger than the window some pixels are never hidden: nothing is lost there.
        return tensor([.. sum.Zip(count, (total, n) => total / Math.Max(n, 1))], [1, height, width]);
    }
}
