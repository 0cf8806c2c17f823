using System.Globalization;
using AttentionLab.Core;
using AttentionLab.Models;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn.functional;

namespace AttentionLab.Explain;

/// <summary>
/// FullGrad: what the input and every bias of the network contribute to the score, put together at the picture's size. Unsigned.
/// For a network whose layers are modules these contributions add up to the score; where they do not, the result's
/// <see cref="Explanation.Remarks"/> say what is missing. Two forward passes and one backward pass, and two backward passes for
/// each layer that is neither linear nor ReLU or pooling.
/// </summary>
/// <remarks>
/// <para>$L = ψ(∇ₓy ⊙ x) + ∑ₗ ∑ₖ ψ(fₗₖ)$, x the picture, $fₗₖ = ∂y/∂zₗₖ ⊙ bₗₖ$ the contribution of the bias b in channel k of
/// the output z of layer l, ψ the absolute value, scaled to [0, 1] and enlarged bilinearly.</para>
/// <para><see href="https://arxiv.org/abs/1905.00780">Srinivas, Fleuret, "Full-gradient representation for neural network
/// visualization", NeurIPS 2019</see>. As in the formula each channel of a bias is scaled on its own; the authors' code
/// scales each layer as a whole. A layer that is not linear, such as GroupNorm, LayerNorm or GELU, has the implicit bias of
/// section 3: <see cref="BiasTerm.Of"/>; one of several inputs, as a transformer's products are, has none here, and the remarks
/// say what is missing. Biases of outputs without height and width (<see cref="SpatialLayout"/>) have no place in a map and
/// are left out of it, not of the sum.</para>
/// </remarks>
public sealed class FullGrad : ExplanationMethod
{
    /// <inheritdoc/>
    public override string Name => "full-grad";

    /// <inheritdoc/>
    protected override bool NeedsGradients => false;

    internal override IReadOnlyList<string> LayersFor(
        nn.Module<Tensor, Tensor> model,
        Tensor input,
        ExplanationOptions options,
        ICollection<string> remarks
    ) => [ActivationExtractor.Input];

    internal override IReadOnlyList<(string Layer, Tensor Map)> MapsOf(ExplanationPass pass)
    {
        using DisposeScope scope = NewDisposeScope();
        (Tensor input, Tensor score, List<BiasTerm> terms) = Differentiate(pass, scope);
        long[] size = pass.Input.shape[2..];

        // Windows and heads of a picture, where they stand before it, are the picture's.
        Tensor SumOf(Tensor part) => part.to(ScalarType.Float64).reshape(pass.Pictures, -1).sum(1);

        // The input's colours are one contribution; a bias's channels are one each.
        Tensor contribution = input.detach() * input.grad!;
        (Tensor Sum, Tensor Size) total = (SumOf(contribution), SumOf(contribution.abs()));
        Tensor map = Rounding.MinMax(contribution.abs(), [1, 2, 3], pass.Input.dtype).sum(1);
        foreach (BiasTerm term in terms)
        {
            if (term.Probe.grad is not { } gradient)
            {
                continue; // does not reach the score
            }

            using DisposeScope inner = NewDisposeScope();
            Tensor part = gradient * term.Bias;
            total = (total.Sum + SumOf(part), total.Size + SumOf(part.abs()));
            if (PlacesOf(term, part, pass.Input) is { } places)
            {
                // Enlarging the sum of the channels is the sum of the enlarged channels.
                Tensor channels = Rounding.MinMax(places.abs(), [2, 3], gradient.dtype).sum(1, keepdim: true);
                map = map + interpolate(channels, size, mode: InterpolationMode.Bilinear, align_corners: false).squeeze(1);
            }

            inner.MoveToOuter([map, total.Sum, total.Size]);
        }

        Check(pass, score, total.Sum, total.Size);
        return [(ActivationExtractor.Input, map.MoveToOuterDisposeScope())];
    }

    /// <summary>
    /// One pass with a probe behind each use of each layer that has a bias, and the gradients of the pictures' scores.
    /// </summary>
    private static (Tensor Input, Tensor Score, List<BiasTerm> Terms) Differentiate(ExplanationPass pass, DisposeScope scope)
    {
        using IDisposable gradients = enable_grad();
        Tensor input = pass.Input.detach().clone().requires_grad_();
        var terms = new List<BiasTerm>();
        using var hooks = new LeafHooks(
            pass.Model,
            (path, layer, before, output) =>
            {
                if (BiasTerm.IsHomogeneous(layer) || BiasTerm.Of(layer, before) is not { } bias)
                {
                    return output;
                }

                Tensor probe = zeros_like(output).requires_grad_();
                scope.Attach([bias, probe]);
                terms.Add(
                    new BiasTerm(path, bias, probe) { IsAttention = layer is Softmax or OperatorModule { Operator: "Softmax" } }
                );
                return output + probe;
            }
        );
        Tensor score = pass.Score.Of(ForwardPass.Of(pass.Model, input + 0)); // a leaf may not be overwritten in place
        if (score.requires_grad)
        {
            autograd.backward([score.sum()], inputs: [input, .. terms.Select(term => term.Probe)]);
        }

        return input.grad is not null
            ? (input, score.detach(), terms)
            : throw new InvalidOperationException(
                "full-grad: the score does not depend on the input by operations that have a gradient."
            );
    }

    /// <summary>
    /// Says which scores the contributions do not add up to. What rounding makes is allowed: each contribution goes through dot
    /// products of n terms in all, an error of at most n·u of its size, u half the distance from 1 to the next number (Higham,
    /// "Accuracy and stability of numerical algorithms", section 3.1).
    /// </summary>
    private void Check(ExplanationPass pass, Tensor score, Tensor sum, Tensor size)
    {
        double[] scores = score.ToDoubles(),
            sums = sum.ToDoubles(),
            sizes = size.ToDoubles();
        double length =
            pass.Input[0].numel()
            + pass.Model.parameters().Where(weight => weight.dim() > 1).Sum(weight => (double)weight.numel() / weight.shape[0]);
        int incomplete = Enumerable
            .Range(0, scores.Length)
            .FirstOrDefault(
                n =>
                    Math.Abs(scores[n] - sums[n])
                    > length * Rounding.UnitRoundoff(pass.Input.dtype) * (sizes[n] + Math.Abs(scores[n])),
                -1
            );

        // Pictures go through one at a time, and the reason is the network's: it is said once.
        string begin = $"{Name}: what the input and the biases contribute does not add up to every score; ";
        if (incomplete >= 0 && !pass.Remarks.Any(remark => remark.StartsWith(begin, StringComparison.Ordinal)))
        {
            double found = sums[incomplete],
                whole = scores[incomplete];
            pass.Remarks.Add(
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"{begin}for one picture they add up to {found:g4} of {whole:g4}: {whole - found:g4} is missing. It is "
                        + $"what functions contribute inside forward, where no hook sees it: a bias added there, or a product of "
                        + $"two values{Products(pass.Model)}."
                )
            );
        }
    }

    private static string Products(nn.Module model) =>
        string.Join(
            ", ",
            ModulePaths.Of(model).Where(part => part.Module is Models.IChannelAttention).Select(part => part.Path).Take(5)
        )
            is { Length: > 0 } attention
            ? $", as attention makes it ({attention})"
            : "";

    /// <summary>A part as N×C×h×w; null where it has no height and width, or those of attention.</summary>
    private static Tensor? PlacesOf(BiasTerm term, Tensor part, Tensor pictures) =>
        part.dim() > 0
        && part.shape[0] == pictures.shape[0]
        && !term.IsAttention
        && SpatialLayout.Of(part.shape, pictures.shape[2], pictures.shape[3]) is { } layout
        && layout.ToChannelsFirst(part) is { } places
        && LayerActivations.IsSpatial(places)
            ? places
            : null;
}
