using System.Globalization;
using AttentionLab.Core;
using AttentionLab.Explain;
using TorchSharp;
using static TorchSharp.torch;

namespace AttentionLab.Evaluate;

/// <summary>
/// How much the map changes when the picture changes by noise that nobody sees: the largest relative change over some noises. 0
/// for a map that keeps still. The method's own cost for each of <see cref="Samples"/>.
/// </summary>
/// <remarks>
/// <para>$\max_ε ∥Φ(x + ε) − Φ(x)∥ / ∥Φ(x)∥$, Φ the raw map of the same class, ∥·∥ the Euclidean norm.</para>
/// <para><see href="https://arxiv.org/abs/1901.09392">Yeh et al., "On the (in)fidelity and sensitivity of explanations",
/// NeurIPS 2019</see>, definition 2, by sampling. The paper does not divide by the norm; here methods of different units are
/// compared. A picture whose map is zero everywhere has the score 0 when it stays so, and otherwise none: NaN.</para>
/// </remarks>
public sealed class MaxSensitivity : EvaluationMeasure
{
    /// <inheritdoc/>
    public override string Name => "max-sensitivity";

    /// <inheritdoc/>
    public override bool HigherIsBetter => false;

    /// <inheritdoc/>
    public override bool JudgesMaps => false;

    /// <summary>How many noises are tried.</summary>
    public int Samples { get; init; } = 10;

    /// <summary>
    /// The most that any value changes, uniformly in both directions, as a share of the picture's range (largest minus least
    /// value).
    /// </summary>
    public double Radius { get; init; } = 0.02;

    /// <summary>Decides the noise, which is the same for all methods.</summary>
    public long Seed { get; init; }

    /// <inheritdoc/>
    protected override double[] ScoresOf(EvaluationTrial trial)
    {
        ArgumentNullException.ThrowIfNull(trial);
        if (Samples < 1 || Radius is not (>= 0 and < double.PositiveInfinity))
        {
            throw new InvalidOperationException(
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"Sensitivity takes at least one sample within a radius of 0 or more; these are {Samples} and {Radius}."
                )
            );
        }

        var largest = new double[trial.Pictures];
        using Tensor input = trial.Input.detach();
        using Tensor reach = Radius * (input.amax([1, 2, 3], keepdim: true) - input.amin([1, 2, 3], keepdim: true));
        for (int sample = 0; sample < Samples; sample++)
        {
            using DisposeScope scope = NewDisposeScope();
            Tensor noise = tensor(Uniform(trial, sample), input.shape).to(input.dtype, input.device);
            Explanation changed = trial.ExplainAgain(input + (reach * noise), trial.Progress.Part(sample, Samples));
            for (int picture = 0; picture < largest.Length; picture++)
            {
                largest[picture] = Math.Max(largest[picture], Distance(trial.Explanation[picture], changed[picture]));
            }
        }

        return largest;
    }

    private static double Distance(Heatmap map, Heatmap changed)
    {
        double[] before = Array.ConvertAll(map.Values.ToArray(), value => (double)value),
            after = Array.ConvertAll(changed.Values.ToArray(), value => (double)value);
        double difference = Norm(before.Zip(after, (a, b) => a - b));
        return difference == 0 ? 0
            : Norm(before) is > 0 and var norm ? difference / norm
            : double.NaN;
    }

    private static double Norm(IEnumerable<double> values) => Math.Sqrt(values.Sum(value => value * value));

    private float[] Uniform(EvaluationTrial trial, int sample)
    {
        int size = trial.Channels * trial.Height * trial.Width;
        var noise = new float[trial.Pictures * size];
        for (int picture = 0; picture < trial.Pictures; picture++)
        {
            var random = new RandomStream(Seed, picture, sample);
            for (int i = 0; i < size; i++)
            {
                noise[(picture * size) + i] = (float)random.Uniform(-1, 1);
            }
        }

        return noise;
    }
}
