using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace AttentionLab.Tests.Explain;

/// <summary>Built of a function, with parts to be named.</summary>
internal sealed class Composed : Module<Tensor, Tensor>
{
    private readonly Func<Tensor, Tensor> _forward;

    public Composed(Func<Tensor, Tensor> forward, params (string Name, Module Part)[] parts)
        : base(nameof(Composed))
    {
        _forward = forward;
        foreach ((string name, Module part) in parts)
        {
            register_module(name, part);
        }
    }

    public override Tensor forward(Tensor input) => _forward(input);
}
