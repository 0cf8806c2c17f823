using AttentionLab.Data;
using AttentionLab.Models;
using AttentionLab.Training;
using TorchSharp;
using static TorchSharp.torch;

namespace AttentionLab.Benchmarks.Processes;

/// <summary>The networks, and a training step as each way of writing it has it.</summary>
internal static class Networks
{
    /// <summary>What a beginner writes, what Trainer does, and what it does in mixed precision.</summary>
    public const string Beginner = "beginner",
        Ours = "ours",
        Mixed = "mixed";

    public static nn.Module<Tensor, Tensor> Create(string network, int side = 32) =>
        network == "se" ? new SeCnn(10, side, seed: 0) : new Cnn(10, side, seed: 0);

    /// <summary>One batch of the built-in pictures, or of noise when they are to be of another size.</summary>
    public static Batch FirstBatch(int size, int side = 32)
    {
        LabeledImages images =
            side == 32
                ? ShapeSet.Create(train: size, test: 10, seed: 0).Train
                : new LabeledImages(
                    "noise",
                    side,
                    side,
                    Noise(size * 3 * side * side),
                    [.. Enumerable.Range(0, size).Select(i => i % 10)],
                    [.. Enumerable.Range(0, 10).Select(i => $"class {i}")]
                );
        return new Batches(images, Normalization.Tutorial, size).Epoch(0).Single();
    }

    /// <summary>A step to repeat, by the way it is written.</summary>
    public static Action Step(string way, nn.Module<Tensor, Tensor> network, Batch batch)
    {
        network.train();
        return way == Beginner ? BeginnersStep(network, batch) : OurStep(network, batch, way == Mixed);
    }

    private static Action BeginnersStep(nn.Module<Tensor, Tensor> network, Batch batch)
    {
        var optimizer = optim.Adam(network.parameters(), 0.001);
        Tensor images = batch.Images.contiguous();
        return () =>
        {
            using DisposeScope scope = NewDisposeScope();
            optimizer.zero_grad();
            Tensor logits = network.call(images);
            Tensor loss = nn.functional.cross_entropy(logits, batch.Labels);
            loss.backward();
            optimizer.step();
            _ = loss.item<float>();
            _ = (logits.argmax(1) == batch.Labels).sum().item<long>();
        };
    }

    private static Action OurStep(nn.Module<Tensor, Tensor> network, Batch batch, bool mixed)
    {
        _ = new Trainer(); // sets up the process as training does
        IReadOnlyList<Weight> weights = mixed ? new MixedPrecision(network).Weights : Weight.Of(network);
        TrainingOptions options = TrainingOptions.Tutorial;
        RunningOptimizer adam = options.Optimizer.Start(weights, options.LearningRate);
        return () => TrainingStep.Take(network, adam, batch, options, mixed ? ScalarType.BFloat16 : ScalarType.Float32);
    }

    private static byte[] Noise(int count)
    {
        var bytes = new byte[count];
        new Random(0).NextBytes(bytes);
        return bytes;
    }
}
