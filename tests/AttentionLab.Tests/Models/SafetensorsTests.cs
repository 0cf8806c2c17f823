using System.Text;
using AttentionLab.Models;
using TorchSharp;
using static TorchSharp.torch;

namespace AttentionLab.Tests.Models;

public sealed class SafetensorsTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("safetensors").FullName;
    private readonly DisposeScope _scope = NewDisposeScope();

    public void Dispose()
    {
        _scope.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public void Every_type_and_shape_comes_back_to_the_bit()
    {
        Tensor values = tensor([1.5f, -2.25f, 0f, 100f, float.Epsilon, 3e38f]);
        var tensors = new Dictionary<string, Tensor>
        {
            ["scalar"] = tensor(7L),
            ["nothing"] = zeros(0, 3),
            ["matrix"] = values.reshape(2, 3),
            ["transposed"] = values.reshape(2, 3).t(),
        };
        foreach (ScalarType type in (ScalarType[])[ScalarType.Bool, ScalarType.Byte, ScalarType.Int8, ScalarType.Int16, ScalarType.Int32, ScalarType.Int64, ScalarType.Float16, ScalarType.BFloat16, ScalarType.Float64])
        {
            tensors[$"{type}"] = tensor([1f, 0f, 3f]).to(type);
        }

        string path = Path.Combine(_folder, "all.safetensors");
        Safetensors.Save(path, tensors, new Dictionary<string, string> { ["made by"] = "a test" });
        Dictionary<string, Tensor> loaded = Safetensors.Load(path);

        Assert.Equal(tensors.Keys.Order(), loaded.Keys.Order());
        foreach ((string name, Tensor expected) in tensors)
        {
            Assert.Equal(expected.dtype, loaded[name].dtype);
            Assert.Equal(expected.shape, loaded[name].shape);
            Assert.True(expected.contiguous().bytes.SequenceEqual(loaded[name].bytes), name);
            loaded[name].Dispose();
        }

        Assert.Equal([path], Directory.GetFiles(_folder));
    }

    [Fact]
    public void A_file_has_the_bytes_the_format_asks_for()
    {
        string path = Path.Combine(_folder, "one.safetensors");
        Safetensors.Save(path, new Dictionary<string, Tensor> { ["a"] = tensor([1f, 2f]) });
        byte[] bytes = File.ReadAllBytes(path);
        string header = Encoding.UTF8.GetString(bytes, 8, (int)BitConverter.ToInt64(bytes));
        Assert.Equal("""{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}""", header.TrimEnd());
        Assert.Equal([0, 0, 0x80, 0x3f, 0, 0, 0, 0x40], bytes[^8..]);
        Assert.Equal(0, header.Length % 8);
    }

    [Theory]
    [InlineData("", "has 0 bytes")]
    [InlineData("9999999999999999999999", "claims")]
    [InlineData("""{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}""", "truncated or damaged")]
    [InlineData("""{"a":{"dtype":"F32","shape":[-1],"data_offsets":[0,0]}}""", "negative side")]
    [InlineData("""{"a":{"dtype":"F32","shape":[4611686018427387904,4611686018427387904],"data_offsets":[0,0]}}""", "more elements")]
    [InlineData("""{"a":{"dtype":"Q4","shape":[],"data_offsets":[0,0]}}""", "type Q4")]
    [InlineData("""{"a":{"shape":[],"data_offsets":[0,0]}}""", "no JSON object")]
    [InlineData("""["a"]""", "no JSON object")]
    [InlineData("{\"a\":", "no JSON object")]
    public void A_broken_file_is_refused_with_the_reason(string header, string reason)
    {
        string path = Path.Combine(_folder, "broken.safetensors");
        byte[] text = Encoding.UTF8.GetBytes(header);
        File.WriteAllBytes(path, header.StartsWith('9') ? text : header.Length == 0 ? [] : [.. BitConverter.GetBytes((long)text.Length), .. text]);
        var e = Assert.Throws<InvalidDataException>(() => Safetensors.Load(path));
        Assert.Contains(reason, e.Message, StringComparison.Ordinal);
        Assert.Contains(path, e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_failed_save_leaves_the_old_file()
    {
        string path = Path.Combine(_folder, "kept.safetensors");
        File.WriteAllText(path, "old");
        Assert.Throws<ArgumentException>(() => Safetensors.Save(path, new Dictionary<string, Tensor> { ["z"] = zeros(2, ScalarType.ComplexFloat64) }));
        Assert.Equal("old", File.ReadAllText(path));
        Assert.Equal([path], Directory.GetFiles(_folder));
    }
}
