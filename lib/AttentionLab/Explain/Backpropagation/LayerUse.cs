using TorchSharp;
using static TorchSharp.torch;

namespace AttentionLab.Explain;

/// <summary>One use of a layer in a pass: what went in and what came out, without a graph.</summary>
/// <param name="Layer">The layer, or one that stands for a function the model's code calls.</param>
/// <param name="Input">A copy, which an in-place layer has not overwritten.</param>
/// <param name="Output">A copy.</param>
internal sealed record LayerUse(nn.Module<Tensor, Tensor> Layer, Tensor Input, Tensor Output)
{
    /// <summary>The ordinary backward pass: the gradient at the input for one at the output.</summary>
    public Tensor Backward(Tensor gradient) => Backward(Layer.forward, Input, gradient);

    /// <summary>Of a function: Jᵀ·g, J its Jacobian at x and g the gradient at its output.</summary>
    public static Tensor Backward(Func<Tensor, Tensor> function, Tensor x, Tensor gradient)
    {
        using DisposeScope scope = NewDisposeScope();
        using IDisposable gradients = enable_grad();
        Tensor leaf = x.detach().clone().requires_grad_();
        Tensor output = function(leaf + 0); // a leaf may not be overwritten in place
        if (!output.requires_grad)
        {
            return zeros_like(x).MoveToOuterDisposeScope();
        }

        autograd.backward([output], [gradient], inputs: [leaf]);
        return (leaf.grad ?? zeros_like(x)).MoveToOuterDisposeScope();
    }
}
