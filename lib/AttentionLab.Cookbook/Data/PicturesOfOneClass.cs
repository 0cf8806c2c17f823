using AttentionLab.Data;
using AttentionLab.Figures;

namespace AttentionLab.Cookbook.Data;

internal sealed class PicturesOfOneClass : Recipe
{
    public override string Name => "Pictures of one class";

    public override string Sentence => "Finds the pictures of a class by its name.";

    protected override void Execute()
    {
        int heart = data.ClassNames.ToList().IndexOf("heart");
        LabeledImages hearts = data.Train.Select(data.Train.IndicesOf(heart)).Take(8);

        display(new ImageGrid([.. hearts.Select(train => train.Picture)]) { Title = hearts.Name });
    }
}
