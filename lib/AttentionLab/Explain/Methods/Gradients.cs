using static TorchSharp.torch;

namespace AttentionLab.Explain;

/// <summary>Plain gradients: how much the score changes with each pixel. One forward and one backward pass.</summary>
/// <remarks>
/// Simonyan, Vedaldi, Zisserman, "Deep inside convolutional networks: Visualising image classification models and saliency maps",
/// 2013, section 3.1: the largest absolute gradient of a pixel's colours. <see cref="ColourPooling.Sum"/> gives the signed sum.
/// </remarks>
public sealed class Gradients : PixelMethod
{
    /// <inheritdoc/>
    public override string Name => "gradients";

    private protected override bool NeedsGradients => true;

    private protected override Tensor AttributionsOf(ExplanationPass pass) =>
        pass.Activations.GradientOf(ActivationExtractor.Input);
}
