using System.Runtime.CompilerServices;
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

    /// <summary>Whether anyone's hook stands on a part of a model.</summary>
    public static bool Any(nn.Module<Tensor, Tensor> part) =>
        Registered<Func<nn.Module<Tensor, Tensor>, Tensor, Tensor>, Func<nn.Module<Tensor, Tensor>, Tensor, Tensor, Tensor>>.Any(
            part
        );

    public void Dispose()
    {
        _hooks.ForEach(hook => hook.remove());
        _hooks.Clear();
    }

    // TorchSharp keeps its hooks for classes that derive from its own.
    private static class Registered<TBefore, TAfter>
        where TBefore : Delegate
        where TAfter : Delegate
    {
        public static bool Any(nn.HookableModule<TBefore, TAfter> part) =>
            Before(part).Count + After(part).Count + AnyBefore(part).Count + AnyAfter(part).Count > 0;

        [UnsafeAccessor(UnsafeAccessorKind.Field, Name = "pre_hooks")]
        private static extern ref Dictionary<string, TBefore> Before(nn.HookableModule<TBefore, TAfter> part);

        [UnsafeAccessor(UnsafeAccessorKind.Field, Name = "post_hooks")]
        private static extern ref Dictionary<string, TAfter> After(nn.HookableModule<TBefore, TAfter> part);

        [UnsafeAccessor(UnsafeAccessorKind.Field, Name = "module_pre_hooks")]
        private static extern ref Dictionary<string, Action<nn.Module>> AnyBefore(nn.HookableModule<TBefore, TAfter> part);

        [UnsafeAccessor(UnsafeAccessorKind.Field, Name = "module_post_hooks")]
        private static extern ref Dictionary<string, Action<nn.Module>> AnyAfter(nn.HookableModule<TBefore, TAfter> part);
    }
}
