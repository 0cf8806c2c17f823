using AttentionLab.Data;
using AttentionLab.Models;
using AttentionLab.Training;
using static TorchSharp.torch;

namespace AttentionLab.Tests.Training;

[Trait("Kind", "Numeric")]
public class MixedPrecisionTests
{
    [Fact]
    public void Weights_are_rounded_while_it_lives_and_whole_again_after()
    {
        using var model = new SeCnn(10, seed: 1);
        Dictionary<string, Tensor> before = model.state_dict().ToDictionary(e => e.Key, e => e.Value.clone());
        using Tensor input = rand(4, 3, 32, 32);

        using (var mixed = new MixedPrecision(model))
        {
            Assert.Equal(ScalarType.BFloat16, model.conv1.weight!.dtype);
            Assert.Equal(ScalarType.BFloat16, model.ca1.fc.parameters().First().dtype);
            Assert.Equal(ScalarType.Float32, model.bn1.weight!.dtype);
            Assert.Equal(model.parameters().Count(), mixed.Weights.Count);
            Assert.All(
                mixed.Weights,
                w => Assert.True(w.Master.to(ScalarType.BFloat16).Equals(w.Working.to(ScalarType.BFloat16)))
            );
            Assert.Equal([4, 10], model.call(input.to(ScalarType.BFloat16)).shape);
        }

        model.eval();
        Assert.All(
            before.Where(e => !e.Key.Contains("running") && !e.Key.Contains("tracked")),
            e => Assert.True(e.Value.Equals(model.state_dict()[e.Key]), e.Key)
        );
        Assert.Equal(ScalarType.Float32, model.call(input).dtype);
        Assert.All(model.parameters(), p => Assert.True(p.requires_grad));
    }

    /// <summary>
    /// The gradients of a whole network differ from float32's by what 8 significant bits leave after a whole network: about a
    /// tenth of their length.
    /// </summary>
    [Fact]
    public void Gradients_are_those_of_float32_within_rounding()
    {
        using var model = new Cnn(10, seed: 1);
        model.eval(); // no dropout
        DataSet data = ShapeSet.Create(train: 64, test: 10, seed: 0);
        using Batch batch = new Batches(data.Train, data.Normalization, 64).Epoch(0).Single();
        float[][] exact = Gradients(ScalarType.Float32);
        model.zero_grad();
        float[][] rounded;
        using (new MixedPrecision(model))
        {
            rounded = Gradients(ScalarType.BFloat16);
        }

        Assert.All(
            exact.Zip(rounded),
            pair =>
            {
                double length = Math.Sqrt(pair.First.Sum(g => (double)g * g)),
                    difference = Math.Sqrt(pair.First.Zip(pair.Second, (a, b) => (double)(a - b) * (a - b)).Sum());
                Assert.InRange(difference, 0, 0.15 * length);
            }
        );

        float[][] Gradients(ScalarType type)
        {
            nn.functional.cross_entropy(model.call(batch.Images.to(type)).to(ScalarType.Float32), batch.Labels).backward();
            return [.. model.parameters().Select(p => p.grad!.to(ScalarType.Float32).contiguous().data<float>().ToArray())];
        }
    }

    [Fact]
    public void A_network_with_weights_elsewhere_does_not_fit()
    {
        using var scaled = new Scaled();
        using var plain = new SeCnn(10, seed: 0);

        Assert.False(MixedPrecision.Fits(scaled));
        Assert.True(MixedPrecision.Fits(plain));
    }

    /// <summary>Every processor computes bfloat16, if only slowly; it pays where its instructions do so.</summary>
    [Fact]
    public void It_is_used_where_the_device_computes_it_fast()
    {
        Assert.True(MixedPrecision.ComputesOn(CPU));
        Assert.Equal(MixedPrecision.IsFast, MixedPrecision.PaysOn(CPU));
        Assert.False(MixedPrecision.PaysOn(new Device("meta")));
        if (cuda.is_available())
        {
            Assert.Equal(MixedPrecision.ComputesOn(CUDA), MixedPrecision.PaysOn(CUDA));
        }
    }

    [Fact]
    public void Training_with_it_learns_and_leaves_float32()
    {
        Assert.SkipUnless(MixedPrecision.IsFast, "AVX512-BF16 cannot be used on this machine.");
        DataSet data = ShapeSet.Create(train: 320, test: 64, seed: 0);
        using var model = new Cnn(data.ClassNames.Count, seed: 0);
        var trainer = new Trainer(
            new TrainingOptions
            {
                Epochs = 3,
                Device = CPU,
                MixedPrecision = true,
                Augmentation = null,
            }
        );

        TrainingHistory history = trainer.Fit(model, data);

        Assert.Contains("bfloat16", trainer.Setup);
        Assert.True(history.Last.TrainLoss < 0.9 * history.Epochs[0].TrainLoss);
        Assert.All(model.parameters(), p => Assert.Equal(ScalarType.Float32, p.dtype));
        Assert.Equal(
            history.Last.TestLoss,
            Evaluation.Of(model, data.Test, data.Normalization).Loss,
            Tolerance.RoundingInDouble(data.Test.Count)
        );
    }

    private sealed class Scaled : nn.Module<Tensor, Tensor>
    {
        private readonly TorchSharp.Modules.Parameter scale = new(ones(1));

        public Scaled()
            : base(nameof(Scaled)) => RegisterComponents();

        public override Tensor forward(Tensor input) => input * scale;
    }
}
