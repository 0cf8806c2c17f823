using AttentionLab.Data;
using AttentionLab.Training;
using TorchSharp;
using static TorchSharp.torch;

namespace AttentionLab.Benchmarks.Processes;

/// <summary>A test of a network, forward only.</summary>
internal sealed class EvaluationTable : ITable
{
    private const int Pictures = 2048;

    public string Name => "evaluation";

    public string Title => "Evaluation, plain network, batch 64, pixels to predictions";

    public void Write(TextWriter output, bool quick)
    {
        output.Heading("threads", "beginner", "Evaluation.Of", "times");
        foreach (int threads in new[] { 1, 2 })
        {
            double beginner = 1000 * Pictures / Probe.Run("evaluation", threads, Networks.Beginner, quick ? "2" : "5").Median();
            double ours = 1000 * Pictures / Probe.Run("evaluation", threads, Networks.Ours, quick ? "2" : "5").Median();
            output.Row($"{threads}", $"{beginner:N0} images/s", $"{ours:N0} images/s", $"{ours / beginner:f2}");
        }
    }

    /// <summary>Milliseconds of each test. The beginner's pictures are tensors already. Arguments: way, seconds.</summary>
    public static double[] Measure(string[] arguments)
    {
        LabeledImages images = ShapeSet.Create(train: Pictures, test: 10, seed: 0).Train;
        nn.Module<Tensor, Tensor> network = Networks.Create("plain");
        double seconds = double.Parse(arguments[1], System.Globalization.CultureInfo.InvariantCulture);
        if (arguments[0] == Networks.Ours)
        {
            return Probe.Milliseconds(() => _ = Evaluation.Of(network, images, Normalization.Tutorial), seconds, warmUps: 2);
        }

        network.eval();
        Tensor[] batches = [.. new Batches(images, Normalization.Tutorial).Epoch(0).Select(batch => batch.Images.contiguous())];
        return Probe.Milliseconds(
            () =>
            {
                using IDisposable noGradients = no_grad();
                foreach (Tensor batch in batches)
                {
                    using DisposeScope scope = NewDisposeScope();
                    _ = network.call(batch).argmax(1).data<long>().ToArray();
                }
            },
            seconds,
            warmUps: 2
        );
    }
}
