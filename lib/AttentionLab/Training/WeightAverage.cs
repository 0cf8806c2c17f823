using TorchSharp;
using static TorchSharp.torch;

namespace AttentionLab.Training;

/// <summary>
/// An exponential moving average of a network's weights and of its buffers, a ← d·a + (1 − d)·w after each step; it begins with
/// the weights after the first step. Whole numbers, such as BatchNorm's counts, are copied.
/// </summary>
internal sealed class WeightAverage : IDisposable
{
    private readonly nn.Module _model;
    private readonly double _decay;
    private readonly (string Name, Tensor Value)[] _average;

    /// <summary>Prepares to average.</summary>
    /// <param name="model">The network, in float32.</param>
    /// <param name="decay">d, in (0, 1).</param>
    public WeightAverage(nn.Module model, double decay)
    {
        (_model, _decay) = (model, decay);
        using IDisposable noGradients = no_grad();
        _average =
        [
            .. Parts(model.parameters())
                .Zip(
                    model.named_parameters().Select(p => p.name).Concat(model.named_buffers().Select(b => b.name)),
                    (tensor, name) => (name, tensor.detach().clone().DetachFromDisposeScope())
                ),
        ];
    }

    /// <summary>The average of each weight and buffer by its name.</summary>
    public IEnumerable<(string Name, Tensor Value)> State => _average;

    /// <summary>Takes the weights after a step into the average.</summary>
    /// <param name="weights">The network's, in its parameters' order.</param>
    /// <param name="isFirst">Whether it was the first step: the average begins with it.</param>
    public void Update(IReadOnlyList<Weight> weights, bool isFirst)
    {
        using IDisposable noGradients = no_grad();
        using DisposeScope scope = NewDisposeScope();
        foreach ((Tensor now, (_, Tensor average)) in Parts(weights.Select(w => w.Master)).Zip(_average))
        {
            if (isFirst || !average.is_floating_point())
            {
                average.copy_(now);
            }
            else
            {
                average.mul_(_decay).add_(now, 1 - _decay);
            }
        }
    }

    /// <summary>Puts the average into the network and the network's weights here; a second call puts both back.</summary>
    public void Swap()
    {
        using IDisposable noGradients = no_grad();
        using DisposeScope scope = NewDisposeScope();
        foreach ((Tensor now, (_, Tensor average)) in Parts(_model.parameters()).Zip(_average))
        {
            Tensor kept = now.detach().clone();
            now.copy_(average);
            average.copy_(kept);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach ((_, Tensor value) in _average)
        {
            value.Dispose();
        }
    }

    private IEnumerable<Tensor> Parts(IEnumerable<Tensor> parameters) =>
        parameters.Concat(_model.named_buffers().Select(buffer => buffer.buffer));
}
