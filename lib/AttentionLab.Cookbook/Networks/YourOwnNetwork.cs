using AttentionLab.Explain;
using AttentionLab.Figures;
using AttentionLab.Training;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace AttentionLab.Cookbook.Networks;

internal sealed class YourOwnNetwork : Recipe
{
    public override string Name => "A network of your own";

    public override string Sentence =>
        "Uses any TorchSharp module that calls its parts with call: here a sequence, trained and explained like the others.";

    protected override void Execute()
    {
        Module<Tensor, Tensor> mine = Sequential(
            ("conv", Conv2d(3, 24, 5, padding: 2)),
            ("relu", ReLU()),
            ("pool", AdaptiveAvgPool2d(1)),
            ("flatten", Flatten()),
            ("fc", Linear(24, data.ClassNames.Count))
        );
        new Trainer(new TrainingOptions { Epochs = 1 }).Fit(mine, data);

        Explanation explanation = new GradCam().Explain(mine, input).Single();
        display(HeatMapPanels.Of(data.Test, [0, 1, 2], explanation));
    }
}
