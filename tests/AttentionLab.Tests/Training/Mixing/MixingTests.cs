using AttentionLab.Training;
using TorchSharp;
using static TorchSharp.torch;

namespace AttentionLab.Tests.Training;

[Trait("Kind", "Numeric")]
public sealed class MixingTests : IDisposable
{
    private readonly DisposeScope _scope = NewDisposeScope();

    public void Dispose() => _scope.Dispose();

    /// <summary>By hand: three pictures of one value, 1, 10 and 100; each is mixed with the one before it.</summary>
    [Fact]
    public void Mixup_takes_the_weighted_mean_with_the_picture_before()
    {
        Tensor images = tensor([1f, 10f, 100f]).reshape(3, 1, 1, 1);
        MixedBatch mixed = new Mixup().Mix(images, tensor([5L, 6L, 7L]), share: 0.75);
        Assert.Equal([25.75f, 7.75f, 77.5f], mixed.Images.data<float>().ToArray());
        Assert.Equal([5, 6, 7], mixed.Labels.data<long>().ToArray());
        Assert.Equal([7, 5, 6], mixed.OtherLabels!.data<long>().ToArray());
        Assert.Equal(0.75, mixed.Share);
    }

    /// <summary>
    /// By hand: of 4×6 pixels the share 0.75 leaves a rectangle of half the sides, ±1 row and ±1 column (0.25 · 6 cut to a whole
    /// number) about row 3, column 0; outside of the picture it is cut to 2 rows (2 and 3) and 1 column (0).
    /// </summary>
    [Fact]
    public void CutMix_pastes_a_rectangle_of_the_picture_before_and_counts_its_pixels()
    {
        Tensor images = cat([zeros(1, 3, 4, 6), ones(1, 3, 4, 6)]);
        MixedBatch mixed = CutMix.Mix(images, tensor([0L, 1L]), share: 0.75, row: 3, column: 0);
        Tensor expected = zeros(4, 6);
        expected[2..4, 0] = 1;
        Assert.True(mixed.Images[0, 1].Equals(expected));
        Assert.True(mixed.Images[1, 2].Equals(1 - expected));
        Assert.Equal(22 / 24.0, mixed.Share, Tolerance.RoundingInDouble(4));
        Assert.Equal([1, 0], mixed.OtherLabels!.data<long>().ToArray());
        Assert.Equal(0, images[0].sum().item<float>()); // the batch itself is unchanged
    }

    /// <summary>The loss of mixed pictures is that of torch 1.13 for soft labels, with and without smoothing.</summary>
    [Theory]
    [InlineData(0, 1.8766402006149292)]
    [InlineData(0.1, 1.8724734783172607)]
    public void The_loss_of_mixed_pictures_is_torchs_for_soft_labels(double smoothing, double expected) =>
        Assert.Equal(
            expected,
            TrainingStep
                .CrossEntropyOf(Logits, new MixedBatch(Logits, tensor([1L, 0L]), tensor([0L, 1L]), 0.7), smoothing)
                .item<float>(),
            2 * Tolerance.Rounding(20)
        );

    /// <summary>torch 1.13: cross_entropy(label_smoothing=0.1).</summary>
    [Theory]
    [InlineData(0, 1.5016400814056396)]
    [InlineData(0.1, 1.534973382949829)]
    public void Label_smoothing_is_torchs(double smoothing, double expected) =>
        Assert.Equal(
            expected,
            TrainingStep.CrossEntropyOf(Logits, new MixedBatch(Logits, tensor([1L, 0L])), smoothing).item<float>(),
            2 * Tolerance.Rounding(20)
        );

    private static Tensor Logits =>
        tensor(
            new[,]
            {
                { 1f, 2f, 0f },
                { 0.5f, -1f, 3f },
            }
        );
}
