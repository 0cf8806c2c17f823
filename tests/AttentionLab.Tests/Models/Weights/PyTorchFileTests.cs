using System.Diagnostics;
using System.IO.Compression;
using System.Numerics;
using AttentionLab.Models;
using TorchSharp;
using static TorchSharp.torch;

namespace AttentionLab.Tests.Models;

public sealed class PyTorchFileTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("pytorch").FullName;
    private readonly DisposeScope _scope = NewDisposeScope();

    public void Dispose()
    {
        _scope.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    [Theory]
    [InlineData("zip.pth", "PyTorch, zip format")]
    [InlineData("legacy.pth", "PyTorch, format before 1.6")]
    [InlineData("protocol4.pth", "PyTorch, zip format")]
    public void Every_type_and_layout_is_read_to_the_bit(string name, string format)
    {
        using TensorFile file = TensorFile.Open(Fixture.Path($"pytorch/{name}"));
        Dictionary<string, Tensor> expected = Safetensors.Load(Fixture.Path("pytorch/expected.safetensors"));
        Assert.Equal(format, file.Format);
        Assert.Empty(file.Metadata);
        Assert.Equal(expected.Keys.Append("complex128").Order(), file.Tensors.Keys.Order());
        foreach ((string key, Tensor value) in expected)
        {
            AssertSame(key, value, file.Read(key));
        }

        Assert.Equal([new Complex(1 / 3.0, 2)], file.Read("complex128").data<Complex>().ToArray());
        Assert.Equal(
            [7, 13, 19, 9, 15, 21, 11, 17, 23],
            file.Read("window").t().contiguous().data<float>().ToArray().Select(x => x * 8)
        );
    }

    [Theory]
    [InlineData("checkpoint.pth")]
    [InlineData("checkpoint_legacy.pth")]
    public void A_checkpoint_gives_its_state_dict_and_what_is_text(string name)
    {
        using TensorFile file = PyTorchFile.Open(Fixture.Path($"pytorch/{name}"));
        Assert.Equal(
            [
                "module.0.bias",
                "module.0.weight",
                "module.1.bias",
                "module.1.num_batches_tracked",
                "module.1.running_mean",
                "module.1.running_var",
                "module.1.weight",
            ],
            file.Tensors.Keys.Order(StringComparer.Ordinal)
        );
        Assert.Equal([0f, 1, 2, 3, 4, 5], file.Read("module.0.weight").data<float>().ToArray());
        Assert.Equal([-1f, 1], file.Read("module.0.bias").data<float>().ToArray());
        Assert.Equal(1, file.Read("module.1.num_batches_tracked").item<long>());
        Assert.Equal(
            new Dictionary<string, string>
            {
                ["epoch"] = "3",
                ["arch"] = "linear",
                ["classes"] = """["cat","dog"]""",
                ["loss"] = "0.125",
            },
            file.Metadata
        );
    }

    [Theory]
    [InlineData("module.pth", "torch.nn.modules.container.Sequential")]
    [InlineData("module_legacy.pth", "torch.nn.modules.container.Sequential")]
    [InlineData("script.pth", "TorchScript")]
    public void Files_that_hold_more_than_weights_are_refused_by_name(string name, string reason)
    {
        var e = Assert.Throws<InvalidDataException>(() => TensorFile.Open(Fixture.Path($"pytorch/{name}")));
        Assert.Contains(reason, e.Message, StringComparison.Ordinal);
        Assert.Contains("state_dict()", e.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("plain")]
    [InlineData("se")]
    public void PyTorchs_two_files_of_one_network_hold_the_same_values(string name)
    {
        using TensorFile pickle = TensorFile.Open(Fixture.Shared($"parity/{name}_seed0.pth")),
            safe = TensorFile.Open(Fixture.Shared($"parity/{name}_seed0.safetensors"));
        Assert.Equal(safe.Tensors.Keys.Order(), pickle.Tensors.Keys.Order());
        Assert.All(safe.Tensors.Keys, key => AssertSame(key, safe.Read(key), pickle.Read(key)));
    }

    [Fact]
    public void What_is_written_is_stored_aligned_and_the_same_each_time()
    {
        string path = At("weights.pth");
        Dictionary<string, Tensor> tensors = Samples();
        PyTorchFile.Save(tensors, path, new Dictionary<string, string> { ["classes"] = "cat, dog" });
        byte[] bytes = File.ReadAllBytes(path);
        using (ZipArchive zip = ZipFile.OpenRead(path))
        {
            Assert.Equal(
                [
                    "archive/data.pkl",
                    "archive/byteorder",
                    .. Enumerable.Range(0, tensors.Count).Select(i => $"archive/data/{i}"),
                    "archive/version",
                ],
                zip.Entries.Select(entry => entry.FullName)
            );
            Assert.All(zip.Entries, entry => Assert.Equal(entry.Length, entry.CompressedLength));
        }

        // Each local header: its name and extra field, then the data.
        int found = 0;
        for (int at = 0; bytes.AsSpan(at).StartsWith("PK\x03\x04"u8); found++)
        {
            int data = at + 30 + BitConverter.ToUInt16(bytes, at + 26) + BitConverter.ToUInt16(bytes, at + 28);
            Assert.Equal(0, data % 64);
            at = data + BitConverter.ToInt32(bytes, at + 18);
        }

        Assert.Equal(tensors.Count + 3, found);
        PyTorchFile.Save(tensors, path, new Dictionary<string, string> { ["classes"] = "cat, dog" });
        Assert.Equal(bytes, File.ReadAllBytes(path));
        Assert.Equal([path], Directory.GetFiles(_folder));
    }

    [Fact]
    public void PyTorch_itself_reads_what_is_written_with_weights_only()
    {
        string written = At("written.pth"),
            back = At("back.pth");
        Dictionary<string, Tensor> tensors = Samples();
        PyTorchFile.Save(tensors, written, new Dictionary<string, string> { ["classes"] = "Käse, 犬" });
        const string Program = """
            import sys, torch
            weights = torch.load(sys.argv[1], weights_only=True)
            assert weights.metadata == {"classes": "K\u00e4se, \u72ac"}, weights.metadata
            assert all(tensor.is_contiguous() for tensor in weights.values())
            torch.nn.Linear(3, 2).load_state_dict({"weight": weights["float"], "bias": weights["bias"]})
            torch.save(weights, sys.argv[2], _use_new_zipfile_serialization=False)
            """;
        RunPythonWithTorch("-c", Program, written, back);

        using TensorFile file = TensorFile.Open(back);
        Assert.Equal(tensors.Keys, file.Tensors.Keys);
        Assert.Equal("Käse, 犬", file.Metadata["classes"]);
        Assert.All(tensors, pair => AssertSame(pair.Key, pair.Value.contiguous(), file.Read(pair.Key)));
    }

    [Fact]
    public void Names_that_are_no_text_are_refused()
    {
        Assert.Throws<ArgumentException>(() =>
            PyTorchFile.Save(new Dictionary<string, Tensor> { ["\ud800"] = zeros(1) }, At("a.pth"))
        );
        Assert.Empty(Directory.GetFiles(_folder));
    }

    internal static void AssertSame(string name, Tensor expected, Tensor actual)
    {
        Assert.Equal((name, expected.dtype), (name, actual.dtype));
        Assert.Equal(expected.shape, actual.shape);
        Assert.True(expected.numel() == 0 || expected.bytes.SequenceEqual(actual.bytes), $"{name} differs");
    }

    internal static Dictionary<string, Tensor> Samples() =>
        new()
        {
            ["float"] = tensor([1.5f, -0f, float.NaN, float.PositiveInfinity, float.Epsilon, -3e38f], [2, 3]),
            ["bias"] = tensor([1f, 2]),
            ["double"] = tensor([1 / 3.0, double.MinValue]),
            ["half"] = tensor([1.5f, 6e-8f, 65504]).to(ScalarType.Float16),
            ["bfloat"] = tensor([1.5f, -3e38f, 1e-40f]).to(ScalarType.BFloat16),
            ["long"] = tensor(long.MinValue),
            ["int"] = tensor([int.MinValue, 7]),
            ["short"] = tensor([short.MinValue, (short)7]),
            ["sbyte"] = tensor([sbyte.MinValue, (sbyte)7]),
            ["byte"] = tensor([byte.MaxValue, (byte)7]),
            ["bool"] = tensor([true, false]),
            ["complex"] = tensor([(1f, -2f)]),
            ["nothing"] = zeros(0, 3),
            ["transposed"] = arange(6f).reshape(2, 3).t(),
            ["umlaut.ü"] = arange(300),
        };

    private string At(string name) => Path.Combine(_folder, name);

    /// <summary>Runs a program in the first Python that has torch; the test is skipped where there is none.</summary>
    private static void RunPythonWithTorch(params string[] arguments)
    {
        foreach (string python in (string[])["/usr/bin/python3", "python3", "python"])
        {
            try
            {
                using Process process = Process.Start(
                    new ProcessStartInfo(python, arguments)
                    {
                        RedirectStandardError = true,
                        Environment = { ["OMP_NUM_THREADS"] = "1" },
                    }
                )!;
                string error = process.StandardError.ReadToEnd();
                process.WaitForExit();
                if (!error.Contains("No module named 'torch'", StringComparison.Ordinal))
                {
                    Assert.True(process.ExitCode == 0, error);
                    return;
                }
            }
            catch (System.ComponentModel.Win32Exception)
            {
                // No such program: the next one.
            }
        }

        Assert.Skip("No Python with torch is installed.");
    }
}
