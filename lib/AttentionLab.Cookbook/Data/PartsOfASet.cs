using AttentionLab.Data;

namespace AttentionLab.Cookbook.Data;

internal sealed class PartsOfASet : Recipe
{
    public override string Name => "Parts of a set";

    public override string Sentence =>
        "Takes the first pictures, some by their index, or a validation part that has the same share of each class.";

    protected override void Execute()
    {
        LabeledImages first = data.Test.Take(40);
        LabeledImages chosen = data.Test.Select(7, 9, 12);
        (LabeledImages kept, LabeledImages validation) = data.Train.SplitOff(0.1, seed: 0);

        display($"{first.Name}: {first.Count} pictures");
        display($"{chosen.Name}: {string.Join(", ", chosen.Select(test => test.ClassName))}");
        display($"{kept.Count} pictures to learn from, {validation.Count} to choose by");
    }
}
