using TorchSharp;
using static TorchSharp.torch;

namespace AttentionLab.Models;

/// <summary>Reads a classifier's output as its <see cref="OutputKind"/> has it.</summary>
public static class ModelOutput
{
    /// <summary>How far a sum of probabilities may lie from 1: bfloat16 keeps eight bits of each.</summary>
    private const double Rounding = 1e-2;

    /// <summary>2⁻¹²⁶, the smallest normal float.</summary>
    private const double SmallestNormal = 1.1754943508222875e-38;

    /// <summary>By these a picture is multiplied to see whether the output stays within [0, 1].</summary>
    private static readonly double[] Factors = [-1000, -10, 0, 10, 1000];

    /// <summary>
    /// Derives what a model's output means. One number is a <see cref="OutputKind.BinaryLogit"/>, several are
    /// <see cref="OutputKind.Logits"/>; unless all lie in [0, 1], change with the picture, and still lie there when the picture
    /// is multiplied by 0, ±10 and ±1,000, where logits run away: then they are probabilities, of one class if they always add up
    /// to 1, of independent labels otherwise. Logits meant for independent labels look like others and have to be stated.
    /// </summary>
    /// <param name="model">From N×C×H×W to N×K; it is asked in evaluation mode, and put back into its mode.</param>
    /// <param name="input">Pictures; the first is looked at.</param>
    /// <exception cref="InvalidOperationException">The model cannot run on this input, or returns something other than
    /// N×K.</exception>
    public static OutputKind KindOf(nn.Module<Tensor, Tensor> model, Tensor input)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(input);
        using DisposeScope scope = NewDisposeScope();
        using var evaluation = new EvaluationMode(model);
        using IDisposable noGradients = no_grad();
        Tensor picture = input[..1];
        Tensor output = Checked(ForwardPass.Of(model, picture.clone()), 1);
        bool one = output.shape[1] == 1;
        OutputKind plain = one ? OutputKind.BinaryLogit : OutputKind.Logits;
        if (!IsWithinZeroAndOne(output))
        {
            return plain;
        }

        Tensor[] others =
        [
            .. Factors
                .Select(factor => ForwardPass.Of(model, picture * factor))
                .Where(other => other.isfinite().all().item<bool>()),
        ];
        if (!others.All(IsWithinZeroAndOne) || others.All(other => (other == output).all().item<bool>()))
        {
            return plain;
        }

        return one ? OutputKind.BinaryProbability
            : others.Prepend(output).All(AddsUpToOne) ? OutputKind.Probabilities
            : OutputKind.MultiLabelProbabilities;
    }

    /// <summary>How many classes an output of K numbers distinguishes.</summary>
    public static int ClassesOf(OutputKind kind, int outputs) => IsBinary(kind) ? 2 : outputs;

    /// <summary>Each class's probability from one picture's output, in [0, 1].</summary>
    /// <param name="kind">What the output means.</param>
    /// <param name="output">K numbers.</param>
    public static double[] ProbabilitiesOf(OutputKind kind, IReadOnlyList<float> output)
    {
        ArgumentNullException.ThrowIfNull(output);
        return kind switch
        {
            OutputKind.Logits => Softmax(output),
            OutputKind.BinaryLogit => [Logistic(-output[0]), Logistic(output[0])],
            OutputKind.BinaryProbability => [1 - (double)output[0], output[0]],
            OutputKind.MultiLabelLogits => [.. output.Select(logit => Logistic(logit))],
            _ => [.. output.Select(probability => (double)probability)],
        };
    }

    /// <summary>Each class's score, N×classes: what is explained of it.</summary>
    internal static Tensor ScoresOf(OutputKind kind, Tensor output) =>
        kind switch
        {
            OutputKind.BinaryLogit => cat([-output, output], 1),
            OutputKind.BinaryProbability => LogOdds(output) is var odds ? cat([-odds, odds], 1) : output,
            OutputKind.MultiLabelProbabilities => LogOdds(output),
            OutputKind.Probabilities => Log(output) - Log(SumOfOthers(output)),
            _ => output,
        };

    /// <summary>
    /// N×classes numbers of which the difference of two says why the one class and not the other: the logarithm of their odds.
    /// </summary>
    internal static Tensor ComparableScoresOf(OutputKind kind, Tensor output) =>
        kind switch
        {
            OutputKind.BinaryLogit => cat([zeros_like(output), output], 1),
            OutputKind.BinaryProbability => cat([Log(1 - output), Log(output)], 1),
            OutputKind.Probabilities => Log(output),
            _ => ScoresOf(kind, output),
        };

    /// <summary>The output itself, if it is N×K finite numbers that the kind allows.</summary>
    /// <exception cref="InvalidOperationException">It is not; the message says what it is instead.</exception>
    internal static Tensor Checked(Tensor output, long pictures, OutputKind? stated = null)
    {
        if (output.dim() != 2 || output.shape[0] != pictures || output.shape[1] == 0 || !output.is_floating_point())
        {
            throw new InvalidOperationException(
                $"For {pictures} {(pictures == 1 ? "picture" : "pictures")} the network outputs "
                    + $"{string.Join('×', output.shape)} of {output.dtype}; a classifier outputs logits, pictures × classes. For another "
                    + $"output, such as a detector's boxes, choose numbers with new {nameof(Readout)}(module, output => output[.., 17])."
            );
        }

        if (stated is not { } kind)
        {
            return output;
        }

        using DisposeScope scope = NewDisposeScope();
        using IDisposable noGradients = no_grad();
        string? wrong =
            !output.isfinite().all().item<bool>()
                ? "The logits hold NaN or infinity: the model's weights are broken, or the input is far from what it was "
                    + "trained on."
            : IsBinary(kind) != (output.shape[1] == 1)
                ? $"The output's kind is {kind}, which is {(IsBinary(kind) ? "one number" : "two numbers or more")} for each "
                    + $"picture; the model returns {output.shape[1]}. State another {nameof(OutputKind)}."
            : kind is OutputKind.Probabilities or OutputKind.BinaryProbability or OutputKind.MultiLabelProbabilities
            && !IsWithinZeroAndOne(output)
                ? $"The output's kind is {kind}, and the model returns values outside [0, 1]. State another "
                    + $"{nameof(OutputKind)}."
            : kind == OutputKind.Probabilities && !AddsUpToOne(output)
                ? $"The output's kind is {kind}, and the model returns rows that do not add up to 1. State another "
                    + $"{nameof(OutputKind)}."
            : null;
        return wrong is null ? output : throw new InvalidOperationException(wrong);
    }

    private static bool IsBinary(OutputKind kind) => kind is OutputKind.BinaryLogit or OutputKind.BinaryProbability;

    private static bool IsWithinZeroAndOne(Tensor output) => ((output >= 0) & (output <= 1)).all().item<bool>();

    private static bool AddsUpToOne(Tensor output) =>
        ((output.to(ScalarType.Float64).sum(1) - 1).abs() < Rounding).all().item<bool>();

    private static Tensor LogOdds(Tensor probability) => Log(probability) - Log(1 - probability);

    /// <summary>Stays finite, and without gradient, where a probability has been rounded to 0.</summary>
    private static Tensor Log(Tensor probability) => probability.clamp_min(SmallestNormal).log();

    /// <summary>1 − pₖ without the cancellation.</summary>
    private static Tensor SumOfOthers(Tensor probabilities) =>
        probabilities.mm(1 - eye(probabilities.shape[1], dtype: probabilities.dtype, device: probabilities.device));

    private static double Logistic(double logit) => 1 / (1 + Math.Exp(-logit));

    private static double[] Softmax(IReadOnlyList<float> logits)
    {
        double largest = logits.Max();
        double[] powers = [.. logits.Select(logit => Math.Exp(logit - largest))];
        double sum = powers.Sum();
        return [.. powers.Select(power => power / sum)];
    }
}
