using AttentionLab.Models;
using static TorchSharp.torch;

namespace AttentionLab.Explain;

/// <summary>
/// Hooks before and after every part of a model that takes one tensor to one tensor, each of which may replace the tensor.
/// Disposal removes them.
/// </summary>
internal sealed class PassHooks : IDisposable
{
    private readonly List<Action> _removals = [];

    /// <param name="model">Stays the caller's.</param>
    /// <param name="enter">From a part and what goes into it to what it takes.</param>
    /// <param name="leave">From a part and its output to what the model goes on with.</param>
    public PassHooks(
        nn.Module model,
        Func<nn.Module<Tensor, Tensor>, Tensor, Tensor> enter,
        Func<nn.Module<Tensor, Tensor>, Tensor, Tensor> leave
    )
    {
        foreach (
            nn.Module<Tensor, Tensor> part in ModulePaths
                .Of(model)
                .Select(each => each.Module)
                .OfType<nn.Module<Tensor, Tensor>>()
        )
        {
            var entering = part.register_forward_pre_hook((layer, input) => enter(layer, input));
            var leaving = part.register_forward_hook((layer, _, output) => leave(layer, output));
            _removals.AddRange([entering.remove, leaving.remove]);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _removals.ForEach(remove => remove());
        _removals.Clear();
    }
}
