using static TorchSharp.torch;

namespace AttentionLab.Explain;

/// <summary>A gradient that can be differentiated again.</summary>
internal static class GradientGraph
{
    /// <summary>The gradient of a number with respect to a leaf, as a function of what it depends on; null where it is zero.</summary>
    /// <exception cref="System.Runtime.InteropServices.ExternalException">torch cannot differentiate the number.</exception>
    public static Tensor? Of(Tensor number, Tensor leaf)
    {
        // torch's `grad` ends the process where it cannot differentiate, and its `backward` throws but warns when it keeps
        // the graph: so `backward` tries, and `grad` does it.
        autograd.backward([number], retain_graph: true, inputs: [leaf]);
        return leaf.grad is null ? null : autograd.grad([number], [leaf], retain_graph: true, create_graph: true)[0];
    }
}
