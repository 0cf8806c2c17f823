using static TorchSharp.torch;

namespace AttentionLab.Explain;

/// <summary>What one use of a layer output.</summary>
/// <param name="Value">The output, without a graph.</param>
/// <param name="Probe">The zeros that were added to it, a leaf of the graph; null once the pass is over or when no gradient is
/// wanted.</param>
/// <param name="Gradient">The score's gradient with respect to the output, when asked for.</param>
/// <param name="Turn">How many uses of layers asked for ran before it in the pass.</param>
internal sealed record Capture(Tensor Value, Tensor? Probe, Tensor? Gradient = null, int Turn = 0);
