using AttentionLab.Models;
using CsCheck;
using TorchSharp;
using static TorchSharp.torch;

namespace AttentionLab.Tests.Models;

/// <summary>What holds for any tensors, and for any damage.</summary>
public sealed class RandomFileTests : IDisposable
{
    private static readonly ScalarType[] Types =
    [
        ScalarType.Bool,
        ScalarType.Byte,
        ScalarType.Int8,
        ScalarType.Int16,
        ScalarType.Int32,
        ScalarType.Int64,
        ScalarType.Float16,
        ScalarType.BFloat16,
        ScalarType.Float32,
        ScalarType.Float64,
        ScalarType.ComplexFloat32,
    ];

    // Limits of numbers, and instructions of pickles.
    private static readonly byte[] Telling = [0, 1, 0x7f, 0x80, 0xff, (byte)'(', (byte)'R', (byte)'t', (byte)'.'];

    private readonly string _path = Path.Combine(Path.GetTempPath(), $"{Guid.NewGuid():N}.weights");
    private readonly DisposeScope _scope = NewDisposeScope();

    public void Dispose()
    {
        _scope.Dispose();
        File.Delete(_path);
    }

    [Theory]
    [InlineData("safetensors")]
    [InlineData("pth")]
    public void Any_tensors_come_back_to_the_bit(string format)
    {
        Gen<(string Name, ScalarType Type, long[] Shape, byte[] Bytes)> one =
            from letters in Gen.Char.AlphaNumeric.Array[0, 12]
            let name = new string(letters)
            from type in Gen.Int[0, Types.Length - 1].Select(index => Types[index])
            from shape in Gen.Long[0, 4].Array[0, 4]
            let length = (int)new TensorInfo(type, shape).ByteCount
            from bytes in (type == ScalarType.Bool ? Gen.Byte[0, 1] : Gen.Byte).Array[length]
            select (name, type, shape, bytes);
        Gen.Select(one.Array[0, 8], Gen.Dictionary(Gen.String[0, 8].Where(IsUnicode), Gen.String[0, 20].Where(IsUnicode))[0, 4])
            .Sample(
                (samples, metadata) =>
                {
                    using DisposeScope scope = NewDisposeScope();
                    Dictionary<string, Tensor> tensors = samples
                        .DistinctBy(sample => sample.Name)
                        .ToDictionary(
                            sample => sample.Name,
                            sample =>
                            {
                                Tensor tensor = empty(sample.Shape, sample.Type);
                                if (sample.Bytes.Length > 0)
                                {
                                    tensor.bytes = sample.Bytes;
                                }

                                // Every second one by its columns.
                                return sample.Name.Length % 2 == 0 && sample.Shape.Length == 2 ? tensor.t() : tensor;
                            }
                        );
                    Save(format, tensors, metadata);
                    using TensorFile file = TensorFile.Open(_path);
                    Assert.Equal(metadata, file.Metadata);
                    Assert.Equal(tensors.Keys.Order(), file.Tensors.Keys.Order());
                    Assert.All(
                        tensors,
                        pair =>
                        {
                            using Tensor actual = file.Read(pair.Key);
                            PyTorchFileTests.AssertSame(pair.Key, pair.Value.contiguous(), actual);
                        }
                    );
                },
                iter: 150,
                threads: 1
            );

        static bool IsUnicode(string text) => !text.Any(char.IsSurrogate);
    }

    [Theory]
    [InlineData("samples.safetensors")]
    [InlineData("samples.pth")]
    [InlineData("zip.pth")]
    [InlineData("legacy.pth")]
    [InlineData("protocol4.pth")]
    [InlineData("checkpoint.pth")]
    [InlineData("checkpoint_legacy.pth")]
    public void Any_damage_is_read_or_refused_within_bounds(string name)
    {
        byte[] good = name.StartsWith("samples", StringComparison.Ordinal)
            ? Saved(Path.GetExtension(name)[1..])
            : File.ReadAllBytes(Fixture.Path($"pytorch/{name}"));
        Gen<(int At, byte Value)> change = Gen.Select(
            Gen.Int[0, good.Length - 1],
            Gen.OneOf(Gen.Byte, Gen.Int[0, Telling.Length - 1].Select(index => Telling[index]))
        );
        Gen.Select(change.Array[1, 4], Gen.Int[0, 9], Gen.Int[0, good.Length])
            .Sample(
                (changes, cut, length) =>
                {
                    byte[] bad = [.. good];
                    foreach ((int at, byte value) in changes)
                    {
                        bad[at] = value;
                    }

                    ReadAll(cut == 0 ? bad[..length] : bad);
                },
                iter: 600,
                threads: 1
            );
    }

    [Theory]
    [InlineData("safetensors")]
    [InlineData("pth")]
    public void Any_bytes_after_a_good_beginning_are_refused_within_bounds(string format)
    {
        byte[] good = Saved(format);
        Gen.Select(Gen.Int[0, Math.Min(good.Length, 400)], Gen.Byte.Array[0, 300])
            .Sample((kept, noise) => ReadAll([.. good[..kept], .. noise]), iter: 500, threads: 1);
    }

    private byte[] Saved(string format)
    {
        Save(format, PyTorchFileTests.Samples(), new Dictionary<string, string> { ["made by"] = "a test" });
        return File.ReadAllBytes(_path);
    }

    private void Save(string format, Dictionary<string, Tensor> tensors, Dictionary<string, string> metadata)
    {
        if (format == "pth")
        {
            PyTorchFile.Save(tensors, _path, metadata);
        }
        else
        {
            Safetensors.Save(tensors, _path, metadata);
        }
    }

    private void ReadAll(byte[] bytes)
    {
        File.WriteAllBytes(_path, bytes);
        long before = GC.GetAllocatedBytesForCurrentThread(),
            tensors = Live.Tensors;
        try
        {
            using TensorFile file = TensorFile.Open(_path);
            Assert.InRange(file.Tensors.Values.Sum(info => info.ByteCount), 0, 16 * bytes.Length);
            foreach (Tensor tensor in file.ReadAll().Values)
            {
                tensor.Dispose();
            }
        }
        catch (InvalidDataException e)
        {
            Assert.Contains(_path, e.Message, StringComparison.Ordinal);
        }

        // ReadBytesFromStream takes a buffer of 64 kB for each tensor.
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, (100 * bytes.Length) + 4_000_000);
        Assert.Equal(tensors, Live.Tensors);
    }
}
