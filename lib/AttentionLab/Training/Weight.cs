using TorchSharp.Modules;
using static TorchSharp.torch;

namespace AttentionLab.Training;

/// <summary>A weight of a network as training sees it.</summary>
/// <param name="Master">What the optimizer moves.</param>
/// <param name="Working">What the network computes with, and where its gradient arrives: the same object, or a copy in less
/// precision.</param>
internal readonly record struct Weight(Tensor Master, Parameter Working)
{
    /// <summary>A network's parameters as they are, in their order.</summary>
    public static Weight[] Of(nn.Module model) => [.. model.parameters().Select(p => new Weight(p, p))];
}
