using AttentionLab.Core;
using AttentionLab.Evaluate;
using AttentionLab.Explain;
using AttentionLab.Tests.Explain;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace AttentionLab.Tests.Evaluate;

/// <summary>Models and maps small enough to work out by hand.</summary>
internal static class Trials
{
    /// <summary>
    /// Two logits, Σ wᵢ·xᵢ over the pixels and 0: the first class's probability is <see cref="Sigmoid"/> of the sum.
    /// </summary>
    public static nn.Module<Tensor, Tensor> Linear(params float[] weights)
    {
        Linear fc = nn.Linear(weights.Length, 2);
        using IDisposable frozen = no_grad();
        using var scope = NewDisposeScope();
        fc.weight.copy_(tensor([.. weights, .. new float[weights.Length]], [2, weights.Length]));
        fc.bias!.zero_();
        return new Composed(x => fc.call(x.flatten(1)), ("fc", fc));
    }

    public static double Sigmoid(double x) => 1 / (1 + Math.Exp(-x));

    /// <summary>A trial of a map made by hand, for the first class.</summary>
    public static EvaluationTrial Of(
        nn.Module<Tensor, Tensor> model,
        Tensor picture,
        Heatmap map,
        byte[]? mask = null,
        int explained = 0
    )
    {
        using var scope = NewDisposeScope();
        float[] logits = model.call(picture).detach().data<float>().ToArray();
        return new EvaluationTrial(
            new CentredBlob(),
            model,
            picture,
            new Explanation
            {
                Method = "by hand",
                Layer = "input",
                Target = "class 0",
                Classes = [explained],
                Predictions = [0],
                Logits = new[,]
                {
                    { logits[0], logits[1] },
                },
                Maps = [map],
            },
            mask is null ? null : [mask]
        );
    }
}
