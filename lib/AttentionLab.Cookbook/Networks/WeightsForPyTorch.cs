using AttentionLab.Models;

namespace AttentionLab.Cookbook.Networks;

internal sealed class WeightsForPyTorch : Recipe
{
    public override string Name => "Weights for PyTorch";

    public override string Sentence => "Writes a state dict that PyTorch loads, and reads one that PyTorch saved.";

    protected override void Execute()
    {
        WeightFile.Save(model, $"{folder}/weights.pth");
        WeightReport report = WeightFile.Load(new SeCnn(data.ClassNames.Count), $"{folder}/weights.pth");

        display(report);
    }
}
