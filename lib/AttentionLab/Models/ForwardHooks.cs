using static TorchSharp.torch;

namespace AttentionLab.Models;

/// <summary>Forward hooks on every part of a model that takes one tensor to one tensor. Disposal removes them.</summary>
internal sealed class ForwardHooks : IDisposable
{
    private readonly List<nn.HookableModule<
        Func<nn.Module<Tensor, Tensor>, Tensor, Tensor>,
        Func<nn.Module<Tensor, Tensor>, Tensor, Tensor, Tensor>
    >.HookRemover> _hooks = [];

    /// <param name="model">Stays the caller's.</param>
    /// <param name="hook">From a part's path, the part and its output to what the model goes on with.</param>
    public ForwardHooks(nn.Module model, Func<string, nn.Module, Tensor, Tensor> hook)
    {
        foreach ((string path, nn.Module module) in ModulePaths.Of(model))
        {
            if (module is nn.Module<Tensor, Tensor> hookable)
            {
                _hooks.Add(hookable.register_forward_hook((part, _, output) => hook(path, part, output)));
            }
        }
    }

    public void Dispose()
    {
        _hooks.ForEach(hook => hook.remove());
        _hooks.Clear();
    }
}
