using static TorchSharp.torch;

namespace AttentionLab.Models;

/// <summary>A value that is the same in every pass.</summary>
/// <param name="Name">The value's name in the file.</param>
/// <param name="Value">The elements; the prepared graph disposes them.</param>
/// <param name="IsWeight">Whether the file names it as one of the network's weights, and not as a number in a formula.</param>
internal sealed record OnnxConstant(string Name, Tensor Value, bool IsWeight);
