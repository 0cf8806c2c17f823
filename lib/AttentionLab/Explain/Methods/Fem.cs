using TorchSharp;
using static TorchSharp.torch;

namespace AttentionLab.Explain;

/// <summary>
/// FEM, the feature explanation method: marks where each channel is far above its own mean, weighted by that mean. One forward
/// pass; the target plays no part.
/// </summary>
/// <remarks>
/// <para>$L = ∑ₖ μₖ·[Aₖ > μₖ + κ·σₖ]$, μ and σ the mean and the standard deviation of the layer's channel Aₖ over its
/// places.</para>
/// <para><see href="https://doi.org/10.1109/IPTA50016.2020.9286629">Fuad, Martin, Giot et al., "Features understanding in 3D CNNs
/// for actions recognition in video", IPTA 2020</see>, with κ = 2 as there.</para>
/// </remarks>
public sealed class Fem : LayerMethod
{
    /// <inheritdoc/>
    public override string Name => "fem";

    /// <summary>How many standard deviations above its mean a channel is marked, κ. Of n places none lies more than √(n − 1)
    /// above, so that with 2 a layer of five places or fewer gives a blank map, which the result's remarks report.</summary>
    public double Deviations { get; init; } = 2;

    /// <inheritdoc/>
    protected override bool NeedsGradients => false;

    /// <inheritdoc/>
    protected override Tensor MapOf(ExplanationPass pass, string layer)
    {
        if (!double.IsFinite(Deviations))
        {
            throw new InvalidOperationException($"FEM takes a finite number of deviations; this is {Deviations}.");
        }

        using DisposeScope scope = NewDisposeScope();
        Tensor activation = pass.Activations[layer].InDouble(),
            mean = activation.mean([2, 3], keepdim: true),
            deviation = (activation - mean).square().mean([2, 3], keepdim: true).sqrt();
        SayWhenNothingCanBeMarked(pass, layer, activation.shape[2] * activation.shape[3]);
        return (mean * (activation > mean + (Deviations * deviation)).to(ScalarType.Float64)).sum(1).MoveToOuterDisposeScope();
    }

    /// <summary>Of n values none lies further above their mean than √(n − 1) standard deviations (Samuelson, "How deviant can you
    /// be?", JASA 63, 1968).</summary>
    private void SayWhenNothingCanBeMarked(ExplanationPass pass, string layer, long places)
    {
        double most = Math.Sqrt(places - 1);
        string remark = FormattableString.Invariant(
            $"{Name}: of the {places} places of {layer} none can lie more than {most:0.##} standard deviations above the mean, "
        );
        remark += FormattableString.Invariant(
            $"and only those above {Deviations} are marked, so the map is blank. Take an earlier layer, or fewer {nameof(Deviations)}."
        );
        if (most <= Deviations && !pass.Remarks.Contains(remark))
        {
            pass.Remarks.Add(remark);
        }
    }
}
