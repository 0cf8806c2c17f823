using AttentionLab.Data;
using BenchmarkDotNet.Attributes;

namespace AttentionLab.Benchmarks.Micro;

/// <summary>Picture sets from nothing, and CIFAR-10 from a folder of files like its own, in the disk's cache.</summary>
public class LoadingBenchmark
{
    private readonly string _folder = Directory.CreateTempSubdirectory("attentionlab").FullName;

    [GlobalSetup]
    public void WriteFiles()
    {
        string files = Directory.CreateDirectory(Path.Combine(_folder, "cifar-10-batches-bin")).FullName;
        var random = new Random(0);
        var records = new byte[10_000 * 3073];
        foreach (
            string name in new[] { "data_batch_1", "data_batch_2", "data_batch_3", "data_batch_4", "data_batch_5", "test_batch" }
        )
        {
            random.NextBytes(records);
            for (int i = 0; i < 10_000; i++)
            {
                records[i * 3073] = (byte)(i % 10);
            }

            File.WriteAllBytes(Path.Combine(files, $"{name}.bin"), records);
        }

        File.WriteAllLines(Path.Combine(files, "batches.meta.txt"), Cifar10.ClassNames);
    }

    [GlobalCleanup]
    public void DeleteFiles() => Directory.Delete(_folder, recursive: true);

    [Benchmark(Description = "CIFAR-10, 60,000 pictures")]
    public object LoadCifar10() => Cifar10.Load(_folder);

#pragma warning disable CA1822 // a benchmark is a method of an object
    [Benchmark(Description = "the built-in set, 12,000 pictures")]
    public object DrawShapes() => ShapeSet.Create();
#pragma warning restore CA1822
}
