using AttentionLab.Core;
using AttentionLab.Models;
using TorchSharp;
using static TorchSharp.torch;

namespace AttentionLab.Explain;

/// <summary>
/// What a method makes its maps of: some pictures, what the layers output for them, and ways to ask the model again.
/// </summary>
/// <param name="Model">In evaluation mode.</param>
/// <param name="Extractor">Hooks on the layers.</param>
/// <param name="Input">The pictures, N×C×H×W.</param>
/// <param name="Activations">What the layers output for them, with gradients when the method asked for them.</param>
/// <param name="Score">What is explained.</param>
/// <param name="Options">What the caller asked for.</param>
/// <param name="Progress">Of this pass.</param>
/// <param name="Remarks">Takes what the method finds worth saying.</param>
/// <param name="Layouts">Takes where each layer has height and width; a layer that is not in it has channels first.</param>
internal sealed record ExplanationPass(
    nn.Module<Tensor, Tensor> Model,
    ActivationExtractor Extractor,
    Tensor Input,
    LayerActivations Activations,
    TargetScore Score,
    ExplanationOptions Options,
    ExplanationProgress Progress,
    ICollection<string> Remarks,
    Dictionary<string, SpatialLayout> Layouts
)
{
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
    public double[] ScoresOf(int picture, int count, Func<int, int, Tensor> versions)
    {
        ExplanationProgress progress = Progress.Part(picture, Pictures);
        var scores = new double[count];
        for (int start = 0; start < count; start += Options.BatchSize)
        {
            using DisposeScope scope = NewDisposeScope();
            int end = Math.Min(start + Options.BatchSize, count);
            Tensor logits = ForwardPass.Of(Model, versions(start, end));
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
    public Tensor MeanInputGradient(int count, Func<int, Tensor> version)
    {
        Tensor sum = zeros_like(Input).InDouble();
        int atOnce = Math.Max(1, Options.BatchSize / Pictures);
        for (int start = 0; start < count; start += atOnce)
        {
            using DisposeScope scope = NewDisposeScope();
            int end = Math.Min(start + atOnce, count);
            int[] rows = [.. Enumerable.Range(0, (end - start) * Pictures).Select(row => row % Pictures)];
            using LayerActivations changed = Extractor.RunWithGradients(
                cat([.. Enumerable.Range(start, end - start).Select(version)]),
                logits => Score.Of(logits, rows)
            );
            Tensor gradients = changed.GradientOf(ActivationExtractor.Input).InDouble();
            sum.add_(gradients.reshape([end - start, .. Input.shape]).sum([0]));
            Progress.Report((double)end / count);
        }

        return sum / count;
    }
}
