using AttentionLab.Core;
using AttentionLab.Models;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace AttentionLab.Training;

/// <summary>Learns heads on a backbone's features, and fine-tunes the backbone with them if asked to.</summary>
internal sealed class HeadLearner : IDisposable
{
    private readonly TrainedNetwork _network;
    private readonly Backbone _backbone;
    private readonly Tensor _features,
        _labels;
    private readonly int _classes;
    private readonly LinearHeadOptions _options;
    private readonly StageTuning? _tuning;
    private bool _isKept;

    public HeadLearner(
        TrainedNetwork network,
        Backbone backbone,
        PhotographFeatures photographs,
        int classes,
        LinearHeadOptions options,
        Action<int> advance
    )
    {
        (_network, _classes, _options) = (network, classes, options);
        _features = tensor(
                [.. photographs.Values.SelectMany(row => row)],
                [photographs.Values.Length, photographs.Values[0].Length]
            )
            .to(ScalarType.Float64);
        _labels = tensor([.. photographs.Labels.Select(label => (long)label)]);
        Copied = options.FineTuning is null ? null : backbone.Copy();
        _backbone = Copied ?? backbone;
        try
        {
            _tuning = options.FineTuning is { } tuning ? new StageTuning(network, _backbone, photographs, tuning, advance) : null;
        }
        catch
        {
            Copied?.Module.Dispose();
            throw;
        }
    }

    /// <summary>The layers of the backbone that learn.</summary>
    public IReadOnlyList<string> TunedLayers => _tuning?.Layers ?? [];

    private Backbone? Copied { get; }

    /// <summary>Learns from some photographs and gives the classes' probabilities of others, in the current dispose
    /// scope.</summary>
    public Tensor Judge(long[] outside, long[] inside, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        using DisposeScope scope = NewDisposeScope();
        (Tensor weight, Tensor bias) = Solve(outside, cancellationToken);
        if (_tuning is null)
        {
            return (_features.index_select(0, tensor(inside)).mm(weight.t()) + bias).softmax(1).MoveToOuterDisposeScope();
        }

        using Linear head = HeadOf(weight, bias);
        HeadedNetwork tuned = _tuning.Fit(head, outside, new RandomStream(_options.Seed, inside[0] + 1), cancellationToken);
        Tensor shares = _tuning.ProbabilitiesOf(tuned, inside, cancellationToken).MoveToOuterDisposeScope();
        tuned.Release();
        return shares;
    }

    /// <summary>Learns from all photographs.</summary>
    /// <returns>The head on its backbone, in evaluation mode; it belongs to the caller.</returns>
    public HeadedNetwork Fit(CancellationToken cancellationToken)
    {
        using DisposeScope scope = NewDisposeScope();
        long[] all = [.. Enumerable.Range(0, (int)_labels.shape[0]).Select(row => (long)row)];
        (Tensor weight, Tensor bias) = Solve(all, cancellationToken);
        Linear head = HeadOf(weight, bias);
        scope.Detach(head.parameters());
        HeadedNetwork network = _tuning is null
            ? new HeadedNetwork(_backbone, head)
            : _tuning.Fit(head, all, new RandomStream(_options.Seed), cancellationToken);
        network.eval();
        _isKept = true;
        return network;
    }

    /// <summary>Ends fine-tuning, and drops the copy of the backbone unless all were learned from.</summary>
    public void Dispose()
    {
        _tuning?.Dispose();
        if (!_isKept)
        {
            Copied?.Module.Dispose();
        }
    }

    private (Tensor Weight, Tensor Bias) Solve(long[] rows, CancellationToken cancellationToken)
    {
        using Tensor chosen = tensor(rows);
        return LogisticRegression.Fit(
            _features.index_select(0, chosen),
            _labels.index_select(0, chosen),
            _classes,
            _options.Regularization,
            cancellationToken
        );
    }

    private Linear HeadOf(Tensor weight, Tensor bias)
    {
        Linear head = nn.Linear(weight.shape[1], weight.shape[0]);
        using (no_grad())
        {
            head.weight.copy_(weight);
            head.bias!.copy_(bias);
        }

        return head.to(_network.Device);
    }
}
