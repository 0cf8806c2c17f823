using AttentionLab.Models;
using TorchSharp;
using static TorchSharp.torch;

namespace AttentionLab.Explain;

/// <summary>
/// Shapley-CAM: Grad-CAM with weights that include the score's curvature. Where the score is linear in the layer it equals
/// Grad-CAM. Two forward passes, two backward passes, and a backward pass through the second.
/// </summary>
/// <remarks>
/// <para>$L = \max(0, ∑ₖ wₖ·Aₖ)$ with $wₖ = ∑ᵢⱼ (∇y − ½·H·A)ₖᵢⱼ / (h·w)$: ∇y the score's gradient at the layer's output A, H its
/// matrix of second derivatives.</para>
/// <para><see href="https://arxiv.org/abs/2501.06261">Cai, "CAMs as Shapley value-based explainers", 2025</see>: the Shapley value
/// of the score expanded to the second order.</para>
/// </remarks>
public sealed class ShapleyCam : LayerMethod
{
    /// <inheritdoc/>
    public override string Name => "shapley-cam";

    /// <summary>Whether negative values, evidence against the target, become zero.</summary>
    public bool Rectify { get; init; } = true;

    /// <inheritdoc/>
    protected override bool NeedsGradients => false;

    /// <inheritdoc/>
    protected override Tensor MapOf(ExplanationPass pass, string layer)
    {
        using DisposeScope scope = NewDisposeScope();
        (Tensor gradient, Tensor curvature) = DerivativesOf(pass, layer, scope);
        Tensor each = gradient.InDouble() - (0.5 * curvature.InDouble());
        Tensor weights = pass.Layouts[layer].ToChannelsFirst(each).mean([2, 3], keepdim: true);
        Tensor map = (weights * pass.Activations[layer].InDouble()).sum(1);
        return (Rectify ? map.relu() : map).MoveToOuterDisposeScope();
    }

    /// <summary>∇y and H·A at the layer's last use; two probes, so that the second derivative has a leaf of its own.</summary>
    private static (Tensor Gradient, Tensor Curvature) DerivativesOf(ExplanationPass pass, string layer, DisposeScope scope)
    {
        using IDisposable gradients = enable_grad();
        int lastUse = pass.Activations.All(layer).Count,
            use = 0;
        (Tensor First, Tensor Second, Tensor Value)? at = null;
        Tensor Probed(string path, Tensor output)
        {
            if (path != layer || ++use != lastUse)
            {
                return output;
            }

            at = (zeros_like(output).requires_grad_(), zeros_like(output).requires_grad_(), output.detach().clone());
            scope.Attach([at.Value.First, at.Value.Second, at.Value.Value]);
            return output + at.Value.First + at.Value.Second;
        }

        using var hooks = new ForwardHooks(pass.Model, (path, _, output) => Probed(path, output));
        Tensor input = Probed(ActivationExtractor.Input, pass.Input.detach().clone()) + 0;
        Tensor score = pass.Score.Of(ForwardPass.Of(pass.Model, input)).sum();
        (Tensor first, Tensor second, Tensor value) = at!.Value;
        if (!score.requires_grad)
        {
            return (zeros_like(value), zeros_like(value));
        }

        if (GradientGraph.Of(score, first) is not { } gradient)
        {
            return (zeros_like(value), zeros_like(value));
        }

        Tensor along = (gradient * value).sum();
        if (along.requires_grad)
        {
            autograd.backward([along], inputs: [second]);
        }

        return (gradient.detach(), second.grad ?? zeros_like(value));
    }
}
