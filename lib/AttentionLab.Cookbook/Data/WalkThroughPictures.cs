using AttentionLab.Imaging;

namespace AttentionLab.Cookbook.Data;

internal sealed class WalkThroughPictures : Recipe
{
    public override string Name => "Walk through pictures";

    public override string Sentence => "Goes through a set like any list: each item is a picture with its class.";

    protected override void Execute()
    {
        foreach ((Image shape, int label) in data.Test.Take(5))
        {
            double brightness = shape.Rgb.Average(value => value / 255.0);
            display($"{data.ClassNames[label]}: {shape.Height}×{shape.Width}, mean brightness {brightness:f2}");
        }
    }
}
