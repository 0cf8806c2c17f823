using TorchSharp;
using static TorchSharp.torch;

namespace AttentionLab.Explain;

/// <summary>A method that makes a map of what one layer put out. Of a layer used several times in a pass, the last use is explained.</summary>
public abstract class LayerMethod : ExplanationMethod
{
    private protected sealed override IReadOnlyList<string> LayersFor(nn.Module<Tensor, Tensor> model, Tensor input, ExplanationOptions options) =>
        options.Layers.Count > 0 ? options.Layers : DefaultLayers(model, input);

    private protected sealed override IReadOnlyList<(string Layer, Tensor Map)> MapsOf(ExplanationPass pass)
    {
        string[] layers = [.. pass.Activations.Keys];
        Array.ForEach(layers, layer => CheckSpatial(layer, pass.Activations[layer]));
        return [.. layers.Select((layer, i) => (layer, MapOf(pass with { Progress = pass.Progress.Part(i, layers.Length) }, layer)))];
    }

    /// <summary>The layers to explain when none are named.</summary>
    private protected virtual IReadOnlyList<string> DefaultLayers(nn.Module<Tensor, Tensor> model, Tensor input) => [LastSpatialLayer(model, input)];

    /// <summary>The map of one layer, N×h×w.</summary>
    private protected abstract Tensor MapOf(ExplanationPass pass, string layer);

    private static void CheckSpatial(string layer, Tensor activation)
    {
        if (activation.dim() != 4)
        {
            throw new ArgumentException($"Layer '{layer}' puts out {string.Join('×', activation.shape)}: without height and width there is no map. Take a convolution.", nameof(layer));
        }

        if (!activation.isfinite().all().item<bool>())
        {
            throw new InvalidOperationException($"Layer '{layer}' puts out NaN or infinity: the model's weights are broken.");
        }
    }

    private static string LastSpatialLayer(nn.Module<Tensor, Tensor> model, Tensor input)
    {
        using DisposeScope scope = NewDisposeScope();
        using var extractor = new ActivationExtractor(model, "**");
        using LayerActivations activations = extractor.Run(input[..1]);
        var modules = ModulePaths.Of(model).ToDictionary(part => part.Path, part => part.Module);
        string[] spatial = [.. activations.InOrderOfLastUse.Where(layer => activations[layer] is var a && a.dim() == 4 && a.shape[2] * a.shape[3] > 1)];
        return spatial.LastOrDefault(layer => modules[layer] is TorchSharp.Modules.Conv2d)
            ?? spatial.LastOrDefault()
            ?? throw new ArgumentException($"{model.GetType().Name} has no layer with height and width, so there is no map of it.", nameof(model));
    }
}
