using AttentionLab.Core;
using AttentionLab.Imaging;
using AttentionLab.Models;
using TorchSharp;
using static TorchSharp.torch;

namespace AttentionLab.Explain;

/// <summary>
/// Deep feature factorisation: takes what a layer outputs for one or several pictures apart into a few concepts, each a direction
/// of the layer's channels with a map of every picture. Pictures factorised together share their concepts, so that one concept's
/// maps show the same thing in all of them. Deterministic; a forward pass of each picture.
/// </summary>
/// <remarks>
/// <para>$A ≈ H·W$, A the activation with a row for each place of each picture and a column for each channel, H (places × K) and
/// W (K × channels) not negative: K concepts.</para>
/// <para><see href="https://arxiv.org/abs/1806.10206">Collins, Achanta, Süsstrunk, "Deep feature factorization for concept
/// discovery", ECCV 2018</see>. The factorisation starts from NNDSVD and takes a fixed number of multiplicative updates. Negative
/// values of a layer that does not end in ReLU are cut, which <see cref="FeatureFactors.Notes"/> reports.</para>
/// <code>
/// FeatureFactors parts = new DeepFeatureFactorization { Concepts = 3 }.Factorize(network, photographs);
/// display(parts.Over(photographs));
/// </code>
/// </remarks>
public sealed record DeepFeatureFactorization
{
    private const int AtOnce = 16,
        MostDirections = 4096;

    /// <summary>K, how many concepts there are: at most the layer's channels, and at most its places in all pictures.</summary>
    /// <exception cref="ArgumentOutOfRangeException">It is not positive.</exception>
    public int Concepts
    {
        get;
        init
        {
            ArgumentOutOfRangeException.ThrowIfNegativeOrZero(value);
            field = value;
        }
    } = 4;

    /// <summary>Multiplicative updates.</summary>
    /// <exception cref="ArgumentOutOfRangeException">It is negative.</exception>
    public int Iterations
    {
        get;
        init
        {
            ArgumentOutOfRangeException.ThrowIfNegative(value);
            field = value;
        }
    } = 200;

    /// <summary>The layer's path; null for the methods' default: the last spatial tensor that all paths pass.</summary>
    public string? Layer { get; init; }

    /// <summary>Where the layer's output has height and width; null to find it.</summary>
    public SpatialLayout? Layout { get; init; }

    /// <summary>Factorises what a network sees in photographs; maps know which part of each it saw.</summary>
    /// <param name="network">The network, whose preprocessing is applied.</param>
    /// <param name="photographs">Of any sizes; preprocessing must give all the same size.</param>
    /// <param name="cancellation">Stops between two batches of pictures.</param>
    /// <inheritdoc cref="Factorize(nn.Module{Tensor, Tensor}, Tensor, CancellationToken)" path="/exception"/>
    public FeatureFactors Factorize(
        TrainedNetwork network,
        IReadOnlyList<Image> photographs,
        CancellationToken cancellation = default
    )
    {
        ArgumentNullException.ThrowIfNull(network);
        ArgumentNullException.ThrowIfNull(photographs);
        using Tensor input = network.ToInput(photographs);
        FeatureFactors factors = Factorize(network.Module, input, cancellation);
        ImagePart?[] parts =
        [
            .. photographs.Select(photo =>
                network.Preprocessing.PartOf(photo.Height, photo.Width) is { IsWhole: false } part ? part : null
            ),
        ];
        return factors with
        {
            Concepts =
            [
                .. factors.Concepts.Select(concept =>
                    concept with
                    {
                        Maps = [.. concept.Maps.Zip(parts, (map, part) => map with { Part = part })],
                    }
                ),
            ],
        };
    }

    /// <summary>Factorises what a model sees in pictures.</summary>
    /// <param name="model">In any mode, which is put back.</param>
    /// <param name="input">Pictures as the model takes them, N×C×H×W, on the model's device.</param>
    /// <param name="cancellation">Stops between two batches of pictures.</param>
    /// <exception cref="ArgumentException">The input is not N×C×H×W or holds NaN or infinity; the layer is unknown or has no
    /// height and width.</exception>
    /// <exception cref="InvalidOperationException">The layer's output is not finite, or nowhere positive; it has fewer channels
    /// or places than <see cref="Concepts"/>, or more than 4,096 of both.</exception>
    /// <exception cref="OperationCanceledException">It was stopped.</exception>
    public FeatureFactors Factorize(nn.Module<Tensor, Tensor> model, Tensor input, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(input);
        ExplanationMethod.CheckPictures(input);
        using DisposeScope scope = NewDisposeScope();
        using var evaluation = new EvaluationMode(model);
        using IDisposable ordinary = inference_mode(false);
        using IDisposable noGradients = no_grad();
        var notes = new List<string>();
        string layer = Layer ?? Default(model, input, notes);
        (Tensor activation, SpatialLayout layout) = ActivationOf(model, layer, input, cancellation);
        Tensor rows = RowsOf(activation, layer, notes);
        (Tensor h, Tensor w) = NonNegativeFactorization.Of(rows, Concepts, Iterations);
        return new FeatureFactors
        {
            Layer = layer,
            Layout = layout,
            Concepts = ConceptsOf(h, w, layer, activation.shape),
            Error = ((rows - h.mm(w)).norm() / rows.norm()).item<double>(),
            Notes = notes,
        };
    }

    private static string Default(nn.Module<Tensor, Tensor> model, Tensor input, List<string> notes)
    {
        DefaultLayer layer = DefaultLayer.Of(model, input);
        if (layer.Remark is { } remark)
        {
            notes.Add(remark);
        }

        return layer.Path;
    }

    /// <summary>N×C×h×w in double precision.</summary>
    private (Tensor Activation, SpatialLayout Layout) ActivationOf(
        nn.Module<Tensor, Tensor> model,
        string layer,
        Tensor input,
        CancellationToken cancellation
    )
    {
        using ActivationExtractor extractor = ActivationExtractor.OfOne(model, layer);
        var layouts = new Dictionary<string, SpatialLayout>();
        var parts = new List<Tensor>();
        foreach (Tensor pictures in input.split(OnnxNetwork.AtOnce(model, AtOnce)))
        {
            cancellation.ThrowIfCancellationRequested();
            using LayerActivations seen = extractor.Run(pictures);
            LayerActivations placed = seen.Placed((path, output) => SpatialLayout.Of(path, output, input.shape, Layout), layouts);
            parts.Add(placed[extractor.Layers[0]].InDouble().clone());
        }

        return (cat(parts), layouts[extractor.Layers[0]]);
    }

    /// <summary>A row for each place of each picture, a column for each channel, without negative values.</summary>
    private Tensor RowsOf(Tensor activation, string layer, List<string> notes)
    {
        ExplanationMethod.CheckFinite(layer, activation);
        Tensor signed = activation.permute(0, 2, 3, 1).reshape(-1, activation.shape[1]),
            rows = signed.relu();
        double negative = (signed - rows).square().sum().item<double>();
        if (negative > 0)
        {
            double share = 100 * negative / signed.square().sum().item<double>();
            notes.Add(
                FormattableString.Invariant(
                    $"{layer} has negative values ({share:0.#} % of the activation's square), which were cut at zero: "
                ) + "take a layer after a ReLU for all of it."
            );
        }

        long most = rows.shape.Min();
        return Concepts > most
                ? throw new InvalidOperationException(
                    $"Layer '{layer}' has {rows.shape[1]} channels and {rows.shape[0]} places in these pictures: ask for at most "
                        + $"{most} concepts; these are {Concepts}."
                )
            : most > MostDirections
                ? throw new InvalidOperationException(
                    $"Layer '{layer}' has {rows.shape[1]} channels and {rows.shape[0]} places in these pictures, and the smaller "
                        + $"number is at most {MostDirections}: take fewer pictures or a later layer."
                )
            : (rows > 0).any().item<bool>() ? rows
            : throw new InvalidOperationException($"Layer '{layer}' outputs nothing above zero for these pictures.");
    }

    /// <summary>Concepts with vectors of length 1, by how much they put out.</summary>
    private static IReadOnlyList<FeatureConcept> ConceptsOf(Tensor h, Tensor w, string layer, long[] shape)
    {
        Tensor lengths = w.norm(1),
            sums = h.sum([0]) * w.sum([1]),
            shares = sums / sums.sum();
        w /= where(lengths > 0, lengths, ones_like(lengths)).unsqueeze(1);
        h *= lengths;
        (int pictures, int height, int width) = ((int)shape[0], (int)shape[2], (int)shape[3]);
        double[] share = shares.ToDoubles();
        return
        [
            .. Enumerable
                .Range(0, share.Length)
                .OrderByDescending(k => share[k])
                .Select(
                    (k, place) =>
                        new FeatureConcept(
                            w[k].ToFloats(),
                            [
                                .. h[.., k]
                                    .ToFloats()
                                    .Chunk(height * width)
                                    .Select(values => new Heatmap((height, width), values)
                                    {
                                        Method = FormattableString.Invariant($"concept {place + 1}"),
                                        Layer = layer,
                                    }),
                            ],
                            share[k]
                        )
                ),
        ];
    }
}
