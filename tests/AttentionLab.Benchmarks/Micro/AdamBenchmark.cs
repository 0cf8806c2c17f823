using AttentionLab.Models;
using AttentionLab.Training;
using BenchmarkDotNet.Attributes;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace AttentionLab.Benchmarks.Micro;

/// <summary>One step with gradients that stay.</summary>
public class AdamBenchmark
{
    private readonly Cnn _network = new(10, seed: 0);
    private readonly optim.Optimizer _torchs;
    private readonly RunningOptimizer _ours;

    public AdamBenchmark()
    {
        _ = new Trainer(); // buffers are kept, for torch's own Adam too: it makes a new one for each operation
        foreach (Parameter parameter in _network.parameters())
        {
            parameter.grad = rand_like(parameter).detach();
        }

        _torchs = optim.Adam(_network.parameters(), 0.001);
        _ours = new Training.Adam().Start(Weight.Of(_network), 0.001);
    }

    [Benchmark(Baseline = true, Description = "TorchSharp's")]
    public void Torchs() => _torchs.step();

    [Benchmark(Description = "ours")]
    public void Ours() => _ours.Step();
}
