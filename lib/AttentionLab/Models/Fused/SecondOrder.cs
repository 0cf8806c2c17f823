using static TorchSharp.torch;

namespace AttentionLab.Models;

/// <summary>Gradients that can be differentiated again, by torch's own operations.</summary>
internal static class SecondOrder
{
    /// <param name="outputs">Computed from the inputs.</param>
    /// <param name="outputGradients">Of their shapes.</param>
    /// <param name="inputs">Their gradients are wanted; null and those that require none get null.</param>
    public static IEnumerable<Tensor> Gradients(
        IList<Tensor> outputs,
        IList<Tensor> outputGradients,
        params IReadOnlyList<Tensor?> inputs
    )
    {
        Tensor[] wanted = [.. inputs.OfType<Tensor>().Where(input => input.requires_grad)];
        var gradients = new Queue<Tensor>(
            autograd.grad(outputs, wanted, outputGradients, retain_graph: true, create_graph: true)
        );
        return inputs.Select(input => input is { requires_grad: true } ? gradients.Dequeue() : null!).ToList();
    }
}
