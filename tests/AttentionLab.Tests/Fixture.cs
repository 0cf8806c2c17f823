using AttentionLab.Models;
using TorchSharp;
using static TorchSharp.torch;

namespace AttentionLab.Tests;

/// <summary>Files with expected values, and the formula that makes weights and pictures without any file.</summary>
internal static class Fixture
{
    /// <summary>A file that is committed in Fixtures/.</summary>
    public static string Path(string name) => System.IO.Path.Combine(AppContext.BaseDirectory, "Fixtures", name);

    /// <summary>
    /// A file of the folder <c>shared/</c> beside the repository; the test is skipped where that folder is absent.
    /// </summary>
    public static string Shared(string name)
    {
        string path = System.IO.Path.GetFullPath(System.IO.Path.Combine(Repository, "..", "shared", name));
        Assert.SkipUnless(System.IO.Path.Exists(path), $"shared/{name} does not lie beside the repository.");
        return path;
    }

    /// <summary>The repository's root: the nearest folder above the tests that holds the solution.</summary>
    public static string Repository { get; } = FindRepository();

    /// <summary>The k-th value of the formula's stream: uniform in [0, 1). Its definition is in Fixtures/README.md.</summary>
    public static double Uniform(uint stream, uint index)
    {
        unchecked
        {
            uint x = ((index + 1) * 0x9E3779B9u) + (stream * 0x85EBCA6Bu);
            x ^= x >> 16;
            x *= 0x7FEB352Du;
            x ^= x >> 15;
            x *= 0x846CA68Bu;
            x ^= x >> 16;
            return x / 4294967296.0;
        }
    }

    /// <summary>Fills a network with the formula's weights.</summary>
    public static TModule WithFormulaWeights<TModule>(TModule model, uint seed = 1)
        where TModule : nn.Module
    {
        using DisposeScope scope = NewDisposeScope();
        using IDisposable noGrad = no_grad();
        uint stream = 1000 * seed;

        // PyTorch lists a layer's buffers after its parameters, TorchSharp all buffers after all parameters.
        IEnumerable<KeyValuePair<string, Tensor>> inPyTorchsOrder = model
            .state_dict()
            .Where(p => !p.Key.EndsWith("num_batches_tracked", StringComparison.Ordinal))
            .GroupBy(p => p.Key[..p.Key.LastIndexOf('.')])
            .SelectMany(layer => layer);
        foreach ((string name, Tensor parameter) in inPyTorchsOrder)
        {
            bool batchNorm = name.Contains("bn", StringComparison.Ordinal);
            double scale = Math.Sqrt(6.0 / Math.Max(1, parameter.shape.Skip(1).Aggregate(1L, (a, b) => a * b)));
            Func<double, double> value = name[(name.LastIndexOf('.') + 1)..] switch
            {
                "weight" when batchNorm => u => 0.5 + u,
                "weight" => u => ((2 * u) - 1) * scale,
                "bias" when batchNorm => u => ((2 * u) - 1) * 0.2,
                "bias" => u => ((2 * u) - 1) * 0.1,
                "running_mean" => u => ((2 * u) - 1) * 0.5,
                "running_var" => u => 0.5 + u,
                _ => throw new InvalidOperationException($"The formula says nothing of {name}."),
            };
            parameter.copy_(
                tensor(
                    [.. Enumerable.Range(0, (int)parameter.numel()).Select(i => (float)value(Uniform(stream, (uint)i)))],
                    parameter.shape
                )
            );
            stream++;
        }

        return model;
    }

    /// <summary>The formula's four pictures, 4×3×32×32.</summary>
    public static Tensor FormulaInput(uint seed = 1)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor small = tensor(
            [.. Enumerable.Range(0, 4 * 3 * 8 * 8).Select(i => (float)((4 * Uniform((1000 * seed) + 999, (uint)i)) - 2))],
            [4, 3, 8, 8]
        );
        return small.repeat_interleave(4, 2).repeat_interleave(4, 3).MoveToOuterDisposeScope();
    }

    /// <summary>PyTorch's answers for the formula's networks, read once. Names are <c>plain/…</c> and <c>se/…</c>.</summary>
    public static IReadOnlyDictionary<string, Tensor> Formula { get; } = Safetensors.Load(Path("formula1.safetensors"));

    /// <summary>
    /// Fails unless both tensors have one shape and differ by at most <paramref name="tolerance"/> of the largest value.
    /// </summary>
    public static void AssertClose(Tensor expected, Tensor actual, double tolerance, string what = "")
    {
        Assert.Equal(expected.shape, actual.shape);
        using DisposeScope scope = NewDisposeScope();
        double largest = expected.abs().max().ToDouble(),
            difference = (expected - actual).abs().max().ToDouble();
        Assert.True(
            difference <= tolerance * largest,
            $"{what} differs by {difference:g3}, {difference / largest:g3} of the largest value {largest:g3}; allowed is "
                + $"{tolerance:g3}."
        );
    }

    private static string FindRepository()
    {
        DirectoryInfo? folder = new(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(System.IO.Path.Combine(folder.FullName, "AttentionLab.slnx")))
        {
            folder = folder.Parent;
        }

        return folder?.FullName ?? throw new InvalidOperationException("The tests do not run inside the repository.");
    }
}
