using AttentionLab.Figures;
using AttentionLab.Imaging;

namespace AttentionLab.Cookbook.Data;

internal sealed class ObjectMasks : Recipe
{
    public override string Name => "Object masks";

    public override string Sentence => "Shows which pixels belong to the object; a heat map can be judged by them.";

    protected override void Execute()
    {
        Image MaskOf(int index)
        {
            byte[] mask = data.Test.MaskOf(index).ToArray();
            return Image.FromPlanes(32, 32, [.. mask, .. mask, .. mask]);
        }

        display(new ImageGrid([.. new[] { 0, 1, 2 }.SelectMany(i => new[] { data.Test.PictureOf(i), MaskOf(i) })]));
    }
}
