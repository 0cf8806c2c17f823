using AttentionLab.Models;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace AttentionLab.Explain;

/// <summary>Which layers are activations, ReLU and its relatives, to rules that name ReLU.</summary>
internal static class ActivationLayers
{
    private static readonly HashSet<string> Operators =
    [
        "Relu",
        "LeakyRelu",
        "PRelu",
        "ThresholdedRelu",
        "Elu",
        "Celu",
        "Selu",
        "Gelu",
        "QuickGelu",
        "HardSwish",
        "Swish",
        "Mish",
        "Softplus",
    ];

    /// <summary>Whether a layer is ReLU or a smooth or leaky relative: close to 0 below 0, and to x above.</summary>
    public static bool IsRectifier(nn.Module layer) =>
        layer
            is ReLU
                or ReLU6
                or LeakyReLU
                or PReLU
                or RReLU
                or ELU
                or CELU
                or SELU
                or GELU
                or SiLU
                or Hardswish
                or Mish
                or Softplus
        || (layer is OperatorModule node && Operators.Contains(node.Operator));

    /// <summary>Whether a layer is an activation of another kind, to which rules that name ReLU do not apply.</summary>
    public static bool IsOtherActivation(nn.Module layer) =>
        layer is Tanh or Hardtanh or Softsign or Tanhshrink or Softshrink or Hardshrink or LogSigmoid or Threshold or GLU
        || layer is OperatorModule { Operator: "Tanh" or "Softsign" or "Shrink" or "Sin" or "Cos" };

    /// <summary>Whether a layer acts on each value by itself.</summary>
    public static bool IsElementwise(nn.Module layer) =>
        IsRectifier(layer)
        || (IsOtherActivation(layer) && layer is not GLU)
        || layer is Sigmoid or Hardsigmoid or OperatorModule { Operator: "Sigmoid" or "HardSigmoid" or "Clip" };
}
