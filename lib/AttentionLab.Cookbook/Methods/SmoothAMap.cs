using AttentionLab.Explain;
using AttentionLab.Figures;

namespace AttentionLab.Cookbook.Methods;

internal sealed class SmoothAMap : Recipe
{
    public override string Name => "Smooth a map";

    public override string Sentence => "Averages the maps of flipped and zoomed versions of each picture.";

    protected override void Execute()
    {
        var options = new ExplanationOptions { Smoothing = new TestTimeSmoothing() };
        Explanation plain = new HiResCam().Explain(model, input).Single();
        Explanation smooth = new HiResCam().Explain(model, input, options).Single();

        display(new MethodGrid(["hires-cam", "smoothed"], ImageWithMaps.Of(data.Test, [0, 1, 2], plain, smooth)));
    }
}
