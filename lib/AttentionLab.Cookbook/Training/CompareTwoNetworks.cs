using AttentionLab.Figures;
using AttentionLab.Models;
using AttentionLab.Training;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace AttentionLab.Cookbook.Training;

internal sealed class CompareTwoNetworks : Recipe
{
    public override string Name => "Compare two networks";

    public override string Sentence =>
        "Trains the network with and without channel attention from the same seed and plots both losses.";

    protected override void Execute()
    {
        LineSeries Train(string architecture)
        {
            Module<Tensor, Tensor> untrained = NetworkArchitecture.Get(architecture).Create(data.ClassNames.Count, 0);
            TrainingHistory history = new Trainer(new TrainingOptions { Epochs = 4, Augmentation = null }).Fit(untrained, data);
            return new LineSeries(architecture, [.. history.Epochs.Select(epoch => epoch.TestLoss)]);
        }

        display(new LineChart(Train("plain"), Train("se")) { XTitle = "Epoch", YTitle = "Test loss" });
    }
}
