using static TorchSharp.torch;

namespace AttentionLab.Explain;

/// <summary>Replaces a layer's derivative in the backward pass.</summary>
/// <param name="use">The layer, and what went in and came out.</param>
/// <param name="gradient">What arrives at its output, of the output's shape.</param>
/// <returns>What is passed on to its input, of the input's shape.</returns>
internal delegate Tensor BackwardRule(LayerUse use, Tensor gradient);
