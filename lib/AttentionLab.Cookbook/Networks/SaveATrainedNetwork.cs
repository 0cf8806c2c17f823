using AttentionLab.Models;

namespace AttentionLab.Cookbook.Networks;

internal sealed class SaveATrainedNetwork : Recipe
{
    public override string Name => "Save a trained network";

    public override string Sentence =>
        "Saves a network of your own with its class names and preprocessing, so that one line brings it back.";

    protected override void Execute()
    {
        var cnn = new Cnn(data.ClassNames.Count, seed: 0);
        var mine = new TrainedNetwork(cnn, data.ClassNames, data.Preprocessing)
        {
            Architecture = NetworkArchitecture.Get("plain"),
        };
        mine.Save($"{folder}/mine.safetensors");

        display(TrainedNetwork.Load($"{folder}/mine.safetensors"));
    }
}
