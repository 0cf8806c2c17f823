using AttentionLab.Core;
using AttentionLab.Explain;
using AttentionLab.Models;
using TorchSharp;
using static TorchSharp.torch;

namespace AttentionLab.Evaluate;

/// <summary>
/// What measures of trust judge: a method's maps of a batch, with the model and the pictures they were made of. Owns nothing.
/// </summary>
public sealed class EvaluationTrial
{
    /// <summary>Brings together what belongs together.</summary>
    /// <param name="method">That made the maps.</param>
    /// <param name="model">The model explained. It runs again in evaluation mode, and its mode is restored.</param>
    /// <param name="input">The pictures explained, N×C×H×W. They stay the caller's.</param>
    /// <param name="explanation">The maps.</param>
    /// <param name="masks">For each picture how much of each pixel the object covers, H·W bytes from 0 to 255; null where that is
    /// not known.</param>
    /// <param name="options">The options that the maps were made with.</param>
    /// <exception cref="ArgumentException">The parts are of different numbers of pictures, or a mask has another
    /// size.</exception>
    public EvaluationTrial(
        ExplanationMethod method,
        nn.Module<Tensor, Tensor> model,
        Tensor input,
        Explanation explanation,
        IReadOnlyList<byte[]>? masks = null,
        ExplanationOptions? options = null
    )
    {
        ArgumentNullException.ThrowIfNull(method);
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(input);
        ArgumentNullException.ThrowIfNull(explanation);
        FeatureMaps.Check(input);
        (Method, Model, Input, Explanation, Masks, Options) = (
            method,
            model,
            input,
            explanation,
            masks,
            options ?? new ExplanationOptions()
        );
        Progress = new ExplanationProgress(Options.Progress, Options.Cancellation);
        if (explanation.Maps.Count != Pictures || (masks is not null && masks.Count != Pictures))
        {
            throw new ArgumentException(
                $"There are {Pictures} pictures, {explanation.Maps.Count} maps and {masks?.Count ?? Pictures} masks: "
                    + "each picture has one.",
                nameof(explanation)
            );
        }

        if (masks?.FirstOrDefault(mask => mask.Length != Height * Width) is { } wrong)
        {
            throw new ArgumentException(
                $"A mask of a {Height}×{Width} picture has {Height * Width} bytes; one has {wrong.Length}.",
                nameof(masks)
            );
        }
    }

    /// <summary>The method that made the maps.</summary>
    public ExplanationMethod Method { get; }

    /// <summary>The model explained.</summary>
    public nn.Module<Tensor, Tensor> Model { get; }

    /// <summary>The pictures, N×C×H×W.</summary>
    public Tensor Input { get; }

    /// <summary>The maps, raw.</summary>
    public Explanation Explanation { get; }

    /// <summary>Of each picture the object's coverage of its pixels, H·W bytes, 0 to 255; null where that is not known.</summary>
    public IReadOnlyList<byte[]>? Masks { get; }

    /// <summary>
    /// The options that the maps were made with. Their batch size bounds how many changed pictures are in memory at once.
    /// </summary>
    public ExplanationOptions Options { get; }

    /// <summary>N.</summary>
    public int Pictures => (int)Input.shape[0];

    /// <summary>C.</summary>
    public int Channels => (int)Input.shape[1];

    /// <summary>H.</summary>
    public int Height => (int)Input.shape[2];

    /// <summary>W.</summary>
    public int Width => (int)Input.shape[3];

    internal ExplanationProgress Progress { get; init; }

    /// <summary>Explains pictures and makes a trial of each layer's maps. Costs what the method costs.</summary>
    /// <inheritdoc cref="ExplanationMethod.Explain(nn.Module{Tensor, Tensor}, Tensor, ExplanationOptions)" path="/exception"/>
    public static IReadOnlyList<EvaluationTrial> Of(
        ExplanationMethod method,
        nn.Module<Tensor, Tensor> model,
        Tensor input,
        IReadOnlyList<byte[]>? masks = null,
        ExplanationOptions? options = null
    )
    {
        ArgumentNullException.ThrowIfNull(method);
        return
        [
            .. method
                .Explain(model, input, options)
                .Select(explanation => new EvaluationTrial(method, model, input, explanation, masks, options)),
        ];
    }

    /// <summary>
    /// A picture's map at the picture's size, H×W: enlarged by <see cref="Heatmap.Resize"/>, as the figures show it, in the raw
    /// map's range. Beside an edge the nearest value holds, so that a maximum there is met by several pixels.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">There is no such picture.</exception>
    public Heatmap MapOf(int picture) => Explanation[picture].Resize(Height, Width);

    /// <summary>A picture's values, C·H·W in the tensor's order.</summary>
    /// <exception cref="ArgumentOutOfRangeException">There is no such picture.</exception>
    public float[] PlanesOf(int picture)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(picture);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(picture, Pictures);
        using DisposeScope scope = NewDisposeScope();
        return Input[picture].ToFloats();
    }

    /// <summary>
    /// How sure the model is of the class explained, from the output at hand: its probability by
    /// <see cref="Explanation.Output"/>, in [0, 1].
    /// </summary>
    /// <exception cref="ArgumentException">What is explained is not a class.</exception>
    public double ConfidenceOf(int picture)
    {
        float[,] output = Explanation.Logits;
        return Probability([.. Enumerable.Range(0, output.GetLength(1)).Select(i => output[picture, i])], ClassOf(picture));
    }

    /// <summary>
    /// How sure the model is of the class explained when it sees changed pictures. One forward pass for each, in full batches.
    /// </summary>
    /// <param name="count">How many changed pictures.</param>
    /// <param name="version">Gives each, in order: of which picture it is, and its values, C·H·W.</param>
    /// <exception cref="ArgumentException">What is explained is not a class.</exception>
    /// <exception cref="InvalidOperationException">The model outputs NaN or infinity.</exception>
    /// <exception cref="OperationCanceledException">The caller has cancelled.</exception>
    public double[] ConfidencesOf(int count, Func<int, (int Picture, float[] Values)> version)
    {
        ArgumentNullException.ThrowIfNull(version);
        using var evaluation = new EvaluationMode(Model);
        using IDisposable noGradients = no_grad();
        var confidences = new double[count];
        int atOnce = OnnxNetwork.AtOnce(Model, Options.BatchSize);
        for (int start = 0; start < count; start += atOnce)
        {
            using DisposeScope scope = NewDisposeScope();
            var versions = Enumerable.Range(start, Math.Min(atOnce, count - start)).Select(version).ToList();
            Tensor batch = tensor([.. versions.SelectMany(changed => changed.Values)], [versions.Count, Channels, Height, Width])
                .to(Input.dtype, Input.device);
            Tensor logits = ForwardPass.Of(Model, batch);
            float[][] rows = [.. logits.ToFloats().Chunk((int)logits.shape[1])];
            for (int i = 0; i < versions.Count; i++)
            {
                int picture = versions[i].Picture;
                confidences[start + i] = Array.TrueForAll(rows[i], float.IsFinite)
                    ? Probability(rows[i], ClassOf(picture))
                    : throw new InvalidOperationException(
                        $"For a changed version of picture {picture} the model outputs NaN or infinity: its weights are broken."
                    );
            }

            Progress.Report((start + versions.Count) / (double)count);
        }

        return confidences;
    }

    /// <summary>Explains changed pictures, or a changed model, at the same layer for the same classes.</summary>
    internal Explanation ExplainAgain(Tensor input, ExplanationProgress progress) =>
        Method.Explain(
            Model,
            input,
            Options with
            {
                Output = Explanation.Output,
                Layers = [Explanation.Layer],
                Target = Explanation.Classes.Contains(-1) ? Options.Target : Target.Classes(Explanation.Classes),
                Progress = progress,
            }
        )[0];

    internal EvaluationTrial With(ExplanationProgress progress) =>
        new(Method, Model, Input, Explanation, Masks, Options) { Progress = progress };

    /// <summary>A picture of one colour, C·H·W, as <see cref="BaselineColour"/> takes it.</summary>
    internal float[] PlainPicture(IReadOnlyList<float> colour)
    {
        using DisposeScope scope = NewDisposeScope();
        return BaselineColour.Of(colour, Input).expand(1, Channels, Height, Width).ToFloats();
    }

    private int ClassOf(int picture) =>
        Explanation.Classes[picture] is >= 0 and int index
            ? index
            : throw new ArgumentException(
                $"How sure the model is can be asked of a class; what is explained here is '{Explanation.Target}'. Explain a "
                    + "class."
            );

    private double Probability(float[] output, int index) => ModelOutput.ProbabilitiesOf(Explanation.Output, output)[index];
}
