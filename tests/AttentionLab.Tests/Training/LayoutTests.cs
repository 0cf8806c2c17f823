using AttentionLab.Data;
using AttentionLab.Models;
using TorchSharp;
using static TorchSharp.torch;

namespace AttentionLab.Tests.Training;

/// <summary>
/// Batches lie in memory channels last because that is fast; what comes out must be what the plain layout gives.
/// </summary>
[Trait("Kind", "Numeric")]
public class LayoutTests
{
    /// <summary>
    /// To rounding. In float32 a value that rounds to the other side of 0 lets a ReLU or a maximum switch: of values of deviation
    /// σ a share of about 2·δ/σ/√(2π) lies within rounding, δ, of it, and as many of a maximum's two candidates of each other.
    /// The gradient is a sum over units of both signs, so that a share p of them moves it by √p of its length; six times that is
    /// allowed.
    /// </summary>
    [Theory]
    [InlineData(false, ScalarType.Float64)]
    [InlineData(true, ScalarType.Float64)]
    [InlineData(false, ScalarType.Float32)]
    [InlineData(true, ScalarType.Float32)]
    public void Logits_and_gradients_are_those_of_the_plain_layout(bool attention, ScalarType type)
    {
        using var scope = NewDisposeScope();
        DataSet data = ShapeSet.Create(train: 32, test: 10, seed: 0);
        using Batch batch = new Batches(data.Train, data.Normalization, 32).Epoch(0).Single();
        nn.Module<Tensor, Tensor> network = attention ? new SeCnn(10, seed: 3) : new Cnn(10, seed: 3);
        network.to(type);

        (Tensor fast, Tensor[] fastGradients) = Pass(batch.Images.to(type));
        (Tensor plain, Tensor[] plainGradients) = Pass(batch.Images.to(type).contiguous());

        Assert.False(batch.Images.to(type).is_contiguous());
        double unit = type == ScalarType.Float32 ? Tolerance.Float32Unit : Tolerance.Float64Unit,
            logitError = Tolerance.BetweenFloat32(Tolerance.Forward) / Tolerance.Float32Unit * unit,
            gradientError = 6 * Math.Sqrt(2 * 2 * logitError / Math.Sqrt(2 * Math.PI));

        Assert.True((fast - plain).abs().max().ToDouble() <= logitError * plain.abs().max().ToDouble());
        Assert.All(
            fastGradients.Zip(plainGradients),
            pair =>
                Assert.InRange(
                    (pair.First - pair.Second).norm().ToDouble(),
                    0,
                    gradientError * (pair.Second.norm().ToDouble() + 1e-2)
                )
        );

        (Tensor, Tensor[]) Pass(Tensor images)
        {
            network.zero_grad();
            network.train();
            random.manual_seed(5); // dropout
            Tensor logits = network.call(images);
            nn.functional.cross_entropy(logits, batch.Labels).backward();
            return (logits.detach(), [.. network.parameters().Select(p => p.grad!.clone())]);
        }
    }
}
