using TorchSharp;
using static TorchSharp.torch;

namespace AttentionLab.Training;

/// <summary>A copy of a network's weights and buffers as they were after its best epoch.</summary>
internal sealed class BestWeights : IDisposable
{
    private readonly nn.Module _model;
    private readonly Dictionary<string, Tensor> _best;

    /// <summary>Begins with the weights as they are.</summary>
    public BestWeights(nn.Module model)
    {
        _model = model;
        using IDisposable noGradients = no_grad();
        _best = model
            .state_dict()
            .ToDictionary(entry => entry.Key, entry => entry.Value.detach().clone().DetachFromDisposeScope());
    }

    /// <summary>The copies, by the names of the state dict.</summary>
    public IReadOnlyDictionary<string, Tensor> State => _best;

    /// <summary>Copies the network's weights.</summary>
    public void Keep() => Copy(from: _model.state_dict(), to: _best);

    /// <summary>Gives the network the copy's weights.</summary>
    public void Restore() => Copy(from: _best, to: _model.state_dict());

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (Tensor tensor in _best.Values)
        {
            tensor.Dispose();
        }
    }

    private static void Copy(Dictionary<string, Tensor> from, Dictionary<string, Tensor> to)
    {
        using IDisposable noGradients = no_grad();
        using DisposeScope scope = NewDisposeScope();
        foreach ((string name, Tensor target) in to)
        {
            target.copy_(from[name]);
        }
    }
}
