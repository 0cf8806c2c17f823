using System.Diagnostics;
using System.Globalization;
using AttentionLab.Data;
using AttentionLab.Training;
using TorchSharp;
using static TorchSharp.torch;

namespace AttentionLab.Benchmarks.Processes;

/// <summary>Where a training step spends its time: each operation of the plain network by itself, forward and backward.</summary>
internal sealed class OperatorsTable : ITable
{
    private const int BatchSize = 64;

    public string Name => "operators";

    public string Title => "A training step by operation, each layer called by itself, plain network, batch 64, ms";

    public void Write(TextWriter output, bool quick)
    {
        string seconds = quick ? "2" : "10";
        double[] one = Probe.Run("operators", 1, seconds),
            two = Probe.Run("operators", 2, seconds);
        output.Heading("operation", "forward, 1 thread", "backward", "share", "forward, 2 threads", "backward", "share");
        string[] names = [.. OperationNames()];
        for (int i = 0; i < names.Length; i++)
        {
            output.Row([names[i], .. Cells(one, i), .. Cells(two, i)]);
        }

        IEnumerable<string> Cells(double[] times, int i)
        {
            (double forward, double backward) = (times[2 * i], times[(2 * i) + 1]);
            FormattableString[] cells = [$"{forward:f2}", $"{backward:f2}", $"{(forward + backward) / times[^2]:p0}"];
            return cells.Select(cell => cell.ToString(CultureInfo.InvariantCulture));
        }
    }

    /// <summary>Forward and backward of each operation in the order of <see cref="OperationNames"/>. Argument: seconds.</summary>
    public static double[] Measure(string[] arguments)
    {
        _ = new Trainer(); // sets up the process as training does
        using nn.Module<Tensor, Tensor> network = Networks.Create("plain");
        network.train();
        using Batch batch = Networks.FirstBatch(BatchSize);
        TrainingOptions options = TrainingOptions.Tutorial;
        using RunningOptimizer adam = options.Optimizer.Start(Weight.Of(network), options.LearningRate);
        Operation[] operations = [.. Operations(network, batch)];
        var times = operations.Select(_ => (Forward: new List<double>(), Backward: new List<double>())).ToArray();
        var moving = new List<double>();
        var steps = new List<double>();
        int warmUps = 5;
        for (
            var all = Stopwatch.StartNew();
            all.Elapsed.TotalSeconds < double.Parse(arguments[0], CultureInfo.InvariantCulture);

        )
        {
            var step = Stopwatch.StartNew();
            TrainingStep.Take(network, adam, batch, options);
            double whole = step.Elapsed.TotalMilliseconds;
            double moved = Time(adam.Step); // by the step's gradients, once more
            (double Forward, double Backward)[] parts = Parts(operations, batch);
            if (warmUps-- > 0)
            {
                all.Restart();
                continue;
            }

            steps.Add(whole);
            moving.Add(moved);
            for (int i = 0; i < parts.Length; i++)
            {
                times[i].Forward.Add(parts[i].Forward);
                times[i].Backward.Add(parts[i].Backward);
            }
        }

        return
        [
            .. times.SelectMany(each => new[] { each.Forward.Median(), each.Backward.Median() }),
            moving.Median(),
            0,
            steps.Median(),
            0,
        ];
    }

    private sealed record Operation(string Name, Func<Tensor, Tensor> Apply);

    private static IEnumerable<string> OperationNames()
    {
        using nn.Module<Tensor, Tensor> network = Networks.Create("plain");
        return [.. network.named_children().Select(layer => layer.name), "cross-entropy", "Adam", "the whole step"];
    }

    private static IEnumerable<Operation> Operations(nn.Module<Tensor, Tensor> network, Batch batch)
    {
        foreach ((string name, nn.Module layer) in network.named_children())
        {
            var module = (nn.Module<Tensor, Tensor>)layer;
            yield return new(name, name == "fc1" ? input => module.call(input.flatten(1)) : module.call);
        }

        yield return new("cross-entropy", logits => nn.functional.cross_entropy(logits, batch.Labels));
    }

    /// <summary>Each operation with the one before it cut off, so that its backward pass is its own.</summary>
    private static (double Forward, double Backward)[] Parts(Operation[] operations, Batch batch)
    {
        using DisposeScope scope = NewDisposeScope();
        var links = new List<(Tensor Input, Tensor Output, double Forward)>();
        Tensor input = batch.Images;
        foreach (Operation operation in operations)
        {
            Tensor output = input;
            Tensor before = input;
            double forward = Time(() => output = operation.Apply(before));
            links.Add((input, output, forward));
            input = output.detach().requires_grad_();
        }

        var times = new (double, double)[links.Count];
        Tensor gradient = ones_like(links[^1].Output);
        for (int i = links.Count - 1; i >= 0; i--)
        {
            (Tensor from, Tensor output, double forward) = links[i];
            times[i] = (forward, Time(() => output.backward([gradient])));
            gradient = from.grad ?? gradient;
        }

        return times;
    }

    private static double Time(Action action)
    {
        var clock = Stopwatch.StartNew();
        action();
        return clock.Elapsed.TotalMilliseconds;
    }
}
