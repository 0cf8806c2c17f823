using AttentionLab.Models;
using static TorchSharp.torch;

namespace AttentionLab.Explain;

/// <summary>
/// The mean of a block's channels, each times the weight that its channel attention (squeeze-and-excitation, ECA, CBAM's)
/// computed: where the network is active after it has chosen what to attend to. Explains all such modules unless layers are
/// named. One forward pass; the target plays no part.
/// </summary>
/// <remarks>
/// <para>$L = ∑ₖ wₖ·Aₖ / C$ with the module's weights w and input A of C channels; $w·A$ is what it outputs.</para>
/// <para>The weights: <see href="https://arxiv.org/abs/1709.01507">Hu, Shen, Sun, "Squeeze-and-Excitation Networks", CVPR
/// 2018</see>, equations 2 to 4. No paper describes the map.</para>
/// </remarks>
public sealed class SqueezeExcitationMap : LayerMethod
{
    /// <inheritdoc/>
    public override string Name => "se-map";

    /// <inheritdoc/>
    protected override bool NeedsGradients => false;

    /// <inheritdoc/>
    public override Applicability AppliesTo(nn.Module<Tensor, Tensor> model, IReadOnlyList<string>? layers = null)
    {
        ArgumentNullException.ThrowIfNull(model);
        if (AttentionOf(model).Length == 0)
        {
            return Applicability.No(
                $"{model.GetType().Name} has no channel attention, so there is nothing to weigh by; {nameof(SeCnn)} has."
            );
        }

        // A layer that does not exist is for Explain to report: it lists those that do.
        string[] paths = [.. ModulePaths.Of(model).Select(part => part.Path)];
        return
            (layers ?? [])
                .SelectMany(layer => ModulePaths.IsPattern(layer) ? ModulePaths.Match(layer, paths) : [layer])
                .Except(AttentionOf(model))
                .FirstOrDefault()
                is { } other
            ? Applicability.No(NoAttention(other))
            : Applicability.Yes;
    }

    internal override IReadOnlyList<string> DefaultLayers(
        nn.Module<Tensor, Tensor> model,
        Tensor input,
        ICollection<string> remarks
    ) =>
        AppliesTo(model) is { IsApplicable: false, Reason: { } reason }
            ? throw new ArgumentException(reason, nameof(model))
            : AttentionOf(model);

    /// <inheritdoc/>
    protected override Tensor MapOf(ExplanationPass pass, string layer) =>
        AttentionOf(pass.Model).Contains(layer)
            ? pass.Activations[layer].InDouble().mean([1])
            : throw new ArgumentException(NoAttention(layer), nameof(layer));

    private static string[] AttentionOf(nn.Module model) =>
        [.. ModulePaths.Of(model).Where(part => part.Module is IChannelAttention).Select(part => part.Path)];

    private static string NoAttention(string layer) =>
        $"Layer '{layer}' is not a channel attention, so it has no weights. Name one such as ca3 or layer3.2.se, or none for all.";
}
