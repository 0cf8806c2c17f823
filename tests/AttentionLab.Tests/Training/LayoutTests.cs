using AttentionLab.Data;
using AttentionLab.Models;
using TorchSharp;
using static TorchSharp.torch;

namespace AttentionLab.Tests.Training;

/// <summary>Batches lie in memory channels last because that is fast; what comes out must be what the plain layout gives.</summary>
public class LayoutTests
{
    /// <summary>
    /// Logits to rounding in both precisions; gradients to rounding in double precision. In float32 a value that rounds to the other
    /// side of 0 lets a ReLU or a maximum switch, which moves one gradient by more than rounding: 1.5 % of its length was seen.
    /// </summary>
    [Theory]
    [InlineData(false, ScalarType.Float64, 1e-10, 1e-9)]
    [InlineData(true, ScalarType.Float64, 1e-10, 1e-9)]
    [InlineData(false, ScalarType.Float32, 1e-4, 5e-2)]
    [InlineData(true, ScalarType.Float32, 1e-4, 5e-2)]
    public void Logits_and_gradients_are_those_of_the_plain_layout(
        bool attention,
        ScalarType type,
        double logitError,
        double gradientError
    )
    {
        using var scope = NewDisposeScope();
        DataSet data = ShapeSet.Create(train: 32, test: 10, seed: 0);
        using Batch batch = new Batches(data.Train, data.Normalization, 32).Epoch(0).Single();
        nn.Module<Tensor, Tensor> network = attention ? new SeCnn(10, seed: 3) : new Cnn(10, seed: 3);
        network.to(type);

        (Tensor fast, Tensor[] fastGradients) = Pass(batch.Images.to(type));
        (Tensor plain, Tensor[] plainGradients) = Pass(batch.Images.to(type).contiguous());

        Assert.False(batch.Images.to(type).is_contiguous());
        Assert.True(fast.allclose(plain, logitError, logitError));
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
