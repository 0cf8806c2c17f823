using AttentionLab.Data;
using AttentionLab.Figures;

namespace AttentionLab.Cookbook.Data;

internal sealed class BuiltInPictures : Recipe
{
    public override string Name => "Built-in pictures";

    public override string Sentence =>
        "Draws the built-in picture set from a seed: ten classes of shapes, 32×32 pixels, no download.";

    protected override void Execute()
    {
        DataSet shapes = ShapeSet.Create(train: 100, test: 20, seed: 0);
        LabeledImages ten = shapes.Test.Take(10);

        display(
            new ImageGrid([.. ten.Select(test => test.Picture)], [.. ten.Select(test => test.ClassName)])
            {
                Columns = 5,
                Title = $"{ten.Count} of {shapes.Test.Count} test pictures",
            }
        );
    }
}
