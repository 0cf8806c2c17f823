using AttentionLab.Explain;
using AttentionLab.Figures;
using AttentionLab.Imaging;

namespace AttentionLab.Cookbook.Figures;

internal sealed class MapOverAPicture : Recipe
{
    public override string Name => "A map over a picture";

    public override string Sentence => "Lays a map over a photograph of any size, on the part of it that the network saw.";

    protected override void Execute()
    {
        Image shape = ImageFile.Load(photo);
        Explanation explanation = new GradCam().Explain(network, shape);

        display(explanation.Over(shape));
    }
}
