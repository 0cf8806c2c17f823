using AttentionLab.Core;
using AttentionLab.Imaging;
using AttentionLab.Models;
using TorchSharp;
using static TorchSharp.torch;

namespace AttentionLab.Explain;

/// <summary>
/// A way to say where a model looks: a batch of pictures in, a map of each picture out, raw, signed and at the layer's size.
/// Works on any model from N×C×H×W to N×K (<see cref="OutputKind"/>) that calls its layers with <c>call</c>, frozen or not, in
/// any mode, which is put back. Each picture goes through the model on its own, so that its map does not depend on the others, to
/// the last bit. For a method of your own derive from <see cref="ClassActivationMap"/> (channels weighed by
/// gradients), <see cref="PerturbationMap"/> (channels weighed by changed pictures), <see cref="LayerMethod"/> (anything else of
/// a layer), <see cref="PixelMethod"/> (a number for each pixel) or <see cref="AttentionMethod"/> (what tokens pass on).
/// </summary>
public abstract class ExplanationMethod
{
    /// <summary>The method's name, in kebab case.</summary>
    public abstract string Name { get; }

    /// <summary>
    /// Whether the model has the parts that this method reads or changes, judged without running it. What only a pass can tell,
    /// such as a layer without height and width, <see cref="Explain(nn.Module{Tensor, Tensor}, Tensor, ExplanationOptions)"/>
    /// finds.
    /// </summary>
    /// <param name="model">The model.</param>
    /// <param name="layers">Paths or patterns that <see cref="ExplanationOptions.Layers"/> would name; null or none: the method's
    /// own choice.</param>
    public virtual Applicability AppliesTo(nn.Module<Tensor, Tensor> model, IReadOnlyList<string>? layers = null)
    {
        ArgumentNullException.ThrowIfNull(model);
        return Applicability.Yes;
    }

    /// <summary>Explains a batch.</summary>
    /// <param name="model">The model, which is not changed.</param>
    /// <param name="input">Pictures as the model takes them, N×C×H×W, on the model's device.</param>
    /// <param name="options">What to explain, where to look and how to run.</param>
    /// <returns>One result for each layer, in the model's order; plain numbers that need no disposal.</returns>
    /// <exception cref="ArgumentException">The input has another shape or holds NaN or infinity; a layer is unknown or has no
    /// height and width.</exception>
    /// <exception cref="ArgumentOutOfRangeException">There is no such class.</exception>
    /// <exception cref="InvalidOperationException">A layer does not fire or does not reach the score; the output is not logits; a
    /// map is not finite.</exception>
    /// <exception cref="OperationCanceledException">The caller has cancelled.</exception>
    public IReadOnlyList<Explanation> Explain(nn.Module<Tensor, Tensor> model, Tensor input, ExplanationOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(input);
        options ??= new ExplanationOptions();
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(options.BatchSize, nameof(options));
        CheckPictures(input);
        NativeHeap.KeepFreedMemory(); // one changed picture's buffers serve the next
        using DisposeScope scope = NewDisposeScope();
        using var evaluation = new EvaluationMode(model);
        using IDisposable ordinary = inference_mode(false); // a caller's inference mode would leave no graph
        using IDisposable noGradients = no_grad();
        var remarks = new List<string>();
        var layouts = new Dictionary<string, SpatialLayout>();
        options = options with
        {
            Output = options.Output ?? ModelOutput.KindOf(model, input.detach()),
            BatchSize = OnnxNetwork.AtOnce(model, options.BatchSize),
        };
        using var extractor = new ActivationExtractor(model, LayersFor(model, input, options, remarks));
        var progress = new ExplanationProgress(options.Progress, options.Cancellation);
        int pictures = (int)input.shape[0];
        var results = new List<Part>();
        for (int picture = 0; picture < pictures; picture++)
        {
            // One by one: a convolution rounds differently with the size of the batch, and a ReLU or a quotient near zero can
            // make much of that.
            using DisposeScope inner = NewDisposeScope();
            Tensor alone = input.detach()[picture..(picture + 1)];
            results.Add(
                ExplainPart(
                    model,
                    extractor,
                    alone,
                    picture,
                    pictures,
                    options,
                    progress.Part(picture, pictures),
                    remarks,
                    layouts
                )
            );
            inner.MoveToOuter([results[^1].Logits, .. results[^1].Maps.Select(map => map.Map)]);
        }

        return Join(results, ((int)input.shape[2], (int)input.shape[3]), options, remarks, layouts);
    }

    /// <summary>
    /// Explains what a network says of a photograph: <c>display(new GradCam().Explain(network, photo).Over(photo))</c>. The map
    /// knows which part of the photograph the network saw.
    /// </summary>
    /// <param name="network">The network, whose preprocessing is applied.</param>
    /// <param name="photograph">Of any size.</param>
    /// <param name="options">What to explain, where to look and how to run; of one layer.</param>
    /// <exception cref="ArgumentException">The options name several layers, or one that is unknown or has no height and
    /// width.</exception>
    /// <inheritdoc cref="Explain(nn.Module{Tensor, Tensor}, Tensor, ExplanationOptions)" path="/exception"/>
    public Explanation Explain(TrainedNetwork network, Image photograph, ExplanationOptions? options = null) =>
        Explain(network, [photograph], options) is [var only]
            ? only
            : throw new ArgumentException(
                $"The options name several layers: name one, or explain a list of photographs, "
                    + $"{nameof(Explain)}(network, [photo], options), which gives a result for each layer.",
                nameof(options)
            );

    /// <summary>Explains what a network says of photographs, as <see cref="Explain(TrainedNetwork, Image,
    /// ExplanationOptions)"/>.</summary>
    /// <param name="network">The network, whose preprocessing is applied.</param>
    /// <param name="photographs">Of any sizes; preprocessing must give all the same size.</param>
    /// <param name="options">What to explain, where to look and how to run.</param>
    /// <returns>One result for each layer, in the network's order.</returns>
    /// <inheritdoc cref="Explain(nn.Module{Tensor, Tensor}, Tensor, ExplanationOptions)" path="/exception"/>
    public IReadOnlyList<Explanation> Explain(
        TrainedNetwork network,
        IReadOnlyList<Image> photographs,
        ExplanationOptions? options = null
    )
    {
        ArgumentNullException.ThrowIfNull(network);
        ArgumentNullException.ThrowIfNull(photographs);
        using Tensor input = network.ToInput(photographs);
        options ??= new ExplanationOptions();
        ImagePart?[] parts =
        [
            .. photographs.Select(photo =>
                network.Preprocessing.PartOf(photo.Height, photo.Width) is { IsWhole: false } part ? part : null
            ),
        ];
        return
        [
            .. Explain(network.Module, input, options with { Output = options.Output ?? network.Output })
                .Select(result => result.WithNamedMaps(network.HasClassNames ? network.ClassNames : null).WithParts(parts)),
        ];
    }

    /// <summary>Whether the pass computes the score's gradients at the layers.</summary>
    protected abstract bool NeedsGradients { get; }

    internal abstract IReadOnlyList<string> LayersFor(
        nn.Module<Tensor, Tensor> model,
        Tensor input,
        ExplanationOptions options,
        ICollection<string> remarks
    );

    /// <summary>The maps by layer, N×h×w, in the current dispose scope.</summary>
    internal abstract IReadOnlyList<(string Layer, Tensor Map)> MapsOf(ExplanationPass pass);

    /// <summary>Refuses what an author's own method returns in another shape than its base class asks for.</summary>
    private protected void CheckShape(Tensor returned, params long[][] shapes)
    {
        if (!shapes.Any(shape => shape.SequenceEqual(returned.shape)))
        {
            throw new InvalidOperationException(
                $"{Name} returned {string.Join('×', returned.shape)}; its base class asks for "
                    + $"{string.Join(" or ", shapes.Select(shape => string.Join('×', shape)).Distinct())}."
            );
        }
    }

    /// <summary>Refuses what is not N×C×H×W of a floating-point type.</summary>
    internal static void CheckPictures(Tensor input)
    {
        ArgumentNullException.ThrowIfNull(input);
        if (input.dim() != 4 || input.numel() == 0 || !input.is_floating_point())
        {
            throw new ArgumentException(
                $"The input should be pictures, N×C×H×W of a floating-point type; it is {string.Join('×', input.shape)} of "
                    + $"{input.dtype}.",
                nameof(input)
            );
        }
    }

    /// <summary>Refuses a layer's output that holds NaN or infinity.</summary>
    internal static void CheckFinite(string layer, Tensor activation)
    {
        if (!activation.isfinite().all().item<bool>())
        {
            throw new InvalidOperationException($"Layer '{layer}' outputs NaN or infinity: the model's weights are broken.");
        }
    }

    /// <summary>
    /// Some pictures in all versions that smoothing asks for. What is explained is settled on the first, the unchanged one.
    /// </summary>
    private Part ExplainPart(
        nn.Module<Tensor, Tensor> model,
        ActivationExtractor extractor,
        Tensor pictures,
        int first,
        int total,
        ExplanationOptions options,
        ExplanationProgress progress,
        ICollection<string> remarks,
        Dictionary<string, SpatialLayout> layouts
    )
    {
        IReadOnlyList<(bool Flip, double Zoom)> versions = options.Smoothing?.Versions() ?? [(false, 1)];
        TargetScore? score = null;
        Part? sum = null;
        for (int version = 0; version < versions.Count; version++)
        {
            ExplanationProgress part = progress.Part(version, versions.Count);
            Tensor changed = TestTimeSmoothing.Change(pictures, versions[version]);
            Tensor Resolved(Tensor logits) =>
                (score ??= options.Target.Resolve(logits, options.Output!.Value, pictures.shape[0], first, total)).Of(logits);
            using LayerActivations activations = NeedsGradients
                ? extractor.RunWithGradients(changed, Resolved)
                : extractor.Run(changed);
            score ??= options.Target.Resolve(activations.Output, options.Output!.Value, pictures.shape[0], first, total);
            var pass = new ExplanationPass(model, extractor, changed, activations, score, options, part, remarks)
            {
                Layouts = layouts,
            };
            var maps = MapsOf(pass)
                .Select(result => (result.Layer, Map: TestTimeSmoothing.TurnBack(result.Map, versions[version]) / versions.Count))
                .ToList();
            part.Report(1);
            sum = sum is null
                ? new Part(activations.Output.clone(), score, maps)
                : sum with
                {
                    Maps = [.. sum.Maps.Zip(maps, (a, b) => (a.Layer, a.Map + b.Map))],
                };
        }

        return sum!;
    }

    private List<Explanation> Join(
        List<Part> parts,
        (int Height, int Width) inputSize,
        ExplanationOptions options,
        IReadOnlyList<string> remarks,
        Dictionary<string, SpatialLayout> layouts
    )
    {
        Tensor logits = cat([.. parts.Select(part => part.Logits)]);
        int[] predictions =
        [
            .. ModelOutput.ScoresOf(options.Output!.Value, logits).argmax(1).cpu().data<long>().Select(index => (int)index),
        ];
        var results = new List<Explanation>();
        for (int layer = 0; layer < parts[0].Maps.Count; layer++)
        {
            string name = parts[0].Maps[layer].Layer;
            results.Add(
                new Explanation
                {
                    Method = Name,
                    Layer = name,
                    Target = options.Target.ToString(),
                    Classes = parts[0].Score.Classes is null
                        ? [.. predictions.Select(_ => -1)]
                        : [.. parts.SelectMany(part => part.Score.Classes!).Select(index => (int)index)],
                    Predictions = predictions,
                    Output = options.Output!.Value,
                    Logits = logits.ToMatrix(),
                    Maps = [.. parts.Select((part, picture) => MapOf(part.Maps[layer].Map, picture, name))],
                    InputSize = inputSize,
                    Layout = layouts.GetValueOrDefault(name, SpatialLayout.ChannelsFirst),
                    Remarks = remarks,
                }.WithNamedMaps()
            );
        }

        return results;
    }

    /// <summary>The map of a picture, of 1×h×w.</summary>
    private Heatmap MapOf(Tensor map, int picture, string layer)
    {
        (int height, int width) = ((int)map.shape[1], (int)map.shape[2]);
        float[] values = map.ToFloats();
        int broken = Array.FindIndex(values, value => !float.IsFinite(value));
        return broken < 0
            ? new Heatmap((height, width), values)
            : throw new InvalidOperationException(
                $"{Name} at {layer}: the map of picture {picture} is not finite at row {broken / width}, column "
                    + $"{broken % width}. Look for NaN or infinity in the model's weights."
            );
    }

    private sealed record Part(Tensor Logits, TargetScore Score, IReadOnlyList<(string Layer, Tensor Map)> Maps);
}
