using AttentionLab.Models;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace AttentionLab.Explain;

/// <summary>
/// Guided backpropagation: gradients of which every ReLU passes back only what is positive. Sharp to look at, but shown to depend
/// little on the model's upper layers. Two forward passes, and a backward pass in as many pieces as there are ReLUs.
/// </summary>
/// <remarks>
/// <para>At each ReLU with input z and output r the gradient that is passed back is $\max(0, ∂y/∂r)$ where $z > 0$, and 0
/// elsewhere.</para>
/// <para><see href="https://arxiv.org/abs/1412.6806">Springenberg et al., "Striving for simplicity: The all convolutional
/// net", 2014</see>. The graph is cut behind each ReLU module and walked back piece by piece; a ReLU that is a function and
/// no module cannot be changed. The check it fails: <see href="https://arxiv.org/abs/1810.03292">Adebayo et al., "Sanity
/// checks for saliency maps", NeurIPS 2018</see>.</para>
/// </remarks>
public sealed class GuidedBackpropagation : PixelMethod
{
    /// <inheritdoc/>
    public override string Name => "guided-backpropagation";

    /// <inheritdoc/>
    public override Applicability AppliesTo(nn.Module<Tensor, Tensor> model, IReadOnlyList<string>? layers = null)
    {
        ArgumentNullException.ThrowIfNull(model);
        return ModulePaths.Of(model).Any(part => part.Module is ReLU)
            ? Applicability.Yes
            : Applicability.No(
                $"{model.GetType().Name} has no ReLU module to change; functional.relu and other activations cannot be changed."
            );
    }

    /// <inheritdoc/>
    protected override Tensor AttributionsOf(ExplanationPass pass)
    {
        using DisposeScope scope = NewDisposeScope();
        using IDisposable gradients = enable_grad();
        Tensor input = pass.Input.detach().clone().requires_grad_();
        var cuts = new List<(Tensor Before, Tensor After)>();
        using var hooks = new ForwardHooks(
            pass.Model,
            (_, module, output) =>
            {
                if (module is not ReLU)
                {
                    return output;
                }

                Tensor before = output.alias(),
                    after = output.detach().clone().requires_grad_();
                scope.Attach([before, after]);
                cuts.Add((before, after));
                return after + 0; // a leaf may not be overwritten in place
            }
        );
        Tensor score = pass.Score.Of(ForwardPass.Of(pass.Model, input + 0)).sum();
        if (cuts.Count == 0)
        {
            throw new InvalidOperationException(
                $"{Name}: no ReLU module fired in {pass.Model.GetType().Name}. It changes ReLU modules that are called with "
                    + "call; functional.relu cannot be changed."
            );
        }

        if (!score.requires_grad)
        {
            throw new InvalidOperationException(
                $"{Name}: the score does not depend on the input by operations that have a gradient."
            );
        }

        // Whatever uses a ReLU's output comes after it: from last to first, each has its whole gradient when its turn comes.
        for (int piece = cuts.Count; piece >= 0; piece--)
        {
            Tensor end = piece == cuts.Count ? score : cuts[piece].Before;
            Tensor? gradient = piece == cuts.Count ? ones_like(score) : cuts[piece].After.grad?.relu();
            if (gradient is not null && end.requires_grad)
            {
                autograd.backward(
                    [end],
                    [gradient],
                    retain_graph: true,
                    inputs: [input, .. cuts.Take(piece).Select(cut => cut.After)]
                );
            }
        }

        return input.grad?.MoveToOuterDisposeScope()
            ?? throw new InvalidOperationException(
                $"{Name}: the score does not depend on the input by operations that have a gradient."
            );
    }
}
