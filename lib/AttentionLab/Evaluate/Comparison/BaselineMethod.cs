using AttentionLab.Core;
using AttentionLab.Explain;
using TorchSharp;
using static TorchSharp.torch;

namespace AttentionLab.Evaluate;

/// <summary>
/// A map that does not depend on the model. A method whose maps are not better adds nothing to it. Its
/// layer is named by the map's size. One forward pass, for the logits.
/// </summary>
public abstract class BaselineMethod : ExplanationMethod
{
    /// <inheritdoc/>
    protected sealed override bool NeedsGradients => false;

    internal sealed override IReadOnlyList<string> LayersFor(
        nn.Module<Tensor, Tensor> model,
        Tensor input,
        ExplanationOptions options,
        ICollection<string> remarks
    ) => [ActivationExtractor.Input];

    internal sealed override IReadOnlyList<(string Layer, Tensor Map)> MapsOf(ExplanationPass pass)
    {
        using DisposeScope scope = NewDisposeScope();
        Heatmap[] maps = [.. Enumerable.Range(0, pass.Pictures).Select(picture => MapOf(pass.Input[picture]))];
        int height = maps[0].Height,
            width = maps[0].Width;
        return
        [
            (
                $"{height}×{width}",
                tensor([.. maps.SelectMany(map => map.Values.ToArray())], [maps.Length, height, width]).MoveToOuterDisposeScope()
            ),
        ];
    }

    /// <summary>The map of a picture C×H×W; all maps have one size.</summary>
    private protected abstract Heatmap MapOf(Tensor picture);
}
