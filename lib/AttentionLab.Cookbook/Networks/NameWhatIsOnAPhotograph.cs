using AttentionLab.Models;

namespace AttentionLab.Cookbook.Networks;

internal sealed class NameWhatIsOnAPhotograph : Recipe
{
    public override string Name => "Name what is on a photograph";

    public override string Sentence => "Asks a network about a picture file of any size.";

    protected override void Execute()
    {
        Prediction answer = network.Predict(photo);

        display($"most probable: {answer.Best}");
        display(answer.Top(3));
    }
}
