using TorchSharp;
using static TorchSharp.torch;

namespace AttentionLab.Explain;

/// <summary>
/// Gradient-weighted attention: attention rollout of those shares alone that speak for the target. Not negative.
/// </summary>
/// <remarks>
/// <para>$R ← R + Āₗ·R$ from $R = I$, block by block, with $Āₗ = E_h[\max(0, ∂y/∂Aₗ ⊙ Aₗ)]$, the mean over block l's heads
/// h.</para>
/// <para><see href="https://arxiv.org/abs/2103.15679">Chefer, Gur, Wolf, "Generic attention-model explainability for interpreting
/// bi-modal and encoder-decoder transformers", ICCV 2021</see>, equations 5 and 6: the rule of self-attention. Which row is the
/// map's: see <see cref="AttentionMethod"/>.</para>
/// </remarks>
public sealed class GradientWeightedAttention : AttentionMethod
{
    /// <inheritdoc/>
    public override string Name => "gradient-weighted-attention";

    /// <inheritdoc/>
    protected override Tensor MixingOf(Tensor attention, Tensor gradient)
    {
        ArgumentNullException.ThrowIfNull(attention);
        ArgumentNullException.ThrowIfNull(gradient);
        using DisposeScope scope = NewDisposeScope();
        Tensor mean = (attention * gradient).relu().mean([0]);
        return (mean + eye(mean.shape[0], dtype: mean.dtype, device: mean.device)).MoveToOuterDisposeScope();
    }
}
