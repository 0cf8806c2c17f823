using AttentionLab.Models;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace AttentionLab.Explain;

/// <summary>Which layers output attention: the shares in which each token takes from the others.</summary>
internal static class AttentionLayers
{
    /// <summary>
    /// The softmax modules of a model, but for one at its end, which turns logits into probabilities. Judged without a pass.
    /// </summary>
    public static IReadOnlyList<string> Of(nn.Module model)
    {
        (string Path, nn.Module Module)[] parts = [.. ModulePaths.Of(model)];
        return
        [
            .. parts
                .Where((part, i) => part.Module is Softmax or OperatorModule { Operator: "Softmax" } && i < parts.Length - 1)
                .Select(part => part.Path),
        ];
    }

    /// <summary>
    /// Whether an output can be attention: three or more dimensions, no value below 0, and rows that add up to 1, to rounding.
    /// </summary>
    public static bool IsAttention(Tensor output)
    {
        using var scope = TorchSharp.torch.NewDisposeScope();
        if (output.dim() < 3 || !output.is_floating_point() || (output < 0).any().item<bool>())
        {
            return false;
        }

        double rounding = 2 * Rounding.Of(output.shape[^1] + 8, output.dtype); // each share, the sum, and the quotient's steps
        return (output.InDouble().sum(-1) - 1).abs().max().item<double>() <= rounding;
    }

    /// <summary>Why there is nothing to follow in a model.</summary>
    public static string NoneIn(nn.Module model) =>
        $"{model.GetType().Name} has no softmax module that outputs attention, heads × tokens × tokens, as transformers such as "
        + "ViT have. If its code computes attention, make the softmax a module (Softmax(-1)) and call it with call: a function "
        + "cannot be hooked.";
}
