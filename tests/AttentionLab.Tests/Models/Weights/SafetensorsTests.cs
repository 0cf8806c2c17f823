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
    public void A_file_has_the_bytes_the_format_asks_for()
    {
        string path = Path.Combine(_folder, "one.safetensors");
        Safetensors.Save(new Dictionary<string, Tensor> { ["a"] = tensor([1f, 2f]) }, path);
        byte[] bytes = File.ReadAllBytes(path);
        string header = Encoding.UTF8.GetString(bytes, 8, (int)BitConverter.ToInt64(bytes));
        Assert.Equal("""{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}""", header.TrimEnd());
        Assert.Equal([0, 0, 0x80, 0x3f, 0, 0, 0, 0x40], bytes[^8..]);
        Assert.Equal(0, header.Length % 8);
    }

    [Theory]
    [InlineData("plain")]
    [InlineData("se")]
    public void The_reference_implementations_file_comes_out_to_the_byte(string name)
    {
        string original = Fixture.Shared($"parity/{name}_seed0.safetensors"),
            path = Path.Combine(_folder, "again.safetensors");
        using TensorFile file = Safetensors.Open(original);
        Dictionary<string, Tensor> tensors = file.ReadAll();
        Safetensors.Save(tensors, path, file.Metadata.Count > 0 ? file.Metadata : null);
        Assert.True(File.ReadAllBytes(original).AsSpan().SequenceEqual(File.ReadAllBytes(path)));
        foreach (Tensor tensor in tensors.Values)
        {
            tensor.Dispose();
        }
    }

    [Fact]
    public void Large_elements_come_first_so_that_all_are_aligned()
    {
        string path = Path.Combine(_folder, "order.safetensors");
        Safetensors.Save(
            new Dictionary<string, Tensor>
            {
                ["a"] = zeros(3, ScalarType.Bool),
                ["b"] = zeros(1, ScalarType.Float16),
                ["z"] = zeros(1, ScalarType.Int64),
                ["c"] = zeros(1, ScalarType.Float32),
                ["y"] = zeros(1, ScalarType.Int64),
            },
            path
        );
        using TensorFile file = Safetensors.Open(path);
        Assert.Equal(["y", "z", "c", "b", "a"], file.Tensors.Keys);
    }

    [Fact]
    public void Metadata_and_descriptions_come_without_reading_a_tensor()
    {
        string path = Path.Combine(_folder, "meta.safetensors");
        var metadata = new Dictionary<string, string>
        {
            ["classes"] = """["Katze","犬","🐈"]""",
            ["leer"] = "",
            ["zeile"] = "a\nb\t\"c\"\\",
        };
        Safetensors.Save(
            new Dictionary<string, Tensor>
            {
                ["Gewicht.ü"] = ones(2, 3),
                ["scalar"] = tensor(7L),
                ["none"] = zeros(0, 4, ScalarType.Int8),
            },
            path,
            metadata
        );

        using TensorFile file = TensorFile.Open(path);
        Assert.Equal("safetensors", file.Format);
        Assert.Equal(metadata, file.Metadata);
        Assert.Equal(
            (ScalarType.Float32, "2×3", 24L),
            (file.Tensors["Gewicht.ü"].Type, file.Tensors["Gewicht.ü"].ShapeText, file.Tensors["Gewicht.ü"].ByteCount)
        );
        Assert.Equal("Int64 scalar", file.Tensors["scalar"].ToString());
        Assert.Equal([0, 4], file.Tensors["none"].Shape);
        using Tensor scalar = file.Read("scalar");
        Assert.Equal(7, scalar.item<long>());
        Assert.Contains(
            "no tensor named 'x'",
            Assert.Throws<KeyNotFoundException>(() => file.Read("x")).Message,
            StringComparison.Ordinal
        );
    }

    [Fact]
    public void What_is_read_outlives_the_file_and_the_scope()
    {
        string path = Path.Combine(_folder, "outlives.safetensors");
        Safetensors.Save(new Dictionary<string, Tensor> { ["a"] = tensor([1f, float.NaN]) }, path);
        Tensor read;
        using (NewDisposeScope())
        {
            using TensorFile file = Safetensors.Open(path);
            read = file.Read("a");
        }

        File.Delete(path);
        Assert.True(read[1].isnan().item<bool>());
        read.Dispose();
    }

    [Theory]
    [InlineData("""{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}""", 7, "truncated or damaged")]
    [InlineData("""{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}""", 9, "1 bytes at its end")]
    [InlineData("""{"a":{"dtype":"F32","shape":[3],"data_offsets":[0,8]}}""", 8, "needs 12 bytes")]
    [InlineData("""{"a":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}}""", 8, "belong to none")]
    [InlineData(
        """{"a":{"dtype":"I8","shape":[4],"data_offsets":[0,4]},"b":{"dtype":"I8","shape":[4],"data_offsets":[2,6]}}""",
        6,
        "overlap"
    )]
    [InlineData(
        """{"a":{"dtype":"I8","shape":[4],"data_offsets":[0,4]},"b":{"dtype":"I8","shape":[1],"data_offsets":[5,6]}}""",
        6,
        "belong to none"
    )]
    [InlineData("""{"a":{"dtype":"I8","shape":[1],"data_offsets":[1,0]}}""", 1, "truncated or damaged")]
    [InlineData("""{"a":{"dtype":"I8","shape":[1],"data_offsets":[-1,0]}}""", 1, "truncated or damaged")]
    [InlineData("""{"a":{"dtype":"I8","shape":[1],"data_offsets":[0,1,2]}}""", 1, "3 data_offsets")]
    [InlineData("""{"a":{"dtype":"F32","shape":[-1],"data_offsets":[0,0]}}""", 0, "negative side")]
    [InlineData(
        """{"a":{"dtype":"F32","shape":[4611686018427387904,4611686018427387904],"data_offsets":[0,0]}}""",
        0,
        "more elements"
    )]
    [InlineData("""{"a":{"dtype":"F32","shape":[0,4611686018427387904,4],"data_offsets":[0,0]}}""", 0, "more elements")]
    [InlineData(
        """{"a":{"dtype":"I8","shape":[1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1],"data_offsets":[0,1]}}""",
        1,
        "65 dimensions"
    )]
    [InlineData("""{"a":{"dtype":"I8","shape":[1e3],"data_offsets":[0,0]}}""", 0, "not a JSON object")]
    [InlineData("""{"a":{"dtype":"I8","shape":[99999999999999999999],"data_offsets":[0,0]}}""", 0, "not a JSON object")]
    [InlineData("""{"a":{"dtype":"Q4","shape":[],"data_offsets":[0,0]}}""", 0, "has type Q4, which the format does not know")]
    [InlineData(
        """{"a":{"dtype":"F8_E4M3","shape":[1],"data_offsets":[0,1]}}""",
        1,
        "type F8_E4M3, which TorchSharp cannot hold: convert it in Python first, to float16"
    )]
    [InlineData("""{"a":{"dtype":"U32","shape":[1],"data_offsets":[0,4]}}""", 4, "to int64")]
    [InlineData("""{"a":{"shape":[],"data_offsets":[0,0]}}""", 0, "not a JSON object")]
    [InlineData(
        """{"a":{"dtype":"I8","shape":[1],"data_offsets":[0,1]},"a":{"dtype":"I8","shape":[1],"data_offsets":[0,1]}}""",
        1,
        "not a JSON object"
    )]
    [InlineData(
        """{"a":{"dtype":"I8","shape":[1],"data_offsets":[0,1]},"\u0061":{"dtype":"I8","shape":[1],"data_offsets":[1,2]}}""",
        2,
        "not a JSON object"
    )]
    [InlineData("""{"a":{"dtype":"I8","shape":[[[[1]]]],"data_offsets":[0,1]}}""", 1, "not a JSON object")]
    [InlineData("""{"\ud800":{"dtype":"I8","shape":[1],"data_offsets":[0,1]}}""", 1, "not a JSON object")]
    [InlineData("""{"__metadata__":{"a":1}}""", 0, "metadata 'a' is not text")]
    [InlineData("""{"__metadata__":["a"]}""", 0, "not a JSON object")]
    [InlineData("""{"a":[1]}""", 0, "not a JSON object")]
    [InlineData("""["a"]""", 0, "does not begin with {")]
    [InlineData(""" {}""", 0, "does not begin with {")]
    [InlineData("{\"a\":", 0, "not a JSON object")]
    [InlineData("{}{}", 0, "not a JSON object")]
    public void A_broken_file_is_refused_with_the_reason(string header, int dataLength, string reason)
    {
        byte[] text = Encoding.UTF8.GetBytes(header);
        Refused([.. BitConverter.GetBytes((long)text.Length), .. text, .. new byte[dataLength]], reason);
    }

    [Fact]
    public void Lengths_and_bytes_that_cannot_be_are_refused()
    {
        Refused([], "has 0 bytes");
        Refused([2, 0, 0, 0, 0, 0, 0, 0, (byte)'{'], "has 9 bytes");
        Refused([.. BitConverter.GetBytes(-1L), .. "{}"u8], "claims 18446744073709551615 bytes");
        Refused([.. BitConverter.GetBytes(3L), .. "{}"u8], "claims 3 bytes");
        Refused([.. BitConverter.GetBytes(1L), .. "{}"u8], "claims 1 bytes");
        Refused([.. BitConverter.GetBytes(4L), .. "{\"\xff\"}"u8[..2], 0xff, (byte)'}'], "not UTF-8");
        Refused(
            [.. BitConverter.GetBytes(65L), .. """{"a":{"dtype":"BOOL","shape":[2],"data_offsets":[0,2]}}          """u8, 1, 2],
            "neither 0 nor 1"
        );
    }

    [Fact]
    public void What_the_format_cannot_hold_leaves_the_old_file()
    {
        string path = Path.Combine(_folder, "kept.safetensors");
        File.WriteAllText(path, "old");
        Assert.Contains(
            "'z' has type ComplexFloat64",
            Assert
                .Throws<ArgumentException>(() =>
                    Safetensors.Save(new Dictionary<string, Tensor> { ["z"] = zeros(2, ScalarType.ComplexFloat64) }, path)
                )
                .Message,
            StringComparison.Ordinal
        );
        Assert.Throws<ArgumentException>(() =>
            Safetensors.Save(new Dictionary<string, Tensor> { ["__metadata__"] = zeros(2) }, path)
        );
        Assert.Throws<ArgumentException>(() => Safetensors.Save(new Dictionary<string, Tensor> { ["\ud800"] = zeros(2) }, path));
        Assert.Throws<ArgumentException>(() =>
            Safetensors.Save(new Dictionary<string, Tensor>(), path, new Dictionary<string, string> { ["a"] = "\udfff" })
        );
        Assert.Equal("old", File.ReadAllText(path));
        Assert.Equal([path], Directory.GetFiles(_folder));
    }

    private void Refused(byte[] bytes, string reason)
    {
        string path = Path.Combine(_folder, "broken.safetensors");
        File.WriteAllBytes(path, bytes);
        var e = Assert.Throws<InvalidDataException>(() => Safetensors.Load(path));
        Assert.Contains(reason, e.Message, StringComparison.Ordinal);
        Assert.Contains(path, e.Message, StringComparison.Ordinal);
    }
}
