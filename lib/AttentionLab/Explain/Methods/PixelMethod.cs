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

    /// <inheritdoc/>
    protected override bool NeedsGradients => false;

    internal sealed override IReadOnlyList<string> LayersFor(
        nn.Module<Tensor, Tensor> model,
        Tensor input,
        ExplanationOptions options,
        ICollection<string> remarks
    ) => [ActivationExtractor.Input];

    /// <summary>A number for each colour of each pixel.</summary>
    /// <param name="pass">The pictures, and ways to ask the model about changed ones.</param>
    /// <returns>N×C×H×W, or N×1×H×W for one number a pixel.</returns>
    protected abstract Tensor AttributionsOf(ExplanationPass pass);

    internal sealed override IReadOnlyList<(string Layer, Tensor Map)> MapsOf(ExplanationPass pass)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor attributions = AttributionsOf(pass).InDouble();
        long[] wanted = pass.Input.shape;
        CheckShape(attributions, wanted, [wanted[0], 1, wanted[2], wanted[3]]);
        Tensor map = Pooling == ColourPooling.Sum ? attributions.sum(1) : attributions.abs().amax([1]);
        return [(ActivationExtractor.Input, map.MoveToOuterDisposeScope())];
    }
}
