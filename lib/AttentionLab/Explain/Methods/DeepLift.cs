using AttentionLab.Core;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace AttentionLab.Explain;

/// <summary>
/// DeepLIFT by the rescale rule: what each pixel adds to the score on the way from a baseline, the slope of each activation being
/// that of the whole way and not of a point. Signed. The map adds up to the score minus the baseline's score; where it does not,
/// <see cref="Explanation.Remarks"/> give the difference. Two forward passes, and a backward pass in pieces.
/// </summary>
/// <remarks>
/// <para>$L = (x − x') ⊙ m$, m the gradient of the score in which each activation a with input z has the slope
/// $(a(z) − a(z')) / (z − z')$, z' its input for the baseline x'.</para>
/// <para><see href="https://arxiv.org/abs/1704.02685">Shrikumar, Greenside, Kundaje, "Learning important features through
/// propagating activation differences", ICML 2017</see>, section 3.5.1. Max-pooling shares the difference of two maxima between
/// the places where they lie, as Captum has it. Where two inputs differ by rounding only, the slope is the derivative.</para>
/// </remarks>
public sealed class DeepLift : PixelMethod
{
    /// <summary>A pixel's colours are added up.</summary>
    public DeepLift() => Pooling = ColourPooling.Sum;

    /// <inheritdoc/>
    public override string Name => "deep-lift";

    /// <summary>
    /// What the way starts from, in the input's units: one value, or one for each channel. The default, 0, is the mean colour of
    /// a normalised picture.
    /// </summary>
    public IReadOnlyList<float> Baseline { get; init; } = [0];

    /// <inheritdoc/>
    protected override Tensor AttributionsOf(ExplanationPass pass)
    {
        long n = pass.Pictures;
        Tensor baseline = BaselineColour.Of(Baseline, pass.Input).expand_as(pass.Input);
        int[] rows = [.. Enumerable.Range(0, 2 * pass.Pictures).Select(row => row % pass.Pictures)];
        double[] scores = [];
        (Tensor slopes, _, _) = RuledBackpropagation.Of(
            Name,
            pass.Model,
            cat([pass.Input, baseline]),
            output =>
            {
                Tensor both = pass.Score.Of(output, rows);
                scores = both.detach().ToDoubles();
                return both[..(int)n];
            },
            RuleOf
        );
        Tensor parts = (pass.Input - baseline).InDouble() * slopes[..(int)n].InDouble();
        SayWhatIsMissing(pass, parts.flatten(1).sum(1).ToDoubles(), parts.flatten(1).abs().sum(1).ToDoubles(), scores);
        return parts;
    }

    private static BackwardRule? RuleOf(nn.Module layer) =>
        ActivationLayers.IsElementwise(layer) ? Rescale
        : layer is MaxPool2d or AdaptiveMaxPool2d or Models.OperatorModule { Operator: "MaxPool" or "GlobalMaxPool" }
            ? ShareMaxima
        : null;

    private static Tensor Rescale(LayerUse use, Tensor gradient)
    {
        Tensor way = DifferenceOf(use.Input);
        Tensor slope = DifferenceOf(use.Output) / way;
        return Both(where(IsRounding(way, use.Input), First(use.Backward(gradient)), First(gradient) * slope));
    }

    /// <summary>
    /// The difference of two maxima, max(r, r') − r' at the place of the one and r − max(r, r') at the place of the other.
    /// </summary>
    private static Tensor ShareMaxima(LayerUse use, Tensor gradient)
    {
        Tensor own = First(use.Output),
            other = Second(use.Output),
            larger = own.maximum(other);
        Tensor parts =
            LayerUse.Backward(use.Layer.forward, First(use.Input), First(gradient) * (larger - other))
            + LayerUse.Backward(use.Layer.forward, Second(use.Input), First(gradient) * (own - larger));
        Tensor way = DifferenceOf(use.Input);
        return Both(where(IsRounding(way, use.Input), First(use.Backward(gradient)), parts / way));
    }

    private static Tensor First(Tensor both) => both[..(int)(both.shape[0] / 2)];

    private static Tensor Second(Tensor both) => both[(int)(both.shape[0] / 2)..];

    private static Tensor DifferenceOf(Tensor both) => First(both) - Second(both);

    /// <summary>The baselines' own gradients are not asked for.</summary>
    private static Tensor Both(Tensor first) => cat([first, zeros_like(first)]);

    /// <summary>Whether two numbers differ by so little that a quotient by the difference has no more than four bits.</summary>
    private static Tensor IsRounding(Tensor difference, Tensor both) =>
        difference.abs() <= 16 * Rounding.UnitRoundoff(both.dtype) * First(both).abs().maximum(Second(both).abs());

    private void SayWhatIsMissing(ExplanationPass pass, double[] sums, double[] sizes, double[] scores)
    {
        string begin = $"{Name}: what the pixels add does not make up every score's distance from the baseline's; ";
        for (int picture = 0; picture < pass.Pictures; picture++)
        {
            double whole = scores[picture] - scores[pass.Pictures + picture],
                missing = whole - sums[picture];

            // A thousandth is more than rounding makes, and less than anyone sees in a map.
            if (
                Math.Abs(missing) > 1e-3 * (sizes[picture] + Math.Abs(whole))
                && !pass.Remarks.Any(remark => remark.StartsWith(begin, StringComparison.Ordinal))
            )
            {
                pass.Remarks.Add(
                    FormattableString.Invariant(
                        $"{begin}for one picture {missing:g4} of {whole:g4} is missing. It is what the rule "
                    )
                        + "does not know: products of two values, softmax, normalisation of a picture by itself, functions inside "
                        + "forward."
                );
            }
        }
    }
}
