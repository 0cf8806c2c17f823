using AttentionLab.Models;
using static TorchSharp.torch;

namespace AttentionLab.Explain;

/// <summary>
/// The mean of a block's channels, each times the weight that its channel attention (squeeze-and-excitation, ECA, CBAM's) computed: where the network is
/// active after it has chosen what to attend to. Explains all such modules unless layers are named. One forward pass; the target plays no part.
/// </summary>
/// <remarks>Weights w and input A of the module give mean of w·A, and w·A is what it puts out.</remarks>
public sealed class SqueezeExcitationMap : LayerMethod
{
    /// <inheritdoc/>
    public override string Name => "se-map";

    private protected override bool NeedsGradients => false;

    private protected override IReadOnlyList<string> DefaultLayers(
        nn.Module<Tensor, Tensor> model,
        Tensor input,
        ICollection<string> remarks
    )
    {
        string[] blocks = [.. ModulePaths.Of(model).Where(part => part.Module is IChannelAttention).Select(part => part.Path)];
        return blocks.Length > 0
            ? blocks
            : throw new ArgumentException(
                $"{model.GetType().Name} has no channel attention, so there is nothing to weigh by; {nameof(SeCnn)} has.",
                nameof(model)
            );
    }

    private protected override Tensor MapOf(ExplanationPass pass, string layer)
    {
        return ModulePaths.Of(pass.Model).Any(part => part.Path == layer && part.Module is IChannelAttention)
            ? pass.Activations[layer].InDouble().mean([1])
            : throw new ArgumentException(
                $"Layer '{layer}' is no channel attention, so it has no weights. Name one such as ca3 or layer3.2.se, or none for all.",
                nameof(layer)
            );
    }
}
