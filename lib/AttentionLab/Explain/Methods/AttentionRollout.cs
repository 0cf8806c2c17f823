using TorchSharp;
using static TorchSharp.torch;

namespace AttentionLab.Explain;

/// <summary>
/// Attention rollout: how much of each patch reaches the tokens that are read at a transformer's end, if every block passes on
/// half of a token as it is and half as attention distributes it. Not negative. The target plays no part.
/// </summary>
/// <remarks>
/// <para>$R = M_L⋯M₂·M₁$ with $Mₗ = (I + Āₗ)/2$, $Āₗ$ the mean of block l's attention over its heads. R's rows add up to 1, the
/// share of the leading tokens included, which the map leaves out.</para>
/// <para><see href="https://arxiv.org/abs/2005.00928">Abnar, Zuidema, "Quantifying attention flow in transformers", ACL
/// 2020</see>, section 3. Which row is the map's: see <see cref="AttentionMethod"/>.</para>
/// </remarks>
public sealed class AttentionRollout : AttentionMethod
{
    /// <inheritdoc/>
    public override string Name => "attention-rollout";

    /// <inheritdoc/>
    protected override Tensor MixingOf(Tensor attention, Tensor gradient)
    {
        ArgumentNullException.ThrowIfNull(attention);
        using DisposeScope scope = NewDisposeScope();
        Tensor mean = attention.mean([0]);
        return ((mean + eye(mean.shape[0], dtype: mean.dtype, device: mean.device)) / 2).MoveToOuterDisposeScope();
    }
}
