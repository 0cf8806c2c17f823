using static TorchSharp.torch;

namespace AttentionLab.Explain;

/// <summary>
/// A method that makes a map of what one layer output. Of a layer used several times in a pass, the last use with height and
/// width is explained. When no layer is named, finding it takes some more passes, of the first picture alone.
/// </summary>
public abstract class LayerMethod : ExplanationMethod
{
    internal sealed override IReadOnlyList<string> LayersFor(
        nn.Module<Tensor, Tensor> model,
        Tensor input,
        ExplanationOptions options,
        ICollection<string> remarks
    ) => options.Layers.Count > 0 ? options.Layers : DefaultLayers(model, input, remarks);

    internal sealed override IReadOnlyList<(string Layer, Tensor Map)> MapsOf(ExplanationPass pass)
    {
        LayerActivations activations = pass.Activations.Placed(
            (layer, output) => SpatialLayout.Of(layer, output, pass.Input.shape, pass.Options.Layout),
            pass.Layouts
        );
        string[] layers = [.. activations.Keys];
        Array.ForEach(layers, layer => CheckFinite(layer, activations[layer]));
        return
        [
            .. layers.Select(
                (layer, i) =>
                    (
                        layer,
                        CheckedMapOf(
                            pass with
                            {
                                Activations = activations,
                                Progress = pass.Progress.Part(i, layers.Length),
                            },
                            layer
                        )
                    )
            ),
        ];
    }

    /// <summary>The layers to explain when none are named.</summary>
    internal virtual IReadOnlyList<string> DefaultLayers(
        nn.Module<Tensor, Tensor> model,
        Tensor input,
        ICollection<string> remarks
    )
    {
        DefaultLayer layer = DefaultLayer.Of(model, input);
        if (layer.Remark is { } remark)
        {
            remarks.Add($"{Name}: {remark}");
        }

        return [layer.Path];
    }

    /// <summary>The map of one layer.</summary>
    /// <param name="pass">The pictures, and what the layers output for them.</param>
    /// <param name="layer">The layer's path in <see cref="ExplanationPass.Activations"/>: N×C×h×w.</param>
    /// <returns>N×h×w.</returns>
    protected abstract Tensor MapOf(ExplanationPass pass, string layer);

    private Tensor CheckedMapOf(ExplanationPass pass, string layer)
    {
        Tensor map = MapOf(pass, layer);
        long[] shape = pass.Activations[layer].shape;
        CheckShape(map, [shape[0], shape[2], shape[3]]);
        return map;
    }
}
