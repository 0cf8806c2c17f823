using AttentionLab.Data;
using AttentionLab.Explain;
using AttentionLab.Figures;
using AttentionLab.Models;
using AttentionLab.Training;

namespace AttentionLab.Cookbook.Evaluate;

internal sealed class ShortcutInTheData : Recipe
{
    public override string Name => "A shortcut in the data";

    public override string Sentence =>
        "Trains on pictures whose corner gives the class away, and shows where that network looks.";

    protected override void Execute()
    {
        DataSet tricked = ShapeSet.Create(train: 600, test: 200, shortcut: true);
        var cheat = new SeCnn(tricked.ClassNames.Count, seed: 0);
        new Trainer(new TrainingOptions { Epochs = 5, Augmentation = null }).Fit(cheat, tricked);

        Explanation exposed = new HiResCam().Explain(cheat, tricked.Normalization.ToTensor(tricked.Train, [0, 1, 2])).Single();
        display(HeatMapPanels.Of(tricked.Train, [0, 1, 2], exposed));
    }
}
