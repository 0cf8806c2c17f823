using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace AttentionLab.Tests.Explain;

/// <summary>
/// A vision transformer of two blocks for 3×8×8 pictures and three classes: four patches of 4×4 pixels behind a class token, two
/// heads of four channels, attention by a softmax module.
/// </summary>
internal sealed class SmallTransformer : Module<Tensor, Tensor>
{
    private const int Width = 8;

    public readonly Conv2d patches;
    public readonly Embedding token;
    public readonly Embedding position;
    public readonly Block block0;
    public readonly Block block1;
    public readonly Linear head;

    public SmallTransformer()
        : base(nameof(SmallTransformer))
    {
        patches = Conv2d(3, Width, kernel_size: 4, stride: 4);
        token = Embedding(1, Width);
        position = Embedding(5, Width);
        block0 = new Block();
        block1 = new Block();
        head = Linear(Width, 3);
        RegisterComponents();
    }

    public override Tensor forward(Tensor input)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor places = patches.call(input).flatten(2).transpose(1, 2);
        Tensor x = cat([token.weight!.expand(input.shape[0], 1, Width), places], 1) + position.weight!;
        return head.call(block1.call(block0.call(x))[.., 0]).MoveToOuterDisposeScope();
    }

    public sealed class Block : Module<Tensor, Tensor>
    {
        public readonly Linear qkv;
        public readonly Softmax softmax;
        public readonly Linear projection;
        public readonly Linear mlp;

        public Block()
            : base(nameof(Block))
        {
            qkv = Linear(Width, 3 * Width);
            softmax = Softmax(-1);
            projection = Linear(Width, Width);
            mlp = Linear(Width, Width);
            RegisterComponents();
        }

        public override Tensor forward(Tensor x)
        {
            using DisposeScope scope = NewDisposeScope();
            Tensor parts = qkv.call(x).reshape(x.shape[0], x.shape[1], 3, 2, Width / 2).permute(2, 0, 3, 1, 4); // 3×N×heads×T×4
            Tensor attention = softmax.call(einsum("nhic,nhjc->nhij", parts[0], parts[1]) / 2); // √4
            Tensor mixed = einsum("nhij,nhjc->nihc", attention, parts[2]).reshape(x.shape);
            Tensor after = x + projection.call(mixed);
            return (after + mlp.call(after.tanh())).MoveToOuterDisposeScope();
        }
    }
}
