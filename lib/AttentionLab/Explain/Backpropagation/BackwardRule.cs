using static TorchSharp.torch;

namespace AttentionLab.Explain;

/// <summary>What takes the place of a layer's derivative on the way back.</summary>
/// <param name="use">The layer, and what went in and came out.</param>
/// <param name="gradient">What arrives at its output, of the output's shape.</param>
/// <returns>What is passed on to its input, of the input's shape.</returns>
internal delegate Tensor BackwardRule(LayerUse use, Tensor gradient);
