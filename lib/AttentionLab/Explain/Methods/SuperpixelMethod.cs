using AttentionLab.Core;
using AttentionLab.Imaging;
using TorchSharp;
using static TorchSharp.torch;

namespace AttentionLab.Explain;

/// <summary>
/// Runs the model on pictures of which some patches of similar colour (<see cref="Superpixels"/>) are hidden, and fits a value for
/// each patch to the scores. Signed, in the score's units. A forward pass for each sample.
/// </summary>
public abstract class SuperpixelMethod : PixelMethod
{
    /// <summary>The map has one number for each pixel already.</summary>
    private protected SuperpixelMethod() => Pooling = ColourPooling.Sum;

    /// <summary>About how many patches a picture is cut into; at most one for each pixel.</summary>
    public int Patches { get; init; } = 40;

    /// <summary>How many pictures with hidden patches the model is run on.</summary>
    public int Samples { get; init; } = 500;

    /// <summary>Decides which patches are hidden.</summary>
    public long Seed { get; init; }

    /// <summary>
    /// What hides, in the input's units: one value, or one for each channel. The default, 0, is the mean colour of a normalised
    /// picture.
    /// </summary>
    public IReadOnlyList<float> Baseline { get; init; } = [0];

    /// <summary>Which patches each of these pictures shows.</summary>
    private protected abstract bool[][] Coalitions(int patches);

    /// <summary>The value of each patch.</summary>
    /// <param name="shown">As <see cref="Coalitions"/> gave it.</param>
    /// <param name="scores">The score of each.</param>
    private protected abstract double[] Fit(bool[][] shown, double[] scores);

    /// <inheritdoc/>
    protected sealed override Tensor AttributionsOf(ExplanationPass pass)
    {
        if (Patches < 1 || Samples < 1)
        {
            throw new InvalidOperationException(
                $"{Name} takes at least one patch and one sample; these are {Patches} and {Samples}."
            );
        }

        Tensor hidden = BaselineColour.Of(Baseline, pass.Input);
        return cat([.. Enumerable.Range(0, pass.Pictures).Select(picture => MapOf(pass, picture, hidden))]).to(pass.Input.device);
    }

    private Tensor MapOf(ExplanationPass pass, int picture, Tensor hidden)
    {
        (int height, int width) = ((int)pass.Input.shape[2], (int)pass.Input.shape[3]);
        int[] patchOf = Superpixels.Slic(pass.Input[picture].ToFloats(), height, width, Patches);
        bool[][] shown = Coalitions(patchOf.Max() + 1);
        double[] scores = pass.ScoresOf(
            picture,
            shown.Length,
            (start, end) =>
            {
                float[] masks = [.. shown[start..end].SelectMany(each => patchOf.Select(patch => each[patch] ? 1f : 0))];
                Tensor visible = tensor(masks, [end - start, 1, height, width]).to(pass.Input.dtype, pass.Input.device);
                return hidden + (visible * (pass.Input[picture] - hidden));
            }
        );
        double[] counts = Fit(shown, scores);
        return tensor([.. patchOf.Select(patch => counts[patch])], [1, 1, height, width]);
    }

    /// <summary>Coefficients b with the least $∑ᵢ wᵢ·(yᵢ − ∑ⱼ xᵢⱼ·bⱼ)² + ∑ⱼ rⱼ·bⱼ²$; of several the shortest.</summary>
    private protected static double[] LeastSquares(double[][] x, double[] y, double[] weights, double[] ridge)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor design = tensor([.. x.SelectMany(row => row)], [x.Length, x[0].Length]),
            weighted = tensor(weights).unsqueeze(1) * design;
        Tensor normal = weighted.t().mm(design) + diag(tensor(ridge));
        return linalg.pinv(normal).mm(weighted.t().mm(tensor(y).unsqueeze(1))).squeeze(1).ToDoubles();
    }
}
