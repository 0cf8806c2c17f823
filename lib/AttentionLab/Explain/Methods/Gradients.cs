using static TorchSharp.torch;

namespace AttentionLab.Explain;

/// <summary>Plain gradients: how much the score changes with each pixel. One forward and one backward pass.</summary>
/// <remarks>
/// <para>$L = \max_c |∂y/∂x_c|$ over the colours c of a pixel x.</para>
/// <para><see href="https://arxiv.org/abs/1312.6034">Simonyan, Vedaldi, Zisserman, "Deep inside convolutional networks:
/// Visualising image classification models and saliency maps", 2013</see>, section 3.1. <see cref="ColourPooling.Sum"/> gives
/// the signed sum over the colours.</para>
/// </remarks>
public sealed class Gradients : PixelMethod
{
    /// <inheritdoc/>
    public override string Name => "gradients";

    /// <inheritdoc/>
    protected override bool NeedsGradients => true;

    /// <inheritdoc/>
    protected override Tensor AttributionsOf(ExplanationPass pass) => pass.Activations.GradientOf(ActivationExtractor.Input);
}
