using AttentionLab.Models;
using static TorchSharp.torch;

namespace AttentionLab.Explain;

/// <summary>
/// Forward hooks on every part of a model that takes one tensor to one tensor and has no such parts itself, with a copy of what
/// went in, which an in-place operation would have overwritten by then. Disposal removes them.
/// </summary>
internal sealed class LeafHooks : IDisposable
{
    private readonly List<Action> _removals = [];

    /// <param name="model">Stays the caller's.</param>
    /// <param name="hook">From a part's path, the part, its input and its output to what the model goes on with.</param>
    public LeafHooks(nn.Module model, Func<string, nn.Module<Tensor, Tensor>, Tensor, Tensor, Tensor> hook)
    {
        foreach ((string path, nn.Module module) in ModulePaths.Of(model))
        {
            if (module is nn.Module<Tensor, Tensor> leaf && !module.children().Any())
            {
                Tensor? before = null;
                var entering = leaf.register_forward_pre_hook(
                    (_, input) =>
                    {
                        before = input.detach().clone();
                        return input;
                    }
                );
                var leaving = leaf.register_forward_hook((part, _, output) => hook(path, part, before!, output));
                _removals.AddRange([entering.remove, leaving.remove]);
            }
        }
    }

    public void Dispose()
    {
        _removals.ForEach(remove => remove());
        _removals.Clear();
    }
}
