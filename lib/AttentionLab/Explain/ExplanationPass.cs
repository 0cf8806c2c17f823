using AttentionLab.Core;
using AttentionLab.Models;
using TorchSharp;
using static TorchSharp.torch;

namespace AttentionLab.Explain;

/// <summary>
/// What a method makes its maps of: the pictures, what the layers output for them, and ways to ask the model again. Methods get
/// one picture at a time. Tensors belong to the pass; what a method creates belongs to its caller's dispose scope.
/// </summary>
public sealed record ExplanationPass
{
    private const long MostPixels = 1 << 20;

    internal ExplanationPass(
        nn.Module<Tensor, Tensor> model,
        ActivationExtractor extractor,
        Tensor input,
        LayerActivations activations,
        TargetScore score,
        ExplanationOptions options,
        ExplanationProgress progress,
        ICollection<string> remarks
    )
    {
        Model = model;
        Extractor = extractor;
        Input = input;
        Activations = activations;
        Score = score;
        Options = options;
        Progress = progress;
        Remarks = remarks;
    }

    /// <summary>The model, in evaluation mode.</summary>
    public nn.Module<Tensor, Tensor> Model { get; }

    /// <summary>The pictures, N×C×H×W, normalised.</summary>
    public Tensor Input { get; }

    /// <summary>What the layers output for them; with gradients where the method asks for them.</summary>
    public LayerActivations Activations { get; internal init; }

    /// <summary>What the caller asked for.</summary>
    public ExplanationOptions Options { get; }

    /// <summary>Takes what the method finds worth saying: <see cref="Explanation.Remarks"/>.</summary>
    public ICollection<string> Remarks { get; }

    /// <summary>Takes where each layer has height and width; a layer that is not in it has channels first.</summary>
    internal Dictionary<string, SpatialLayout> Layouts { get; init; } = [];

    /// <summary>How many changed versions of a picture go through the model at once.</summary>
    private int AtOnce => (int)Math.Clamp(MostPixels / (Input.shape[2] * Input.shape[3]), 1, Options.BatchSize);

    /// <summary>Hooks on the layers.</summary>
    internal ActivationExtractor Extractor { get; }

    /// <summary>What is explained.</summary>
    internal TargetScore Score { get; }

    /// <summary>Of this pass.</summary>
    internal ExplanationProgress Progress { get; init; }

    /// <summary>How many pictures there are, N.</summary>
    public int Pictures => (int)Input.shape[0];

    /// <summary>The scores of the pictures themselves.</summary>
    public double[] Scores()
    {
        using DisposeScope scope = NewDisposeScope();
        return Score.Of(Activations.Output).ToDoubles();
    }

    /// <summary>The scores of changed versions of one picture, in batches: one forward pass each.</summary>
    /// <param name="picture">Which picture.</param>
    /// <param name="count">How many versions.</param>
    /// <param name="versions">From a first version and the one after the last to what goes into the model, M×C×H×W.</param>
    /// <returns>The score of each version.</returns>
    /// <exception cref="ArgumentException">The versions are not as many as asked for.</exception>
    public double[] ScoresOf(int picture, int count, Func<int, int, Tensor> versions)
    {
        ArgumentNullException.ThrowIfNull(versions);
        ArgumentOutOfRangeException.ThrowIfNegative(picture);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(picture, Pictures);
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        ExplanationProgress progress = Progress.Part(picture, Pictures);
        var scores = new double[count];
        for (int start = 0; start < count; start += AtOnce)
        {
            using DisposeScope scope = NewDisposeScope();
            int end = Math.Min(start + AtOnce, count);
            Tensor changed = versions(start, end);
            if (changed.shape[0] != end - start)
            {
                throw new ArgumentException(
                    $"Versions {start} to {end - 1} are {end - start} pictures; {changed.shape[0]} were given.",
                    nameof(versions)
                );
            }

            Tensor logits = ForwardPass.Of(Model, changed);
            Score.Of(logits, [.. Enumerable.Repeat(picture, end - start)]).ToDoubles().CopyTo(scores, start);
            progress.Report((double)end / count);
        }

        return scores;
    }

    /// <summary>
    /// The mean, over changed versions of all pictures, of the score's gradient with respect to the input: a forward and a
    /// backward pass for each, as many at once as the batch size allows. The layer is the input. In double precision.
    /// </summary>
    /// <param name="count">How many versions.</param>
    /// <param name="version">From a version's number to the pictures so changed, N×C×H×W.</param>
    /// <returns>The mean gradient, N×C×H×W; each picture's score is differentiated with respect to that picture.</returns>
    public Tensor MeanInputGradient(int count, Func<int, Tensor> version) => MeanInputGradient(count, version, null);

    /// <summary>The same, of each version's gradient times a factor.</summary>
    /// <param name="count">How many versions.</param>
    /// <param name="version">From a version's number to the pictures so changed, N×C×H×W.</param>
    /// <param name="factor">From a version's number to what its gradient is multiplied by, N×C×H×W; null for 1.</param>
    internal Tensor MeanInputGradient(int count, Func<int, Tensor> version, Func<int, Tensor>? factor)
    {
        ArgumentNullException.ThrowIfNull(version);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(count);
        Tensor sum = zeros_like(Input).InDouble();
        int atOnce = Math.Max(1, AtOnce / Pictures);
        for (int start = 0; start < count; start += atOnce)
        {
            using DisposeScope scope = NewDisposeScope();
            int end = Math.Min(start + atOnce, count);
            int[] rows = [.. Enumerable.Range(0, (end - start) * Pictures).Select(row => row % Pictures)];
            using LayerActivations changed = Extractor.RunWithGradients(
                cat([.. Enumerable.Range(start, end - start).Select(version)]),
                logits => Score.Of(logits, rows)
            );
            Tensor gradients = changed.GradientOf(ActivationExtractor.Input).InDouble().reshape([end - start, .. Input.shape]);
            Tensor weighed = factor is null
                ? gradients
                : gradients * stack([.. Enumerable.Range(start, end - start).Select(factor)]).InDouble();
            sum.add_(weighed.sum([0]));
            Progress.Report((double)end / count);
        }

        return sum / count;
    }
}
