using TorchSharp;
using static TorchSharp.torch;

namespace AttentionLab.Explain;

/// <summary>
/// A method that gives each colour of each pixel a number. The map is as large as the picture; its layer is the input.
/// </summary>
public abstract class PixelMethod : ExplanationMethod
{
    /// <summary>How a pixel's colours become one number.</summary>
    public ColourPooling Pooling { get; init; }

    private protected override bool NeedsGradients => false;

    private protected sealed override IReadOnlyList<string> LayersFor(
        nn.Module<Tensor, Tensor> model,
        Tensor input,
        ExplanationOptions options,
        ICollection<string> remarks
    ) => [ActivationExtractor.Input];

    /// <summary>The numbers, N×C×H×W.</summary>
    private protected abstract Tensor AttributionsOf(ExplanationPass pass);

    private protected sealed override IReadOnlyList<(string Layer, Tensor Map)> MapsOf(ExplanationPass pass)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor attributions = AttributionsOf(pass).InDouble();
        Tensor map = Pooling == ColourPooling.Sum ? attributions.sum(1) : attributions.abs().amax([1]);
        return [(ActivationExtractor.Input, map.MoveToOuterDisposeScope())];
    }
}
