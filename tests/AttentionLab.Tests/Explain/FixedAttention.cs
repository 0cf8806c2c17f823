using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace AttentionLab.Tests.Explain;

/// <summary>
/// A transformer small enough to work out by hand: tokens are numbers, leading ones of 1 and then the pixels; block l adds Aₗ·x
/// to the tokens x, with attention A that is given; y₀ is the mean of some tokens, y₁ = −y₀.
/// </summary>
internal sealed class FixedAttention : Module<Tensor, Tensor>
{
    public readonly ModuleList<Softmax> attention;
    private readonly double[][,] _shares;
    private readonly int _leading;
    private readonly int[] _read;

    /// <param name="shares">Aₗ of each block, T×T; its softmax takes their logarithms.</param>
    /// <param name="leading">How many leading tokens there are.</param>
    /// <param name="read">The tokens whose mean is y₀.</param>
    /// <param name="softmaxes">How many modules the blocks take in turn, the last one first.</param>
    public FixedAttention(double[][,] shares, int leading, int[] read, int softmaxes)
        : base(nameof(FixedAttention))
    {
        (_shares, _leading, _read) = (shares, leading, read);
        attention = ModuleList([.. Enumerable.Range(0, softmaxes).Select(_ => Softmax(-1))]);
        RegisterComponents();
        register_module("last", Identity());
    }

    public override Tensor forward(Tensor input)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor x = cat([ones([input.shape[0], _leading], input.dtype), input.flatten(1)], 1);
        for (int l = 0; l < _shares.Length; l++)
        {
            Softmax softmax = attention[attention.Count - 1 - (l % attention.Count)];
            Tensor scores = tensor(_shares[l]).to(input.dtype).log().expand(input.shape[0], 1, x.shape[1], x.shape[1]);
            x = x + softmax.call(scores).squeeze(1).bmm(x.unsqueeze(2)).squeeze(2);
        }

        Tensor y = x.index_select(1, tensor([.. _read.Select(token => (long)token)])).mean([1], keepdim: true);
        return cat([y, -y], 1).MoveToOuterDisposeScope();
    }
}
