using static TorchSharp.torch;

namespace AttentionLab.Models;

/// <summary>
/// Asks a backbone for its features: what goes into its last linear layer, which runs on and is not looked at. Its hook comes
/// before all later ones on that layer, so that what they make of the layer does not reach the features. Disposal removes it; the
/// backbone stays.
/// </summary>
internal sealed class FeatureExtractor : IDisposable
{
    private readonly Backbone _backbone;
    private readonly Action? _remove;
    private bool _listens;
    private Tensor? _seen;

    public FeatureExtractor(Backbone backbone)
    {
        _backbone = backbone;
        if (backbone.Last is { } last)
        {
            var hook = last.register_forward_pre_hook((_, input) => Keep(input));
            _remove = hook.remove;
        }
    }

    /// <summary>The pictures' features, N×C, which the caller disposes.</summary>
    /// <exception cref="InvalidOperationException">The network did not call its last layer.</exception>
    public Tensor Of(Tensor input)
    {
        if (_remove is null)
        {
            return _backbone.Module.call(input);
        }

        _listens = true;
        try
        {
            using Tensor replaced = _backbone.Module.call(input);
        }
        finally
        {
            _listens = false;
        }

        Tensor? seen = _seen;
        _seen = null;
        return seen
            ?? throw new InvalidOperationException(
                $"{_backbone.Module.GetName()} did not call its layer {_backbone.LastLayer} for an input of "
                    + $"{string.Join('×', input.shape)}."
            );
    }

    public void Dispose() => _remove?.Invoke();

    private Tensor Keep(Tensor input)
    {
        if (_listens)
        {
            _seen?.Dispose();
            _seen = input.alias().DetachFromDisposeScope(); // the network's own scopes end before it is used
        }

        return input;
    }
}
