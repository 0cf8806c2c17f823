using AttentionLab.Core;
using AttentionLab.Models;

namespace AttentionLab.Explain;

/// <summary>All methods by name, each with its defaults.</summary>
public static class ExplanationMethods
{
    /// <summary>
    /// Those that read a layer without gradients first, then the families of Grad-CAM and of perturbation, those of transformers,
    /// then those of pixels.
    /// </summary>
    public static IReadOnlyList<ExplanationMethod> All { get; } =
    [
        new ActivationMap(),
        new RankedChannel(),
        new SqueezeExcitationMap(),
        new EigenCam(),
        new KpcaCam(),
        new Fem(),
        new GradCam(),
        new GradCamPlusPlus(),
        new XGradCam(),
        new HiResCam(),
        new LayerCam(),
        new FinerCam(),
        new ShapleyCam(),
        new EigenGradCam(),
        new GuidedGradCam(),
        new ScoreCam(),
        new AblationCam(),
        new AttentionRollout(),
        new GradientWeightedAttention(),
        new FullGrad(),
        new Gradients(),
        new SmoothGrad(),
        new IntegratedGradients(),
        new GradientShap(),
        new DeepLift(),
        new LrpEpsilon(),
        new LrpGamma(),
        new GuidedBackpropagation(),
        new Deconvolution(),
        new Occlusion(),
        new Rise(),
        new Lime(),
        new KernelShap(),
    ];

    /// <summary>The names, in the same order.</summary>
    public static IReadOnlyList<string> Names { get; } = [.. All.Select(method => method.Name)];

    /// <summary>The method of a name. <c>grad-cam</c>, <c>GradCAM</c> and <c>grad_cam</c> are the same.</summary>
    /// <exception cref="ArgumentException">There is none: the message lists the names there are, nearest first.</exception>
    public static ExplanationMethod Get(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        return All.FirstOrDefault(method => Plain(method.Name) == Plain(name))
            ?? throw new ArgumentException(
                $"'{Excerpt.Of(name)}' is not a known method. Known, nearest first: "
                    + $"{string.Join(", ", ModulePaths.NearestFirst(name, Names))}.",
                nameof(name)
            );
    }

    private static string Plain(string name) =>
        string.Concat(
            name.ToUpperInvariant().Replace("PLUS", "+", StringComparison.Ordinal).Where(c => c is '+' || char.IsLetterOrDigit(c))
        );
}
