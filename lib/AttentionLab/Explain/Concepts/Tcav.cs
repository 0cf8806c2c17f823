using AttentionLab.Core;
using AttentionLab.Imaging;
using AttentionLab.Models;
using AttentionLab.Training;
using TorchSharp;
using static TorchSharp.torch;

namespace AttentionLab.Explain;

/// <summary>
/// TCAV, testing with concept activation vectors: whether a concept that pictures show (stripes, wheels) speaks for a class. A
/// linear classifier tells the concept's pictures from random ones in a layer's activations; its normal is the concept's
/// direction, and the result says in what share of the class's pictures the score grows along it. Many random sets, and random
/// sets against each other, say whether that is more than chance.
/// </summary>
/// <remarks>
/// <para>$TCAV = |{x : ∇f(x)·v > 0}| / |{x}|$, ∇f the gradient of the target's score with respect to the layer's output, all of
/// it, and v the classifier's normal, which points to the concept.</para>
/// <para><see href="https://arxiv.org/abs/1711.11279">Kim, Wattenberg, Gilmer et al., "Interpretability beyond feature
/// attribution: quantitative testing with concept activation vectors (TCAV)", ICML 2018</see>. The classifier is a logistic
/// regression with an L2 penalty on standardised activations; a third of the pictures, another
/// one for each random set, is held out to judge it. Of several concepts tested together divide
/// <see cref="Significance"/> by their number (Bonferroni), as there.</para>
/// <code>
/// TcavResult stripes = new Tcav { Layer = "relu3" }.Test(network, striped, anything, zebras, Target.Class(3));
/// display(stripes);
/// </code>
/// </remarks>
public sealed record Tcav
{
    private const int AtOnce = 16,
        FewestPictures = 6;

    /// <summary>The layer's path; null for the methods' default: the last spatial tensor that all paths pass.</summary>
    public string? Layer { get; init; }

    /// <summary>
    /// Whether a layer's channels are averaged over its places, so that a concept's direction is the same wherever it lies;
    /// false, as in the paper, for a direction of channels at each place.
    /// </summary>
    public bool AveragePlaces { get; init; }

    /// <summary>Where the layer's output has height and width, which <see cref="AveragePlaces"/> asks for; null to find
    /// it.</summary>
    public SpatialLayout? Layout { get; init; }

    /// <summary>How many random sets the concept is tested against, each as large as the concept's.</summary>
    /// <exception cref="ArgumentOutOfRangeException">It is less than 2.</exception>
    public int RandomSets
    {
        get;
        init
        {
            ArgumentOutOfRangeException.ThrowIfLessThan(value, 2);
            field = value;
        }
    } = 20;

    /// <summary>The p-value below which a concept counts as significant, in (0, 1).</summary>
    /// <exception cref="ArgumentOutOfRangeException">It is not between 0 and 1.</exception>
    public double Significance
    {
        get;
        init =>
            field = value is > 0 and < 1
                ? value
                : throw new ArgumentOutOfRangeException(nameof(value), value, "A p-value lies between 0 and 1.");
    } = 0.05;

    /// <summary>The classifier's L2 penalty: λ of the sum of cross-entropies + λ·d/2·‖w‖², d the number of dimensions.</summary>
    /// <exception cref="ArgumentOutOfRangeException">It is not positive, or not finite.</exception>
    public double Regularization
    {
        get;
        init =>
            field = value is > 0 and < double.PositiveInfinity
                ? value
                : throw new ArgumentOutOfRangeException(nameof(value), value, "The penalty is positive and finite.");
    } = 0.1;

    /// <summary>What the model's output means; null to derive it.</summary>
    public OutputKind? Output { get; init; }

    /// <summary>Decides which random pictures a set holds.</summary>
    public long Seed { get; init; }

    /// <summary>Told how much is done, from 0 to 1.</summary>
    public IProgress<double>? Progress { get; init; }

    /// <summary>Stops between two batches and two classifiers.</summary>
    public CancellationToken Cancellation { get; init; }

    /// <summary>Tests a concept of a network; all pictures go through its preprocessing.</summary>
    /// <param name="network">The network.</param>
    /// <param name="concept">Pictures that show the concept, at least 6.</param>
    /// <param name="random">Pictures of anything, at least twice as many as the concept's: random sets are drawn from
    /// them.</param>
    /// <param name="pictures">Pictures of the class, whose scores are asked.</param>
    /// <param name="target">The score, such as <c>Target.Class(3)</c>; null for each picture's predicted class.</param>
    /// <inheritdoc cref="Test(nn.Module{Tensor, Tensor}, Tensor, Tensor, Tensor, Target?)" path="/exception"/>
    public TcavResult Test(
        TrainedNetwork network,
        IReadOnlyList<Image> concept,
        IReadOnlyList<Image> random,
        IReadOnlyList<Image> pictures,
        Target? target = null
    )
    {
        ArgumentNullException.ThrowIfNull(network);
        using DisposeScope scope = NewDisposeScope();
        Tcav asked = this with { Output = Output ?? network.Output };
        return asked.Test(network.Module, network.ToInput(concept), network.ToInput(random), network.ToInput(pictures), target);
    }

    /// <summary>Tests a concept of a model.</summary>
    /// <param name="model">In any mode, which is put back.</param>
    /// <param name="concept">Pictures that show the concept, N×C×H×W as the model takes them, at least 6.</param>
    /// <param name="random">Pictures of anything, at least twice as many.</param>
    /// <param name="pictures">Pictures of the class, whose scores are asked.</param>
    /// <param name="target">The score; null for each picture's predicted class.</param>
    /// <exception cref="ArgumentException">There are too few pictures, they are not N×C×H×W or hold NaN or infinity, or the layer
    /// is unknown.</exception>
    /// <exception cref="ArgumentOutOfRangeException">There is no such class.</exception>
    /// <exception cref="InvalidOperationException">The layer does not fire or does not reach the score, or is not
    /// finite.</exception>
    /// <exception cref="OperationCanceledException">It was stopped.</exception>
    public TcavResult Test(nn.Module<Tensor, Tensor> model, Tensor concept, Tensor random, Tensor pictures, Target? target = null)
    {
        ArgumentNullException.ThrowIfNull(model);
        Check(concept, random, pictures);
        target ??= Target.Predicted;
        using DisposeScope scope = NewDisposeScope();
        using var evaluation = new EvaluationMode(model);
        using IDisposable ordinary = inference_mode(false);
        using IDisposable noGradients = no_grad();
        var progress = new ExplanationProgress(Progress, Cancellation);
        using ActivationExtractor extractor = ActivationExtractor.OfOne(model, Layer ?? DefaultLayer.Of(model, pictures).Path);
        string layer = extractor.Layers[0];
        Tensor shown = Flat(model, extractor, layer, concept, progress.Part(0, 4)),
            anything = Flat(model, extractor, layer, random, progress.Part(1, 4)),
            gradients = Gradients(model, extractor, layer, pictures, target, progress.Part(2, 4));
        return Tested(shown, anything, gradients, progress.Part(3, 4)) with { Layer = layer, Target = target.ToString() };
    }

    /// <summary>Scores against every random set, and those of random sets.</summary>
    private TcavResult Tested(Tensor concept, Tensor random, Tensor gradients, ExplanationProgress progress)
    {
        var draw = new RandomStream(Seed);
        int size = (int)concept.shape[0];
        var scores = new double[RandomSets];
        var randomScores = new double[RandomSets];
        int right = 0,
            held = 2 * (size / 3);
        for (int set = 0; set < RandomSets; set++)
        {
            using DisposeScope scope = NewDisposeScope();
            Tensor shown = Shuffled(concept, ref draw), // which third is held out differs, too
                drawn = Shuffled(random, ref draw),
                others = drawn[..size],
                more = drawn[size..(2 * size)];
            (scores[set], int told) = ScoreOf(shown, others, gradients);
            (randomScores[set], _) = ScoreOf(more, others, gradients);
            right += told;
            progress.Report((set + 1.0) / RandomSets);
        }

        return new TcavResult
        {
            Layer = "",
            Target = "",
            Pictures = (int)gradients.shape[0],
            Scores = scores,
            RandomScores = randomScores,
            Accuracy = ConfidenceInterval.OfShare(right, RandomSets * held),
            Significance = Significance,
        };
    }

    private static Tensor Shuffled(Tensor set, ref RandomStream draw)
    {
        long[] order = [.. Enumerable.Range(0, (int)set.shape[0]).Select(i => (long)i)];
        draw.Shuffle<long>(order);
        return set.index_select(0, tensor(order));
    }

    /// <summary>The TCAV score of a set against another, and how many of a third of both, held out, the classifier tells
    /// right.</summary>
    private (double Score, int Right) ScoreOf(Tensor concept, Tensor others, Tensor gradients)
    {
        (Tensor Learned, Tensor Held) ones = Split(concept),
            zeros = Split(others);
        Tensor x = cat([zeros.Learned, ones.Learned]),
            y = cat([Labels(zeros.Learned, 0), Labels(ones.Learned, 1)]);
        (Tensor weight, Tensor bias) = LogisticRegression.Fit(x, y, 2, Regularization * x.shape[1]);
        Tensor direction = weight[1] - weight[0],
            grows = gradients.mv(direction) > 0,
            right = cat([-Margin(zeros.Held), Margin(ones.Held)]) > 0;
        return (grows.to(ScalarType.Float64).mean().item<double>(), (int)right.sum().item<long>());

        Tensor Margin(Tensor held) => held.mv(direction) + (bias[1] - bias[0]);
        static Tensor Labels(Tensor set, long label) => full(set.shape[0], label, dtype: ScalarType.Int64);
    }

    private static (Tensor Learned, Tensor Held) Split(Tensor set)
    {
        int held = (int)set.shape[0] / 3;
        return (set[held..], set[..held]);
    }

    /// <summary>What the layer outputs, a row of all its numbers for each picture, in double precision on the CPU.</summary>
    private Tensor Flat(
        nn.Module<Tensor, Tensor> model,
        ActivationExtractor extractor,
        string layer,
        Tensor pictures,
        ExplanationProgress progress
    )
    {
        var rows = new List<Tensor>();
        int atOnce = OnnxNetwork.AtOnce(model, AtOnce);
        foreach (Tensor part in pictures.split(atOnce))
        {
            using LayerActivations seen = extractor.Run(part);
            ExplanationMethod.CheckFinite(layer, seen[layer]);
            rows.Add(RowsOf(seen[layer], part, layer));
            progress.Report(Math.Min(1, (double)rows.Count * atOnce / pictures.shape[0]));
        }

        return cat(rows);
    }

    /// <summary>The score's gradient with respect to the layer's output, a row for each picture.</summary>
    private Tensor Gradients(
        nn.Module<Tensor, Tensor> model,
        ActivationExtractor extractor,
        string layer,
        Tensor pictures,
        Target target,
        ExplanationProgress progress
    )
    {
        OutputKind output = Output ?? ModelOutput.KindOf(model, pictures[..1]);
        var rows = new List<Tensor>();
        int first = 0;
        foreach (Tensor part in pictures.split(OnnxNetwork.AtOnce(model, AtOnce)))
        {
            int count = (int)part.shape[0];
            using LayerActivations seen = extractor.RunWithGradients(
                part,
                logits => target.Resolve(logits, output, count, first, (int)pictures.shape[0]).Of(logits)
            );
            rows.Add(RowsOf(seen.GradientOf(layer), part, layer));
            first += count;
            progress.Report((double)first / pictures.shape[0]);
        }

        return cat(rows);
    }

    /// <summary>
    /// A row for each picture, of the means over the places or of all. Of gradients these are, up to a factor, how the score
    /// grows when a channel grows at all places.
    /// </summary>
    private Tensor RowsOf(Tensor output, Tensor pictures, string layer)
    {
        if (output.dim() < 2 || output.shape[0] != pictures.shape[0])
        {
            throw new ArgumentException(
                $"Layer '{layer}' outputs {string.Join('×', output.shape)} for {pictures.shape[0]} pictures: take one that "
                    + "outputs a row for each.",
                nameof(layer)
            );
        }

        using DisposeScope scope = NewDisposeScope();
        Tensor wide = output.InDouble().cpu();
        if (AveragePlaces && SpatialLayout.Of(layer, output, pictures.shape, Layout) is { } layout)
        {
            wide = layout.ToChannelsFirst(wide).mean([2, 3]);
        }

        return wide.flatten(1).clone().MoveToOuterDisposeScope();
    }

    private static void Check(Tensor concept, Tensor random, Tensor pictures)
    {
        ExplanationMethod.CheckPictures(concept);
        ExplanationMethod.CheckPictures(random);
        ExplanationMethod.CheckPictures(pictures);
        if (concept.shape[0] < FewestPictures || random.shape[0] < 2 * concept.shape[0])
        {
            throw new ArgumentException(
                $"TCAV takes {FewestPictures} pictures of a concept or more, and at least twice as many random ones; these are "
                    + $"{concept.shape[0]} and {random.shape[0]}.",
                concept.shape[0] < FewestPictures ? nameof(concept) : nameof(random)
            );
        }
    }
}
