using static TorchSharp.torch;

namespace AttentionLab.Explain;

/// <summary>
/// Integrated gradients: what each pixel adds to the score on the straight way from a baseline to the picture. Signed; the map
/// adds up to the score minus the baseline's score, but for the error of <see cref="Steps"/>. One forward pass, and a forward and
/// a backward pass for each step.
/// </summary>
/// <remarks>
/// <para>$L = (x − x') ⊙ ∫₀¹ ∂y(x' + α·(x − x'))/∂x\,dα$, x the picture, x' the baseline; the integral by the midpoint
/// rule.</para>
/// <para><see href="https://arxiv.org/abs/1703.01365">Sundararajan, Taly, Yan, "Axiomatic attribution for deep networks",
/// ICML 2017</see>, equation 1.</para>
/// </remarks>
public sealed class IntegratedGradients : PixelMethod
{
    /// <summary>A pixel's colours are added up.</summary>
    public IntegratedGradients() => Pooling = ColourPooling.Sum;

    /// <inheritdoc/>
    public override string Name => "integrated-gradients";

    /// <summary>Into how many steps the way is cut.</summary>
    public int Steps { get; init; } = 64;

    /// <summary>
    /// What the way starts from, in the input's units: one value, or one for each channel. The default, 0, is the mean colour of
    /// a normalised picture.
    /// </summary>
    public IReadOnlyList<float> Baseline { get; init; } = [0];

    /// <inheritdoc/>
    protected override Tensor AttributionsOf(ExplanationPass pass)
    {
        if (Steps < 1)
        {
            throw new InvalidOperationException($"Integrated gradients take at least one step; these are {Steps}.");
        }

        Tensor baseline = BaselineColour.Of(Baseline, pass.Input),
            way = pass.Input - baseline;
        return way.InDouble() * pass.MeanInputGradient(Steps, step => baseline + (way * ((step + 0.5) / Steps)));
    }
}
