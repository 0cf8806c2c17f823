using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace AttentionLab.Explain;

/// <summary>
/// A method that makes a map of what one layer put out. Of a layer used several times in a pass, the last use is explained. When no layer is named,
/// finding it takes one more forward pass, of the first picture alone.
/// </summary>
public abstract class LayerMethod : ExplanationMethod
{
    private protected sealed override IReadOnlyList<string> LayersFor(
        nn.Module<Tensor, Tensor> model,
        Tensor input,
        ExplanationOptions options
    ) => options.Layers.Count > 0 ? options.Layers : DefaultLayers(model, input);

    private protected sealed override IReadOnlyList<(string Layer, Tensor Map)> MapsOf(ExplanationPass pass)
    {
        string[] layers = [.. pass.Activations.Keys];
        Array.ForEach(layers, layer => CheckSpatial(layer, pass.Activations[layer]));
        return
        [
            .. layers.Select((layer, i) => (layer, MapOf(pass with { Progress = pass.Progress.Part(i, layers.Length) }, layer))),
        ];
    }

    /// <summary>The layers to explain when none are named.</summary>
    private protected virtual IReadOnlyList<string> DefaultLayers(nn.Module<Tensor, Tensor> model, Tensor input) =>
        [LastSpatialLayer(model, input)];

    /// <summary>The map of one layer, N×h×w.</summary>
    private protected abstract Tensor MapOf(ExplanationPass pass, string layer);

    private static void CheckSpatial(string layer, Tensor activation)
    {
        if (activation.dim() != 4)
        {
            throw new ArgumentException(
                $"Layer '{layer}' puts out {string.Join('×', activation.shape)}: without height and width there is no map. Take a convolution.",
                nameof(layer)
            );
        }

        if (!activation.isfinite().all().item<bool>())
        {
            throw new InvalidOperationException($"Layer '{layer}' puts out NaN or infinity: the model's weights are broken.");
        }
    }

    private static string LastSpatialLayer(nn.Module<Tensor, Tensor> model, Tensor input)
    {
        string? last = null,
            lastConvolution = null;
        bool severalChannels = false;
        using DisposeScope scope = NewDisposeScope();
        using var hooks = new ForwardHooks(
            model,
            (path, module, output) =>
            {
                if (output.dim() == 4 && output.shape[2] * output.shape[3] > 1)
                {
                    last = path;

                    // A single channel behind several is no layer of features, but the weights of spatial attention.
                    if (module is Conv2d && (output.shape[1] > 1 || !severalChannels))
                    {
                        lastConvolution = path;
                        severalChannels = output.shape[1] > 1;
                    }
                }

                return output;
            }
        );
        ForwardPass.Of(model, input[..1].clone());
        return lastConvolution
            ?? last
            ?? throw new ArgumentException(
                $"{model.GetType().Name} has no layer with height and width that is called with call, so there is no map of it.",
                nameof(model)
            );
    }
}
