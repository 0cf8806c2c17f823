using AttentionLab.Models;
using TorchSharp;
using static TorchSharp.torch;

namespace AttentionLab.Explain;

/// <summary>
/// A method that follows a transformer's attention from what is read at its end back to the picture's patches. It takes all
/// softmax modules that output attention, tokens × tokens, unless layers are named; every such layer counts in the one map, which
/// has the size of the patches' grid, and its layer is the input. One forward and one backward pass.
/// </summary>
/// <remarks>
/// <para>$R = M_L⋯M₂·M₁$ with $Mₗ$, T×T, how the T tokens behind block l are mixed of those before it: <see cref="MixingOf"/>
/// gives M. The map is the mean of R's rows of the tokens that are read after the last block, without the columns of leading
/// tokens.</para>
/// <para>Read is a token whose row of the last attention has a gradient: in ViT the class token, in distilled DeiT both leading
/// ones, all of them where the network averages. Attention in windows (Swin), between two sets of tokens (CaiT, PVT) and in a
/// function's softmax, which cannot be hooked, is refused with the reason.</para>
/// </remarks>
public abstract class AttentionMethod : ExplanationMethod
{
    /// <inheritdoc/>
    protected sealed override bool NeedsGradients => true;

    /// <inheritdoc/>
    public sealed override Applicability AppliesTo(nn.Module<Tensor, Tensor> model, IReadOnlyList<string>? layers = null)
    {
        ArgumentNullException.ThrowIfNull(model);
        IReadOnlyList<string> attention = AttentionLayers.Of(model);
        if (attention.Count == 0)
        {
            return Applicability.No(AttentionLayers.NoneIn(model));
        }

        string[] paths = [.. ModulePaths.Of(model).Select(part => part.Path)];
        return
            (layers ?? [])
                .SelectMany(layer => ModulePaths.IsPattern(layer) ? ModulePaths.Match(layer, paths) : [layer])
                .Except(attention)
                .FirstOrDefault()
                is { } other
            ? Applicability.No(
                $"Layer '{other}' is not a softmax of attention. Name one such as {attention[^1]}, or none for all."
            )
            : Applicability.Yes;
    }

    internal sealed override IReadOnlyList<string> LayersFor(
        nn.Module<Tensor, Tensor> model,
        Tensor input,
        ExplanationOptions options,
        ICollection<string> remarks
    ) =>
        options.Layers.Count > 0 ? options.Layers
        : AttentionLayers.Of(model) is { Count: > 0 } all ? all
        : throw new ArgumentException(AttentionLayers.NoneIn(model), nameof(model));

    internal sealed override IReadOnlyList<(string Layer, Tensor Map)> MapsOf(ExplanationPass pass)
    {
        using DisposeScope scope = NewDisposeScope();
        List<(Tensor Attention, Tensor Gradient)> blocks = BlocksOf(pass);
        long tokens = blocks[0].Attention.shape[1];
        SpatialLayout layout = LayoutOf(tokens, pass);
        Tensor relevance = eye(tokens, dtype: ScalarType.Float64, device: blocks[0].Attention.device);
        foreach ((Tensor attention, Tensor gradient) in blocks)
        {
            Tensor mixing = MixingOf(attention, gradient);
            CheckShape(mixing, [tokens, tokens]);
            relevance = mixing.InDouble().mm(relevance);
        }

        Tensor row = ReadTokens(blocks[^1].Gradient).mm(relevance); // 1×T
        pass.Layouts[ActivationExtractor.Input] = layout;
        Tensor map = row[0, layout.LeadingTokens..].reshape(1, layout.Height, layout.Width);
        return [(ActivationExtractor.Input, map.MoveToOuterDisposeScope())];
    }

    /// <summary>How one block mixes the tokens.</summary>
    /// <param name="attention">A, heads × T × T in double precision: the shares in which each token (row) takes from each; its
    /// rows add up to 1.</param>
    /// <param name="gradient">The score's gradient with respect to it, ∂y/∂A, of the same shape.</param>
    /// <returns>M, T×T: row i says of which tokens before the block token i behind it is made.</returns>
    protected abstract Tensor MixingOf(Tensor attention, Tensor gradient);

    /// <summary>The attention of each block, heads × T × T, and its gradient, in the order in which they ran.</summary>
    private List<(Tensor Attention, Tensor Gradient)> BlocksOf(ExplanationPass pass)
    {
        var blocks = new List<(Tensor Attention, Tensor Gradient)>();
        foreach ((string layer, Tensor value, Tensor? gradient) in pass.Activations.InOrder())
        {
            CheckFinite(layer, value);
            if (AttentionLayers.IsAttention(value))
            {
                CheckFollowable(layer, value.shape, blocks.Count > 0 ? blocks[0].Attention.shape[1] : null);
                long[] shape = value.shape[^3..];
                blocks.Add((value.InDouble().reshape(shape), gradient!.InDouble().reshape(shape)));
            }
            else if (pass.Options.Layers.Contains(layer))
            {
                throw new ArgumentException(
                    $"Layer '{layer}' outputs {string.Join('×', value.shape)}, which is not attention: heads × tokens × tokens "
                        + "whose rows add up to 1. Name the softmax of attention, or no layer for all.",
                    nameof(pass)
                );
            }
        }

        return blocks.Count > 0 ? blocks : throw new ArgumentException(AttentionLayers.NoneIn(pass.Model), nameof(pass));
    }

    /// <summary>Refuses attention that cannot be multiplied with that of the other blocks.</summary>
    private void CheckFollowable(string layer, long[] shape, long? tokens)
    {
        (long queries, long keys) = (shape[^2], shape[^1]);
        string? why =
            shape[..^3].Any(side => side != 1)
                ? $"attends within {shape[..^3].Aggregate(1L, (a, b) => a * b)} windows of {keys} tokens each, as Swin does, so "
                    + "that no block sees the whole picture"
            : queries != keys ? $"attends from {queries} tokens to {keys} others, which are not the same tokens"
            : tokens is { } before && before != keys ? $"attends between {keys} tokens, and the first block between {before}"
            : null;
        if (why is not null)
        {
            throw new ArgumentException(
                $"{Name} multiplies the blocks' attention, tokens × tokens of one picture. Layer '{layer}' {why}. Take grad-cam, "
                    + "which asks for no attention.",
                nameof(layer)
            );
        }
    }

    /// <summary>The grid of the tokens: stated, or found from their number.</summary>
    private SpatialLayout LayoutOf(long tokens, ExplanationPass pass)
    {
        SpatialLayout? layout = pass.Options.Layout ?? SpatialLayout.Of([1, tokens, 1], pass.Input.shape[2], pass.Input.shape[3]);
        return layout?.Fits([1, tokens, 1]) == true
            ? layout
            : throw new ArgumentException(
                $"{Name}: {tokens} tokens are {(layout is null ? "no grid of the picture's ratio" : $"not {layout}")}. State the "
                    + $"grid: {nameof(ExplanationOptions)}.{nameof(ExplanationOptions.Layout)} = {nameof(SpatialLayout)}."
                    + $"{nameof(SpatialLayout.Tokens)}(leading, height, width).",
                nameof(pass)
            );
    }

    /// <summary>1×T: equal shares of the tokens that are read after the last block, which add up to 1.</summary>
    private Tensor ReadTokens(Tensor gradient)
    {
        Tensor read = (gradient != 0).any(2).any(0).to(ScalarType.Float64);
        double count = read.sum().item<double>();
        return count > 0
            ? (read / count).unsqueeze(0)
            : throw new InvalidOperationException(
                $"{Name}: the score has no gradient at the last attention, so that nothing says which tokens are read."
            );
    }
}
