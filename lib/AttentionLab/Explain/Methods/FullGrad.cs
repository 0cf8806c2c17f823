using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn.functional;

namespace AttentionLab.Explain;

/// <summary>
/// FullGrad: what the input and every bias of the network contribute to the score, put together at the picture's size. Unsigned. A network of
/// convolutions, BatchNorm, ReLU, pooling and linear layers is nothing but these contributions: they add up to the score. One forward and one backward pass.
/// </summary>
/// <remarks>
/// Srinivas, Fleuret, "Full-gradient representation for neural network visualization", NeurIPS 2019: ψ(∇ₓf ⊙ x) + Σₗ Σ꜀ ψ(fᵇ), ψ the absolute value, scaled
/// to [0, 1], enlarged bilinearly. As in the formula each channel of a bias is scaled on its own; the authors' code scales each layer as a whole. A
/// BatchNorm's bias is what it puts out for zero. Biases of layers without height and width (linear ones) have no place in a map and are left out.
/// </remarks>
public sealed class FullGrad : ExplanationMethod
{
    /// <inheritdoc/>
    public override string Name => "full-grad";

    private protected override bool NeedsGradients => true;

    private protected override IReadOnlyList<string> LayersFor(
        nn.Module<Tensor, Tensor> model,
        Tensor input,
        ExplanationOptions options
    ) =>
        [
            .. ModulePaths
                .Of(model)
                .Where(part => part.Module is Conv2d { bias: not null } or BatchNorm2d)
                .Select(part => part.Path),
            ActivationExtractor.Input,
        ];

    private protected override IReadOnlyList<(string Layer, Tensor Map)> MapsOf(ExplanationPass pass)
    {
        using DisposeScope scope = NewDisposeScope();
        long[] size = pass.Input.shape[2..];
        var modules = ModulePaths.Of(pass.Model).ToDictionary(part => part.Path, part => part.Module);

        // The input's colours are one contribution; a bias's channels are one each.
        Tensor contribution = (pass.Input * pass.Activations.GradientOf(ActivationExtractor.Input)).abs();
        Tensor map = Rounding.MinMax(contribution, [1, 2, 3], pass.Input.dtype).sum(1);
        foreach (string layer in pass.Activations.Keys.Where(layer => layer != ActivationExtractor.Input))
        {
            using DisposeScope inner = NewDisposeScope();
            Tensor bias = BiasOf(modules[layer]);
            foreach (Tensor gradient in pass.Activations.AllGradients(layer))
            {
                // Enlarging the sum of the channels is the sum of the enlarged channels.
                Tensor channels = Rounding.MinMax((gradient * bias).abs(), [2, 3], gradient.dtype).sum(1, keepdim: true);
                map = map + interpolate(channels, size, mode: InterpolationMode.Bilinear, align_corners: true).squeeze(1);
            }

            map.MoveToOuterDisposeScope();
        }

        return [(ActivationExtractor.Input, map.MoveToOuterDisposeScope())];
    }

    /// <summary>What a layer adds to a linear map of its input: 1×C×1×1.</summary>
    internal static Tensor BiasOf(nn.Module layer) =>
        layer switch
        {
            Conv2d { bias: { } bias } => bias.detach().reshape(1, -1, 1, 1),
            BatchNorm2d { running_mean: { } mean } norm => norm.forward(zeros_like(mean).reshape(1, -1, 1, 1)).detach(),
            _ => throw new InvalidOperationException(
                $"FullGrad needs a bias that does not depend on the picture; this {layer.GetType().Name} has none (BatchNorm without running statistics)."
            ),
        };
}
