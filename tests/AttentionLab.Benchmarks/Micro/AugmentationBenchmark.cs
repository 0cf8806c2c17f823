using AttentionLab.Core;
using AttentionLab.Data;
using BenchmarkDotNet.Attributes;

namespace AttentionLab.Benchmarks.Micro;

/// <summary>Time for one picture, each time another one with other draws.</summary>
public class AugmentationBenchmark
{
    private readonly LabeledImages _images = ShapeSet.Create(train: 1000, test: 10, seed: 0).Train;
    private readonly byte[] _target = new byte[3 * 32 * 32];
    private int _index;

    [Benchmark(Description = "the tutorial's full chain, a picture")]
    public void FullChain()
    {
        _index = (_index + 1) % _images.Count;
        var random = new RandomStream(0, 0, _index);
        Augmentation.Tutorial.Apply(_images.PlanesOf(_index), 32, 32, _target, ref random);
    }
}
