using static TorchSharp.torch;

namespace AttentionLab.Explain;

/// <summary>What a method makes its maps of: the pictures, and what the layers put out for them.</summary>
internal sealed record ExplanationPass(nn.Module<Tensor, Tensor> Model, Tensor Input, LayerActivations Activations, TargetScore Score, ExplanationOptions Options);
