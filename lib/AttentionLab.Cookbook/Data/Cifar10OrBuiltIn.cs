using AttentionLab.Data;

namespace AttentionLab.Cookbook.Data;

internal sealed class Cifar10OrBuiltIn : Recipe
{
    public override string Name => "CIFAR-10 or the built-in set";

    public override string Sentence => "Loads CIFAR-10 where it lies in the folder, else the built-in set, and says which.";

    protected override void Execute()
    {
        DataSet set = DataSets.Load(folder, "auto", line => display(line.Replace(folder, "the folder")));

        display($"{set.Train.Count} pictures to learn from, {set.Test.Count} to test with");
        display(string.Join(", ", set.ClassNames));
    }
}
