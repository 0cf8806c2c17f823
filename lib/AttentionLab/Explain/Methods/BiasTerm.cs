using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace AttentionLab.Explain;

/// <summary>One use of a layer in a pass, and the part of its output that is not a linear map of its input.</summary>
/// <param name="Path">The layer's path.</param>
/// <param name="Bias">Of the output's shape, or one that broadcasts to it.</param>
/// <param name="Probe">Zeros that were added to the output: their gradient is the score's there.</param>
internal sealed record BiasTerm(string Path, Tensor Bias, Tensor Probe)
{
    /// <summary>Whether the output is how much places attend to places: its last two dimensions are no height and width.</summary>
    public bool IsAttention { get; init; }

    /// <summary>Whether a layer turns s·x into s times what it makes of x, for s ≥ 0: it has no bias.</summary>
    public static bool IsHomogeneous(nn.Module layer) =>
        layer
            is ReLU
                or LeakyReLU
                or MaxPool1d
                or MaxPool2d
                or MaxPool3d
                or AvgPool1d
                or AvgPool2d
                or AvgPool3d
                or AdaptiveAvgPool1d
                or AdaptiveAvgPool2d
                or AdaptiveAvgPool3d
                or AdaptiveMaxPool1d
                or AdaptiveMaxPool2d
                or AdaptiveMaxPool3d
                or Dropout
                or Dropout2d
                or Identity
                or Flatten
                or Models.ChannelMean;

    /// <summary>
    /// What a layer adds to a linear map of its input x: the bias of a convolution or linear layer, what BatchNorm outputs for
    /// zero, and of any other layer L its implicit bias L(x) − J·x, J the Jacobian at x; null where there is none, or the layer
    /// takes more than x.
    /// </summary>
    /// <param name="layer">In evaluation mode, called with forward: its hooks stay silent.</param>
    /// <param name="input">x.</param>
    /// <exception cref="InvalidOperationException">BatchNorm has no running statistics: one picture's output depends on the
    /// others.</exception>
    public static Tensor? Of(nn.Module<Tensor, Tensor> layer, Tensor input) =>
        layer switch
        {
            Models.GraphModule { RunsAlone: false } => null, // what else it takes, no hook sees
            Conv2d convolution => OfChannels(convolution.bias, input),
            ConvTranspose2d convolution => OfChannels(convolution.bias, input),
            Linear linear => linear.bias?.detach(),
            BatchNorm1d { running_mean: null } or BatchNorm2d { running_mean: null } => throw new InvalidOperationException(
                $"FullGrad needs a bias that does not depend on the other pictures; this {layer.GetType().Name} has none "
                    + "(BatchNorm without running statistics)."
            ),
            BatchNorm1d or BatchNorm2d => layer.forward(zeros_like(input)[..1]).detach(),
            _ => Implicit(layer, input),
        };

    private static Tensor? OfChannels(Tensor? bias, Tensor input) =>
        bias?.detach().reshape([-1, .. Enumerable.Repeat(1L, (int)input.dim() - 2)]);

    /// <summary>L(x) − J·x. J·x is the derivative, with respect to v, of x·(Jᵀ·v): three backward passes of the layer.</summary>
    private static Tensor Implicit(nn.Module<Tensor, Tensor> layer, Tensor input)
    {
        using DisposeScope scope = NewDisposeScope();
        using IDisposable gradients = enable_grad();
        Tensor x = input.detach().clone().requires_grad_();
        Tensor output = layer.forward(x + 0); // a leaf may not be overwritten in place
        if (!output.requires_grad)
        {
            return output.detach().MoveToOuterDisposeScope();
        }

        Tensor v = ones_like(output).requires_grad_();
        if (GradientGraph.Of((output * v).sum(), x) is { requires_grad: true } transposed)
        {
            autograd.backward([(transposed * input.detach()).sum()], inputs: [v]);
        }

        Tensor bias = v.grad is { } linear ? output.detach() - linear.detach() : output.detach();
        return bias.MoveToOuterDisposeScope();
    }
}
