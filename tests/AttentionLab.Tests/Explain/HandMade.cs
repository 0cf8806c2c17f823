using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace AttentionLab.Tests.Explain;

/// <summary>
/// Two 1×1 convolution channels, ReLU, and a linear layer on a 1×1×2×2 picture, small enough to work out by hand:
/// A₀ = x, A₁ = −x + 3; logits y₀ = 1·A₀[0,0] + 2·A₀[0,1] − 1·A₁[0,0], y₁ = Σ A₁, of A after the ReLU.
/// </summary>
internal sealed class HandMade : Module<Tensor, Tensor>
{
    public readonly Conv2d conv;
    public readonly ReLU relu;
    public readonly Linear fc;

    public HandMade(bool inplace = false)
        : base(nameof(HandMade))
    {
        conv = Conv2d(1, 2, kernel_size: 1);
        relu = ReLU(inplace);
        fc = Linear(8, 2);
        RegisterComponents();
        using IDisposable frozen = no_grad();
        using DisposeScope scope = NewDisposeScope();
        conv.weight.copy_(tensor([1f, -1f], [2, 1, 1, 1]));
        conv.bias!.copy_(tensor([0f, 3f]));
        fc.weight.copy_(tensor([1f, 2, 0, 0, -1, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1], [2, 8]));
        fc.bias!.copy_(tensor([0f, 0f]));
    }

    /// <summary>x = [1, 2; 3, 4]: A₀ = [1, 2; 3, 4], A₁ = [2, 1; 0, −1].</summary>
    public static Tensor Picture => tensor([1f, 2, 3, 4], [1, 1, 2, 2]);

    public override Tensor forward(Tensor input)
    {
        using DisposeScope scope = NewDisposeScope();
        return fc.call(relu.call(conv.call(input)).flatten(1)).MoveToOuterDisposeScope();
    }
}
