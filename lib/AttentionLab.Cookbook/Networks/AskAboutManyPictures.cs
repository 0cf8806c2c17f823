using AttentionLab.Figures;
using AttentionLab.Imaging;
using AttentionLab.Models;

namespace AttentionLab.Cookbook.Networks;

internal sealed class AskAboutManyPictures : Recipe
{
    public override string Name => "Ask about many pictures";

    public override string Sentence => "Asks about a list of pictures at once and shows each with the network's answer.";

    protected override void Execute()
    {
        Image[] pictures = [.. data.Test.Take(8).Select(test => test.Picture)];
        IReadOnlyList<Prediction> answers = network.Predict(pictures);

        display(new ImageGrid(pictures, [.. answers.Select(answer => answer.Best.Name)]) { Columns = 4 });
    }
}
