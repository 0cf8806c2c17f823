using AttentionLab.Models;
using TorchSharp;
using static TorchSharp.torch;

namespace AttentionLab.Explain;

/// <summary>
/// Finer-CAM: Grad-CAM of the class's score minus that of the classes with the nearest scores. Two forward and two backward passes.
/// </summary>
/// <remarks>
/// <para>$L = \max(0, ∑ₖ wₖ·Aₖ)$ with $wₖ = ∑ᵢⱼ ∂(y − α·ȳ)/∂Aₖᵢⱼ / (h·w)$: ȳ is the mean score of the n classes whose scores are
/// nearest to the class's own, y.</para>
/// <para><see href="https://arxiv.org/abs/2501.11309">Zhang et al., "Finer-CAM: Spotting the difference reveals finer details for
/// visual explanation", CVPR 2025</see>, equations 4 to 6, with the authors' default of three classes and α = 0.6.</para>
/// </remarks>
public sealed class FinerCam : LayerMethod
{
    /// <inheritdoc/>
    public override string Name => "finer-cam";

    /// <summary>How many classes with the nearest scores are compared, n; at most all others.</summary>
    public int Similar { get; init; } = 3;

    /// <summary>The factor of their mean score, α.</summary>
    public double Share { get; init; } = 0.6;

    /// <summary>Whether negative values, evidence against the class or for the similar ones, become zero.</summary>
    public bool Rectify { get; init; } = true;

    /// <inheritdoc/>
    protected override bool NeedsGradients => false;

    /// <inheritdoc/>
    protected override Tensor MapOf(ExplanationPass pass, string layer)
    {
        if (Similar < 1 || !double.IsFinite(Share))
        {
            throw new InvalidOperationException(
                FormattableString.Invariant(
                    $"Finer-CAM tells a class from one or more, by a finite share; these are {Similar} and {Share}."
                )
            );
        }

        using DisposeScope scope = NewDisposeScope();
        using LayerActivations again = pass.Extractor.RunWithGradients(pass.Input, output => Difference(pass, output));
        LayerActivations placed = again.Placed(
            (path, output) => pass.Layouts[path] is var layout && layout.Fits(output.shape) ? layout : null,
            []
        );
        Tensor weights = placed.GradientOf(layer).InDouble().mean([2, 3], keepdim: true);
        Tensor map = (weights * pass.Activations[layer].InDouble()).sum(1);
        return (Rectify ? map.relu() : map).MoveToOuterDisposeScope();
    }

    private Tensor Difference(ExplanationPass pass, Tensor output)
    {
        long[] classes =
            pass.Score.Classes?.ToArray()
            ?? throw new ArgumentException(
                $"{Name} tells a class from its like; what is explained here is '{pass.Options.Target}'. Explain a class."
            );
        Tensor scores = ModelOutput.ComparableScoresOf(pass.Options.Output!.Value, output),
            own = scores.gather(1, tensor(classes, device: scores.device).unsqueeze(1));

        // The nearest of all is the class itself, at a distance of 0.
        Tensor distances = (scores - own)
            .abs()
            .detach()
            .scatter(1, tensor(classes, device: scores.device).unsqueeze(1), -ones_like(own));
        int similar = (int)Math.Min(Similar, scores.shape[1] - 1);
        Tensor others = distances.argsort(1)[.., 1..(similar + 1)];
        return own.squeeze(1) - (Share * scores.gather(1, others).mean([1]));
    }
}
