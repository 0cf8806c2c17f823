using System.IO.Compression;
using System.Text;
using AttentionLab.Models;

namespace AttentionLab.Tests.Models;

/// <summary>Files of torch.save made by hand, to break something.</summary>
public sealed class HostilePickleTests : IDisposable
{
    private readonly string _path = Path.Combine(Path.GetTempPath(), $"{Guid.NewGuid():N}.pth");

    public void Dispose() => File.Delete(_path);

    [Fact]
    public void The_hand_made_file_itself_is_read()
    {
        WriteZip(Tensor([2, 3], [3, 1]));
        using TensorFile file = TensorFile.Open(_path);
        using TorchSharp.torch.Tensor tensor = file.Read("w");
        Assert.Equal([0f, 1, 2, 3, 4, 5], tensor.data<float>().ToArray());
    }

    [Fact]
    public void Other_ways_of_PyTorch_to_say_the_same_are_understood()
    {
        PickleWriter Begin(string rebuild) =>
            new PickleWriter().OrderedDict().Mark().Text("w").Global("torch._utils", rebuild).Mark();
        PickleWriter Storage(PickleWriter pickle, string module, string type, long count) =>
            pickle
                .Mark()
                .Text("storage")
                .Global(module, type)
                .Text("0")
                .Text("cpu")
                .Integer(count)
                .Tuple()
                .PersistentId()
                .Integer(0)
                .Integers([6])
                .Integers([1]);
        byte[][] pickles =
        [
            // Before 0.4.
            Storage(Begin("_rebuild_tensor"), "torch", "FloatStorage", 6).Tuple().Reduce().SetItems().Stop(),
            // Types that came after storages with types.
            Storage(Begin("_rebuild_tensor_v3"), "torch.storage", "UntypedStorage", 24)
                .False()
                .OrderedDict()
                .Global("torch", "float32")
                .Tuple()
                .Reduce()
                .SetItems()
                .Stop(),
            // A lazily conjugated tensor's flags, none of them set.
            Storage(Begin("_rebuild_tensor_v2"), "torch.cuda", "FloatStorage", 6)
                .False()
                .OrderedDict()
                .Dictionary()
                .Mark()
                .Text("conj")
                .False()
                .SetItems()
                .Tuple()
                .Reduce()
                .SetItems()
                .Stop(),
        ];
        Assert.All(
            pickles,
            pickle =>
            {
                WriteZip(pickle);
                using TensorFile file = TensorFile.Open(_path);
                using TorchSharp.torch.Tensor tensor = file.Read("w");
                Assert.Equal([0f, 1, 2, 3, 4, 5], tensor.data<float>().ToArray());
            }
        );

        Refused(
            Storage(Begin("_rebuild_tensor_v2"), "torch.storage", "UntypedStorage", 24)
                .False()
                .OrderedDict()
                .Tuple()
                .Reduce()
                .SetItems()
                .Stop(),
            "does not say its type"
        );
    }

    [Theory]
    [InlineData("os", "system")]
    [InlineData("posix", "system")]
    [InlineData("builtins", "eval")]
    [InlineData("__builtin__", "getattr")]
    [InlineData("numpy.core.multiarray", "_reconstruct")]
    [InlineData("torch", "load")]
    [InlineData("torch._utils", "_rebuild_sparse_tensor")]
    [InlineData("torch.hub", "load")]
    public void A_global_that_weights_do_not_need_is_refused_by_name(string module, string name)
    {
        Refused(
            new PickleWriter().Global(module, name).Mark().Text("echo x > /tmp/owned").Tuple().Reduce().Stop(),
            $"{module}.{name}"
        );

        // The same by text on the stack, as protocol 4 does it.
        Refused([0x80, 4, .. Short(module), .. Short(name), 0x93, (byte)'.'], $"{module}.{name}");

        static byte[] Short(string text) => [0x8c, (byte)text.Length, .. Encoding.ASCII.GetBytes(text)];
    }

    [Theory]
    [InlineData("os", "system")]
    [InlineData("nt", "system")]
    [InlineData("subprocess", "Popen")]
    [InlineData("builtins", "exec")]
    [InlineData("torch.hub", "load")]
    public void An_attack_beside_weights_is_refused_by_name(string module, string name)
    {
        // {"epoch": system("touch …"), "state_dict": …}
        byte[] weights = Tensor([6], [1]);
        Refused(
            [
                .. new PickleWriter()
                    .Dictionary()
                    .Mark()
                    .Text("epoch")
                    .Global(module, name)
                    .Mark()
                    .Text("touch /tmp/owned")
                    .Tuple()
                    .Reduce()
                    .Text("state_dict")
                    .Stop()[..^1],
                .. weights[2..^1],
                (byte)'u',
                (byte)'.',
            ],
            $"{module}.{name}"
        );
    }

    [Fact]
    public void An_empty_slice_may_begin_behind_its_storage()
    {
        WriteZip(Tensor([2, 0], [3, 1], first: 1000));
        using TensorFile file = TensorFile.Open(_path);
        using TorchSharp.torch.Tensor tensor = file.Read("w");
        Assert.Equal([2, 0], tensor.shape);
    }

    [Fact]
    public void Windows_outside_of_the_storage_are_refused()
    {
        Refused(Tensor([2, 4], [4, 1]), "needs elements 0 to 7 of the 6");
        Refused(Tensor([6], [1], first: 1), "needs elements 1 to 6 of the 6");
        Refused(Tensor([6], [1], first: -1), "negative offset");
        Refused(Tensor([6], [-1], first: 5), "negative offset or stride");
        Refused(Tensor([2], [long.MaxValue]), "needs elements 0 to 9223372036854775807");
        Refused(Tensor([1L << 30, 1L << 30, 1L << 30], [0, 0, 0]), "more elements than a file can hold");
        Refused(Tensor([-1], [1]), "negative side");
        Refused(Tensor([2, 3], [1]), "1 strides");
        Refused(Tensor([.. Enumerable.Repeat(1L, 65)], [.. Enumerable.Repeat(1L, 65)]), "65 dimensions");
        Refused(Tensor([1_000_000], [0]), "more than 16 times the file");
        Refused(Tensor([long.MaxValue / 4], [0]), "more than 16 times the file");
        Refused(Tensor([6], [1], count: 7), "has 24 bytes and should have 28");
        Refused(Tensor([6], [1], count: -1), "claims -1 elements");
        Refused(Tensor([6], [1], count: long.MaxValue), "claims 9223372036854775807 elements");
        Refused(Tensor([6], [1], key: "../../etc/passwd"), "lacks the entry 'archive/data/../../etc/passwd'");
        Refused(Tensor([6], [1], key: "1"), "lacks the entry 'archive/data/1'");
    }

    [Fact]
    public void Archives_that_trick_are_refused()
    {
        byte[] good = Tensor([6], [1]);
        foreach (string name in (string[])["archive/../x", "/etc/passwd", "archive\\x", "archive//x", "archive/./x"])
        {
            WriteZip(good, zip => zip.Add(name, [1]));
            RefusedNow("dangerous name");
        }

        WriteZip(good, zip => zip.Add("archive/data/0", new byte[24]));
        RefusedNow("two entries of the name 'archive/data/0'");
        WriteZip(good, zip => zip.Add("other/data.pkl", good));
        RefusedNow("several data.pkl");
        WriteZip(good, zip => zip.Add("archive/byteorder", "big"u8));
        RefusedNow("big-endian");

        using (ZipArchive archive = new(File.Create(_path), ZipArchiveMode.Create))
        {
            using Stream entry = archive.CreateEntry("archive/data.pkl", CompressionLevel.SmallestSize).Open();
            entry.Write(new byte[1 << 24]);
        }

        RefusedNow("is compressed");
        using (ZipArchive archive = new(File.Create(_path), ZipArchiveMode.Create))
        {
            using Stream entry = archive.CreateEntry("letter.txt", CompressionLevel.NoCompression).Open();
            entry.Write("hello"u8);
        }

        RefusedNow("without data.pkl");
    }

    [Fact]
    public void Entries_that_lie_over_each_other_are_refused()
    {
        WriteZip(Tensor([6], [1]), zip => zip.Add("archive/big", new byte[1000]));
        byte[] bytes = File.ReadAllBytes(_path);

        // All entries of the directory are made to show the big one, as quines and zip bombs do.
        int big = bytes.AsSpan().IndexOf("archive/big"u8) - 30;
        for (
            int at = bytes.AsSpan().IndexOf("PK\x01\x02"u8);
            at >= 0 && bytes.AsSpan(at).StartsWith("PK\x01\x02"u8);
            at += 46 + BitConverter.ToUInt16(bytes, at + 28)
        )
        {
            BitConverter.GetBytes(1000).CopyTo(bytes, at + 20);
            BitConverter.GetBytes(1000).CopyTo(bytes, at + 24);
            BitConverter.GetBytes(big).CopyTo(bytes, at + 42);
        }

        File.WriteAllBytes(_path, bytes);
        RefusedNow("claim more bytes than the file has");
    }

    [Fact]
    public void A_changed_byte_of_a_storage_is_noticed()
    {
        WriteZip(Tensor([6], [1]));
        byte[] bytes = File.ReadAllBytes(_path);
        bytes[bytes.AsSpan().IndexOf(Storage())] ^= 1;
        File.WriteAllBytes(_path, bytes);
        using TensorFile file = TensorFile.Open(_path);
        Assert.Contains("checksum", Assert.Throws<InvalidDataException>(() => file.Read("w")).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Pickles_that_are_no_programs_are_refused()
    {
        (byte[] Pickle, string Reason)[] cases =
        [
            ([], "ends too early"),
            ([0x80, 2], "ends too early"),
            ([0x80, 9], "a protocol other than 2 to 5"),
            ([0x80, 2, (byte)'.'], "takes more values"),
            ([0x80, 2, (byte)'(', (byte)'.'], "takes more values"),
            ([0x80, 2, (byte)'t', (byte)'.'], "did not begin"),
            ([0x80, 2, (byte)'h', 1, (byte)'.'], "did not remember"),
            ([0x80, 2, (byte)'q', 1, (byte)'.'], "did not give"),
            ([0x80, 2, (byte)'i', (byte)'o', (byte)'s', (byte)'\n'], "0x69"),
            ([0x80, 2, (byte)'X', 255, 255, 255, 255, (byte)'a'], "ends too early"),
            ([0x80, 2, 0x8d, 255, 255, 255, 255, 255, 255, 255, 255], "ends too early"),
            ([0x80, 2, (byte)'X', 1, 0, 0, 0, 0xff, (byte)'.'], "not UTF-8"),
            ([0x80, 2, (byte)'K', 1, (byte)'K', 1, (byte)'s', (byte)'.'], "sets items of"),
            ([0x80, 2, (byte)'K', 1, (byte)'K', 1, (byte)'a', (byte)'.'], "appends to"),
            ([0x80, 2, (byte)'}', (byte)'(', (byte)'K', 1, (byte)'u', (byte)'.'], "a key without a value"),
            ([0x80, 2, (byte)'K', 1, (byte)')', (byte)'R', (byte)'.'], "not a function"),
            ([0x80, 2, (byte)'K', 1, (byte)'}', (byte)'b', (byte)'.'], "gives attributes"),
            ([0x80, 2, (byte)'K', 1, (byte)'Q', (byte)'.'], "not a storage"),
            ([0x80, 2, (byte)'c', .. Enumerable.Repeat((byte)'a', 1000)], "a name of more than"),
            ([0x80, 2, (byte)'K', 1, (byte)'.'], "something else than a dictionary"),
            ([0x80, 2, .. Enumerable.Repeat((byte)'N', 200_000), (byte)'.'], "values on the stack"),
            ([0x80, 2, .. Enumerable.Repeat((byte)'(', 200_000), (byte)'.'], "values on the stack"),
            (new PickleWriter().Dictionary().Mark().Text("a").Integer(1).SetItems().Stop(), "no state dict; its keys are a"),
            (new PickleWriter().Global("torch", "Tensor").Mark().Tuple().Reduce().Stop(), "asks Python for torch.Tensor"),
            (
                new PickleWriter().Global("torch._utils", "_rebuild_tensor_v2").Mark().Integer(1).Tuple().Reduce().Stop(),
                "other arguments"
            ),
        ];
        Assert.All(cases, test => Refused(test.Pickle, test.Reason));
    }

    [Fact]
    public void A_list_that_holds_itself_ends()
    {
        // {"l": l} with l = [l]
        Refused(
            [
                0x80,
                2,
                (byte)'}',
                (byte)'(',
                (byte)'X',
                1,
                0,
                0,
                0,
                (byte)'l',
                (byte)']',
                (byte)'q',
                0,
                (byte)'h',
                0,
                (byte)'a',
                (byte)'u',
                (byte)'.',
            ],
            "no state dict"
        );
    }

    [Fact]
    public void The_format_before_1_6_is_checked_too()
    {
        byte[] good = File.ReadAllBytes(Fixture.Path("pytorch/legacy.pth"));
        for (int length = 0; length < good.Length; length += 13)
        {
            File.WriteAllBytes(_path, good[..length]);
            Assert.Throws<InvalidDataException>(() => TensorFile.Open(_path));
        }

        File.WriteAllBytes(_path, [0x80, 2, (byte)'K', 1, (byte)'.']);
        RefusedNow("not from torch.save");
    }

    [Theory]
    [InlineData("version https://git-lfs.github.com/spec/v1\noid", "Git LFS")]
    [InlineData("<!DOCTYPE html><html>", "web page")]
    [InlineData("{\"metadata\": {\"total_size\": 8}, \"weight_map\": {}}", "the index of weights in several files")]
    [InlineData("[1]", "it is JSON text")]
    [InlineData("hello", "begins with 68656C6C6F")]
    [InlineData("", "empty")]
    public void Other_files_are_recognised(string text, string reason)
    {
        File.WriteAllText(_path, text);
        RefusedNow(reason);
    }

    private static byte[] Storage() => [.. Enumerable.Range(0, 6).SelectMany(i => BitConverter.GetBytes((float)i))];

    /// <summary>The pickle of a state dict with one tensor <c>w</c> in a storage of six floats.</summary>
    private static byte[] Tensor(long[] shape, long[] strides, long first = 0, long count = 6, string key = "0") =>
        new PickleWriter()
            .OrderedDict()
            .Mark()
            .Text("w")
            .Global("torch._utils", "_rebuild_tensor_v2")
            .Mark()
            .Mark()
            .Text("storage")
            .Global("torch", "FloatStorage")
            .Text(key)
            .Text("cpu")
            .Integer(count)
            .Tuple()
            .PersistentId()
            .Integer(first)
            .Integers(shape)
            .Integers(strides)
            .False()
            .OrderedDict()
            .Tuple()
            .Reduce()
            .SetItems()
            .Stop();

    private void WriteZip(byte[] pickle, Action<AlignedZipWriter>? more = null)
    {
        using FileStream file = File.Create(_path);
        using var zip = new AlignedZipWriter(file);
        zip.Add("archive/data.pkl", pickle);
        zip.Add("archive/data/0", Storage());
        more?.Invoke(zip);
        zip.Finish();
    }

    private void Refused(byte[] pickle, string reason)
    {
        WriteZip(pickle);
        RefusedNow(reason);
    }

    private void RefusedNow(string reason)
    {
        string message = Assert.Throws<InvalidDataException>(() => TensorFile.Open(_path)).Message;
        Assert.Contains(reason, message, StringComparison.Ordinal);
        Assert.Contains(_path, message, StringComparison.Ordinal);
    }
}
