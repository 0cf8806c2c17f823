using static TorchSharp.torch;

namespace AttentionLab.Models;

/// <summary>Gradients that can be differentiated again, by torch's own operations.</summary>
internal static class SecondOrder
{
    /// <param name="forward">The output, from the inputs.</param>
    /// <param name="outputGradient">Of the output's shape.</param>
    /// <param name="inputs">Their gradients are wanted; null and those that require none get null.</param>
    public static IEnumerable<Tensor> Gradients(Func<Tensor> forward, Tensor outputGradient, params Tensor?[] inputs)
    {
        Tensor[] wanted = [.. inputs.Where(input => input is { requires_grad: true }).Select(input => input!)];
        IList<Tensor> gradients = autograd.grad([forward()], wanted, [outputGradient], retain_graph: true, create_graph: true);
        int next = 0;
        return inputs.Select(input => input is { requires_grad: true } ? gradients[next++] : null!).ToList();
    }
}
