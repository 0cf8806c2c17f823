using System.Globalization;
using static TorchSharp.torch;

namespace AttentionLab.Explain;

/// <summary>
/// Explains changed versions of each picture too, turns their maps back and averages: what is chance in one map is less so in the
/// mean. What is explained (the predicted class) is settled on the unchanged picture. As many passes as versions.
/// </summary>
public sealed record TestTimeSmoothing
{
    /// <summary>Whether each picture is also seen in a mirror.</summary>
    public bool Flip { get; init; } = true;

    /// <summary>
    /// How much each picture is enlarged about its centre, in the same frame: 1.1 cuts off its edge, 0.9 repeats it. 1 always
    /// takes part.
    /// </summary>
    public IReadOnlyList<double> Zooms { get; init; } = [0.9, 1, 1.1];

    /// <summary>The versions, the unchanged picture first.</summary>
    /// <exception cref="ArgumentException">A zoom is not between 0.1 and 10.</exception>
    internal IReadOnlyList<(bool Flip, double Zoom)> Versions()
    {
        foreach (double zoom in Zooms)
        {
            if (zoom is not (>= 0.1 and <= 10))
            {
                throw new ArgumentException(
                    string.Create(
                        CultureInfo.InvariantCulture,
                        $"A zoom for test-time smoothing lies between 0.1 and 10; this one is {zoom}."
                    ),
                    nameof(Zooms)
                );
            }
        }

        bool[] flips = Flip ? [false, true] : [false];
        return [.. Zooms.Prepend(1).Distinct().SelectMany(_ => flips, (zoom, flip) => (flip, zoom))];
    }

    /// <summary>A version of pictures N×C×H×W.</summary>
    internal static Tensor Change(Tensor pictures, (bool Flip, double Zoom) version)
    {
        Tensor changed = version.Flip ? pictures.flip(3) : pictures;
        return version.Zoom == 1 ? changed : Zoomed(changed, version.Zoom);
    }

    /// <summary>Maps N×h×w of a version, turned back onto the picture.</summary>
    internal static Tensor TurnBack(Tensor maps, (bool Flip, double Zoom) version)
    {
        Tensor straight = version.Zoom == 1 ? maps : Zoomed(maps.unsqueeze(1), 1 / version.Zoom).squeeze(1);
        return version.Flip ? straight.flip(2) : straight;
    }

    private static Tensor Zoomed(Tensor x, double zoom)
    {
        Tensor transform = tensor([(float)(1 / zoom), 0, 0, 0, (float)(1 / zoom), 0], [1, 2, 3])
            .to(x.dtype, x.device)
            .expand(x.shape[0], 2, 3);
        return nn.functional.grid_sample(
            x,
            nn.functional.affine_grid(transform, x.shape, align_corners: false),
            GridSampleMode.Bilinear,
            GridSamplePaddingMode.Border,
            align_corners: false
        );
    }
}
