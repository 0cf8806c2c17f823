using TorchSharp;
using static TorchSharp.torch;

namespace AttentionLab.Explain;

/// <summary>
/// A way to say where a model looks: a batch of pictures in, a map of each picture out, raw, signed and at the layer's size. Works on any model from
/// N×C×H×W to logits N×K that calls its layers with <c>call</c>, frozen or not, in any mode, which is put back.
/// </summary>
public abstract class ExplanationMethod
{
    /// <summary>The method's name, in kebab case.</summary>
    public abstract string Name { get; }

    /// <summary>Explains a batch.</summary>
    /// <param name="model">The model, which is not changed.</param>
    /// <param name="input">Pictures as the model takes them, N×C×H×W.</param>
    /// <param name="options">What to explain, and where to look.</param>
    /// <returns>One result for each layer, in the model's order; plain numbers that need no disposal.</returns>
    /// <exception cref="ArgumentException">The input has another shape or holds NaN or infinity; a layer is unknown or has no height and width.</exception>
    /// <exception cref="ArgumentOutOfRangeException">There is no such class.</exception>
    /// <exception cref="InvalidOperationException">A layer does not fire or does not reach the score; the output is no logits; a map is not finite.</exception>
    public IReadOnlyList<Explanation> Explain(nn.Module<Tensor, Tensor> model, Tensor input, ExplanationOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(input);
        options ??= new ExplanationOptions();
        if (input.dim() != 4 || input.numel() == 0 || !input.is_floating_point())
        {
            throw new ArgumentException($"The input should be pictures, N×C×H×W of a floating-point type; it is {string.Join('×', input.shape)} of {input.dtype}.", nameof(input));
        }

        using DisposeScope scope = NewDisposeScope();
        using var evaluation = new EvaluationMode(model);
        using IDisposable noGradients = no_grad();
        using var extractor = new ActivationExtractor(model, LayersFor(model, input, options));
        TargetScore? score = null;
        using LayerActivations activations = NeedsGradients
            ? extractor.RunWithGradients(input, logits => (score = options.Target.Resolve(logits, input.shape[0])).Of(logits))
            : extractor.Run(input);
        score ??= options.Target.Resolve(activations.Output, input.shape[0]);
        var pass = new ExplanationPass(model, input, activations, score, options);
        return [.. MapsOf(pass).Select(result => ToExplanation(pass, result.Layer, result.Map))];
    }

    private protected abstract bool NeedsGradients { get; }

    private protected abstract IReadOnlyList<string> LayersFor(nn.Module<Tensor, Tensor> model, Tensor input, ExplanationOptions options);

    /// <summary>The maps by layer, N×h×w, in the current dispose scope.</summary>
    private protected abstract IEnumerable<(string Layer, Tensor Map)> MapsOf(ExplanationPass pass);

    private Explanation ToExplanation(ExplanationPass pass, string layer, Tensor map)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor logits = pass.Activations.Output;
        var maps = new float[map.shape[0], map.shape[1], map.shape[2]];
        Copy(map, maps);
        int width = maps.GetLength(2), area = maps.GetLength(1) * width, broken = maps.Cast<float>().TakeWhile(float.IsFinite).Count();
        if (broken < maps.Length)
        {
            throw new InvalidOperationException($"{Name} at {layer}: the map of picture {broken / area} is not finite at row {broken % area / width}, column {broken % width}. Look for NaN or infinity in the model's weights.");
        }

        var logitValues = new float[logits.shape[0], logits.shape[1]];
        Copy(logits, logitValues);
        int[] predictions = [.. logits.argmax(1).cpu().data<long>().Select(index => (int)index)];
        return new Explanation
        {
            Method = Name,
            Layer = layer,
            Target = pass.Options.Target.ToString(),
            Classes = pass.Score.Classes is { } classes ? [.. classes.Select(index => (int)index)] : [.. predictions.Select(_ => -1)],
            Predictions = predictions,
            Logits = logitValues,
            Maps = maps,
        };
    }

    private static void Copy(Tensor values, Array array)
    {
        float[] flat = values.detach().to(ScalarType.Float32).cpu().contiguous().data<float>().ToArray();
        Buffer.BlockCopy(flat, 0, array, 0, flat.Length * sizeof(float));
    }
}
