using AttentionLab.Data;

namespace AttentionLab.Cookbook.Data;

internal sealed class BatchesForYourOwnLoop : Recipe
{
    public override string Name => "Batches for your own loop";

    public override string Sentence =>
        "Goes through an epoch in shuffled, augmented batches; the next one is prepared meanwhile.";

    protected override void Execute()
    {
        var batches = new Batches(data.Train, data.Normalization, batchSize: 128, Augmentation.Tutorial, shuffle: true, seed: 0);

        foreach (Batch batch in batches.Epoch(1))
        {
            string first = string.Join(", ", batch.Indices.Take(4));
            display($"images {string.Join("×", batch.Images.shape)}, labels {string.Join("×", batch.Labels.shape)}: {first} …");
        }
    }
}
