using static TorchSharp.torch;
using static TorchSharp.torch.nn.functional;

namespace AttentionLab.Explain;

/// <summary>
/// Guided Grad-CAM: guided backpropagation multiplied by the enlarged map of Grad-CAM. The map is as large as the picture. It
/// costs both methods.
/// </summary>
/// <remarks>
/// <para>$L = \max_c |G_c| ⊙ U(\max(0, ∑ₖ wₖ·Aₖ))$ over the colours c of a pixel: G is guided backpropagation's gradient, U
/// enlarges Grad-CAM's map bilinearly.</para>
/// <para><see href="https://arxiv.org/abs/1610.02391">Selvaraju et al., "Grad-CAM: Visual explanations from deep networks via
/// gradient-based localization", ICCV 2017</see>, section 3.2.</para>
/// </remarks>
public sealed class GuidedGradCam : ExplanationMethod
{
    private readonly GradCam _cam = new();

    /// <inheritdoc/>
    public override string Name => "guided-grad-cam";

    /// <summary>How a pixel's colours become one number.</summary>
    public ColourPooling Pooling { get; init; }

    /// <inheritdoc/>
    public override Applicability AppliesTo(nn.Module<Tensor, Tensor> model, IReadOnlyList<string>? layers = null) =>
        new GuidedBackpropagation().AppliesTo(model, layers);

    /// <inheritdoc/>
    protected override bool NeedsGradients => true;

    internal override IReadOnlyList<string> LayersFor(
        nn.Module<Tensor, Tensor> model,
        Tensor input,
        ExplanationOptions options,
        ICollection<string> remarks
    ) => _cam.LayersFor(model, input, options, remarks);

    internal override IReadOnlyList<(string Layer, Tensor Map)> MapsOf(ExplanationPass pass)
    {
        Tensor detail = new GuidedBackpropagation { Pooling = Pooling }
            .MapsOf(pass)[0]
            .Map;
        return
        [
            .. _cam.MapsOf(pass)
                .Select(place =>
                    (
                        place.Layer,
                        detail
                            * interpolate(
                                    place.Map.unsqueeze(1),
                                    pass.Input.shape[2..],
                                    mode: InterpolationMode.Bilinear,
                                    align_corners: false
                                )
                                .squeeze(1)
                    )
                ),
        ];
    }
}
