using AttentionLab.Data;
using AttentionLab.Explain;
using AttentionLab.Models;
using BenchmarkDotNet.Attributes;
using TorchSharp;

namespace AttentionLab.Benchmarks.Micro;

/// <summary>One call of a method at its usual layer, the network with attention.</summary>
public class MethodBenchmark
{
    private readonly SeCnn _network = new(10, seed: 0);
    private torch.Tensor _input = null!;
    private ExplanationMethod _method = null!;

    /// <summary>All but those of transformers, which this network is not.</summary>
    public static IEnumerable<string> Methods =>
        ExplanationMethods.All.Where(method => method is not AttentionMethod).Select(method => method.Name);

    /// <summary>Batch sizes; the larger one takes minutes with the methods that change the picture hundreds of times.</summary>
    public static int[] Batches { get; set; } = [1, 64];

    [ParamsSource(nameof(Methods))]
    public string Method { get; set; } = "";

    [ParamsSource(nameof(Batches))]
    public int Batch { get; set; }

    [GlobalSetup]
    public void Prepare()
    {
        LabeledImages images = ShapeSet.Create(train: 10, test: 64, seed: 0).Test;
        _input = Normalization.Tutorial.ToTensor(images, [.. Enumerable.Range(0, Batch)]);
        _method = ExplanationMethods.Get(Method);
    }

    [Benchmark]
    public IReadOnlyList<Explanation> Explain() => _method.Explain(_network, _input);
}
