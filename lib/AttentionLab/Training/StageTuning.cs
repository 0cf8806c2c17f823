using AttentionLab.Core;
using AttentionLab.Imaging;
using AttentionLab.Models;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace AttentionLab.Training;

/// <summary>Trains a head together with the last layers of its backbone, each time from the same start.</summary>
internal sealed class StageTuning : IDisposable
{
    private readonly TrainedNetwork _network;
    private readonly Backbone _backbone;
    private readonly PhotographFeatures _photographs;
    private readonly FineTuning _options;
    private readonly Action<int> _advance;
    private readonly (Parameter Weight, Tensor Start)[] _stage;
    private readonly (Parameter Weight, bool Learns)[] _before;

    /// <param name="network">Gives the preprocessing.</param>
    /// <param name="backbone">Its last layers are trained.</param>
    /// <param name="photographs">The photographs that rows count, with their labels.</param>
    /// <param name="options">How.</param>
    /// <param name="advance">Receives how many photographs are done with, time and again.</param>
    /// <exception cref="ArgumentException">There is no last stage, no such layer, or the layers have no weights.</exception>
    public StageTuning(
        TrainedNetwork network,
        Backbone backbone,
        PhotographFeatures photographs,
        FineTuning options,
        Action<int> advance
    )
    {
        (_network, _backbone, _photographs, _options, _advance) = (network, backbone, photographs, options, advance);
        Layers = LayersOf(network, backbone, options);
        _before = [.. backbone.Module.parameters().Select(weight => (weight, weight.requires_grad))];
        _stage =
        [
            .. backbone
                .Module.named_parameters()
                .Where(weight => weight.parameter.is_floating_point() && Layers.Any(layer => IsOf(weight.name, layer)))
                .Select(weight => (weight.parameter, weight.parameter.detach().clone().DetachFromDisposeScope())),
        ];
        if (_stage.Length == 0)
        {
            throw new ArgumentException($"The layers {Excerpt.Of(Layers)} have no weights to learn.", nameof(options));
        }
    }

    /// <summary>The layers that learn.</summary>
    public IReadOnlyList<string> Layers { get; }

    /// <summary>Trains from the start again.</summary>
    /// <param name="head">As solved on the same photographs; it learns on.</param>
    /// <param name="rows">The photographs to learn from.</param>
    /// <param name="random">Decides their order and which are mirrored.</param>
    /// <param name="cancellationToken">Stops between two steps.</param>
    /// <returns>The head on the backbone, in evaluation mode.</returns>
    /// <exception cref="InvalidDataException">The loss became infinite or NaN.</exception>
    public HeadedNetwork Fit(Linear head, long[] rows, RandomStream random, CancellationToken cancellationToken)
    {
        Restart();
        var network = new HeadedNetwork(_backbone, head);
        network.eval(); // normalisations keep their statistics
        Freeze();
        using optim.Optimizer optimizer = optim.AdamW(
            [.. _stage.Select(each => each.Weight), .. head.parameters()],
            _options.LearningRate,
            weight_decay: _options.WeightDecay
        );
        long[] order = [.. rows];
        for (int epoch = 0; epoch < _options.Epochs; epoch++)
        {
            random.Shuffle(order.AsSpan());
            foreach (long[] batch in order.Chunk(Math.Min(_options.BatchSize, _network.AtOnce)))
            {
                cancellationToken.ThrowIfCancellationRequested();
                Step(network, optimizer, batch, [.. batch.Select(_ => _options.HorizontalFlip && random.Chance(0.5))]);
                _advance(batch.Length);
            }
        }

        optimizer.zero_grad();
        return network;
    }

    /// <summary>The probability of each class, one row for each photograph, float64; the caller disposes it.</summary>
    public Tensor ProbabilitiesOf(HeadedNetwork network, long[] rows, CancellationToken cancellationToken)
    {
        using DisposeScope scope = NewDisposeScope();
        using IDisposable noGradients = no_grad();
        var parts = new List<Tensor>();
        foreach (long[] part in rows.Chunk(_network.AtOnce))
        {
            cancellationToken.ThrowIfCancellationRequested();
            parts.Add(ForwardPass.Of(network, InputOf(part)).to(ScalarType.Float64).softmax(1).cpu());
            _advance(part.Length);
        }

        return cat(parts).MoveToOuterDisposeScope();
    }

    /// <summary>Gives the backbone's weights the requirement of gradients that they had.</summary>
    public void Dispose()
    {
        foreach ((Parameter weight, bool learns) in _before)
        {
            weight.requires_grad = learns;
        }

        foreach ((_, Tensor start) in _stage)
        {
            start.Dispose();
        }
    }

    private void Step(HeadedNetwork network, optim.Optimizer optimizer, long[] batch, bool[] mirrored)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor input = InputOf(batch);
        input = stack([.. mirrored.Select((mirror, i) => mirror ? input[i].flip(2) : input[i])]);
        Tensor labels = tensor([.. batch.Select(row => (long)_photographs.Labels[row])]).to(_network.Device);
        using IDisposable gradients = enable_grad();
        Tensor loss = nn.functional.cross_entropy(ForwardPass.Of(network, input), labels);
        if (!loss.isfinite().item<bool>())
        {
            throw new InvalidDataException(
                $"Fine-tuning diverged: the loss is {loss.item<float>()}. Take a smaller learning rate than {_options.LearningRate}."
            );
        }

        optimizer.zero_grad();
        loss.backward();
        optimizer.step();
    }

    private Tensor InputOf(long[] rows) => _network.ToInput([.. rows.Select(row => ImageFile.Load(_photographs.Files[row]))]);

    private void Restart()
    {
        using IDisposable noGradients = no_grad();
        foreach ((Parameter weight, Tensor start) in _stage)
        {
            weight.copy_(start);
        }
    }

    private void Freeze()
    {
        foreach ((Parameter weight, _) in _before)
        {
            weight.requires_grad = false;
        }

        foreach ((Parameter weight, _) in _stage)
        {
            weight.requires_grad = true;
        }
    }

    private static IReadOnlyList<string> LayersOf(TrainedNetwork network, Backbone backbone, FineTuning options)
    {
        if (options.Layers.Count > 0)
        {
            string[] paths = [.. ModulePaths.Of(backbone.Module).Select(part => part.Path)];
            return [.. options.Layers.SelectMany(layer => ModulePaths.Match(layer, paths)).Distinct()];
        }

        using Tensor picture = NetworkProbe.PictureFor(network.Preprocessing, network.Device);
        return LastStage.Of(backbone.Module, picture);
    }

    private static bool IsOf(string weight, string layer) => weight.StartsWith($"{layer}.", StringComparison.Ordinal);
}
