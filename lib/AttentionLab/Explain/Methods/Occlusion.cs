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

    /// <summary>The window's side in pixels.</summary>
    public int Window { get; init; } = 8;

    /// <summary>How many pixels the window moves at a time; the last one ends at the picture's edge.</summary>
    public int Stride { get; init; } = 4;

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
        if (Window < 1 || Stride < 1 || Window > Math.Min(height, width))
        {
            throw new InvalidOperationException(
                $"Occlusion moves a window of 1 to {Math.Min(height, width)} pixels by at least one; these are {Window} and "
                    + $"{Stride}."
            );
        }

        Tensor baseline = BaselineColour.Of(Baseline, pass.Input).squeeze(0);
        (int Top, int Left)[] windows = [.. Starts(height).SelectMany(_ => Starts(width), (top, left) => (top, left))];
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
                                        .Select(window =>
                                        {
                                            Tensor hidden = pass.Input[picture].clone();
                                            hidden[.., window.Top..(window.Top + Window), window.Left..(window.Left + Window)] =
                                                baseline.expand(-1, Window, Window);
                                            return hidden;
                                        }),
                                ])
                        );
                        return MeanOver(windows, [.. after.Select(score => before[picture] - score)], height, width);
                    }),
            ])
            .to(pass.Input.device);
    }

    private IEnumerable<int> Starts(int side) =>
        Enumerable.Range(0, ((side - Window + Stride - 1) / Stride) + 1).Select(i => Math.Min(i * Stride, side - Window));

    private Tensor MeanOver((int Top, int Left)[] windows, double[] lost, int height, int width)
    {
        var sum = new double[height * width];
        var count = new int[height * width];
        for (int i = 0; i < windows.Length; i++)
        {
            for (int y = windows[i].Top; y < windows[i].Top + Window; y++)
            {
                for (int x = windows[i].Left; x < windows[i].Left + Window; x++)
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
