using AttentionLab.Explain;
using AttentionLab.Figures;

namespace AttentionLab.Cookbook.Methods;

internal sealed class CoverPartByPart : Recipe
{
    public override string Name => "Cover part by part";

    public override string Sentence => "Covers a window of the picture at each place and maps by how much the score falls.";

    protected override void Execute()
    {
        Explanation fine = new Occlusion { Window = 6, Stride = 2 }
            .Explain(model, input)
            .Single();
        Explanation coarse = new Occlusion { Window = 12, Stride = 4 }
            .Explain(model, input)
            .Single();

        display(new MethodGrid(["6×6 window", "12×12 window"], ImageWithMaps.Of(data.Test, [0, 1, 2], fine, coarse)));
    }
}
