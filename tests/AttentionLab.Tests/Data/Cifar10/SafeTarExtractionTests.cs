using System.Diagnostics;
using System.Formats.Tar;
using System.Text;
using AttentionLab.Data;
using CsCheck;

namespace AttentionLab.Tests.Data;

public sealed class SafeTarExtractionTests : IDisposable
{
    private static readonly Dictionary<string, long> Expected = new() { ["set/a.bin"] = 1000, ["set/b.bin"] = 10 };

    private readonly TemporaryFolder _outer = new();

    private string Inner => Directory.CreateDirectory(_outer["inner"]).FullName;

    public static TheoryData<string, string> Intruders =>
        new()
        {
            { "../evil", nameof(TarEntryType.RegularFile) },
            { "set/../../evil", nameof(TarEntryType.RegularFile) },
            { "set/../a.bin", nameof(TarEntryType.RegularFile) },
            { "..\\evil", nameof(TarEntryType.RegularFile) },
            { "/tmp/attentionlab-evil", nameof(TarEntryType.RegularFile) },
            { "C:\\evil", nameof(TarEntryType.RegularFile) },
            { "set/extra.bin", nameof(TarEntryType.RegularFile) },
            { "SET/a.bin", nameof(TarEntryType.RegularFile) },
            { "set/a.bin", nameof(TarEntryType.SymbolicLink) },
            { "set", nameof(TarEntryType.SymbolicLink) },
            { "set/a.bin", nameof(TarEntryType.HardLink) },
            { "set/a.bin", nameof(TarEntryType.CharacterDevice) },
            { "set/a.bin", nameof(TarEntryType.BlockDevice) },
            { "set/a.bin", nameof(TarEntryType.Fifo) },
            { "set/a.bin", nameof(TarEntryType.Directory) },
            { "elsewhere/", nameof(TarEntryType.Directory) },
        };

    [Fact]
    public async Task Writes_the_expected_files()
    {
        byte[] a = TestArchive.Bytes(1000, seed: 1);
        await ExtractAsync(
            TestArchive.Pack([
                new UstarTarEntry(TarEntryType.Directory, "./set/"),
                TestArchive.FileEntry("./set/a.bin", a),
                TestArchive.FileEntry("set/b.bin", []),
            ])
        );

        Assert.Equal(a, File.ReadAllBytes(_outer["inner", "set", "a.bin"]));
        Assert.Empty(File.ReadAllBytes(_outer["inner", "set", "b.bin"]));
        Assert.Equal(4, AllEntries().Length);
    }

    [Theory]
    [MemberData(nameof(Intruders))]
    public async Task Refuses_whatever_is_not_an_expected_file(string name, string type)
    {
        TarEntryType kind = Enum.Parse<TarEntryType>(type);
        var entry = new PaxTarEntry(kind, name);
        if (kind is TarEntryType.RegularFile)
        {
            entry.DataStream = new MemoryStream([1, 2, 3]);
        }
        else if (kind is TarEntryType.SymbolicLink or TarEntryType.HardLink)
        {
            entry.LinkName = "../evil";
        }

        var e = await Assert.ThrowsAsync<InvalidDataException>(() =>
            ExtractAsync(TestArchive.Pack([entry, TestArchive.FileEntry("set/b.bin", [1])]))
        );
        Assert.Contains($"'{name}' ({type}), which does not belong there", e.Message, StringComparison.Ordinal);
        Assert.Equal([_outer["inner"]], AllEntries());
        Assert.False(File.Exists("/tmp/attentionlab-evil"));
    }

    [Fact]
    public async Task Refuses_an_oversized_entry()
    {
        var e = await Assert.ThrowsAsync<InvalidDataException>(() =>
            ExtractAsync(TestArchive.Pack([TestArchive.FileEntry("set/b.bin", new byte[11])]))
        );
        Assert.Contains("'set/b.bin' has 11 bytes; at most 10", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Refuses_a_file_that_comes_twice()
    {
        var e = await Assert.ThrowsAsync<InvalidDataException>(() =>
            ExtractAsync(TestArchive.Pack([TestArchive.FileEntry("set/b.bin", [1]), TestArchive.FileEntry("./set/b.bin", [2])]))
        );
        Assert.Contains("twice", e.Message, StringComparison.Ordinal);
        Assert.Equal([1], File.ReadAllBytes(_outer["inner", "set", "b.bin"]));
    }

    [Fact]
    public async Task Stops_when_an_archive_unpacks_to_more_than_expected()
    {
        // 20 MB of zeros behind the end of the tar are 20 kB of gzip.
        byte[] tar = [.. TestArchive.Tar([TestArchive.FileEntry("set/b.bin", [1])]), .. new byte[20 << 20]];
        var e = await Assert.ThrowsAsync<InvalidDataException>(() => ExtractAsync(TestArchive.Compress(tar)));
        Assert.Contains("unpacks to more than the", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Stops_when_a_header_claims_gigabytes()
    {
        var entry = new PaxTarEntry(
            TarEntryType.RegularFile,
            "set/b.bin",
            new Dictionary<string, string> { ["comment"] = new('x', 8 << 20) }
        );
        await Assert.ThrowsAsync<InvalidDataException>(() => ExtractAsync(TestArchive.Pack([entry])));
    }

    [Fact]
    public async Task Attributes_by_the_million_are_refused_at_once()
    {
        // Five million attributes pack into a few megabytes; taking them apart took half a minute.
        byte[] attributes = [.. Enumerable.Repeat("13 keys=1234\n"u8.ToArray(), 5_000_000).SelectMany(bytes => bytes)];
        byte[] archive = TestArchive.Compress([.. Header("set/b.bin", 'x', Octal(attributes.Length)), .. attributes]);
        var clock = Stopwatch.StartNew();
        string message = await RefusedAsync(archive);
        Assert.Contains("extended headers have", message, StringComparison.Ordinal);
        Assert.True(clock.Elapsed < TimeSpan.FromSeconds(5), $"{clock.Elapsed}");

        // As many small headers as one likes.
        byte[] small = [.. Header("set/b.bin", 'x', Octal(512)), .. "512 comment="u8, .. new byte[499], (byte)'\n'];
        await RefusedAsync(TestArchive.Compress([.. Enumerable.Repeat(small, 1000).SelectMany(bytes => bytes)]));
    }

    [Theory]
    [InlineData('S')] // GNU's sparse file
    [InlineData('D')] // GNU's dumped folder
    [InlineData('M')] // GNU's further volume
    [InlineData('V')] // GNU's volume name
    [InlineData('N')]
    [InlineData('7')] // a contiguous file
    [InlineData('Z')]
    [InlineData('\x01')]
    public async Task Kinds_of_entries_that_do_not_belong_there_are_refused(char type) =>
        await RefusedAsync(TestArchive.Compress([.. Header("set/b.bin", type, Octal(0)), .. new byte[1024]]));

    public static TheoryData<byte[]> Sizes =>
        new()
        {
            "77777777777\0"u8.ToArray(),
            "-1\0         "u8.ToArray(),
            "9\0          "u8.ToArray(),
            "            "u8.ToArray(),
            (byte[])[0x80, 0, 0, 0, 0x7F, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF],
            (byte[])[0x80, 0, 0, 0, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF],
            (byte[])[0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF],
            (byte[])[0x80, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0],
        };

    [Theory]
    [MemberData(nameof(Sizes))]
    public async Task Lengths_of_any_kind_end_in_the_documented_exception(byte[] size)
    {
        foreach (char type in "0xgLKS5")
        {
            Exception? e = await Record.ExceptionAsync(() =>
                ExtractAsync(TestArchive.Compress([.. Header("set/b.bin", type, size), .. new byte[2048]]))
            );
            Assert.True(e is null or InvalidDataException, $"{type}: {e}");
        }
    }

    [Theory]
    [InlineData("size=1000")]
    [InlineData("GNU.sparse.realsize=1000")]
    [InlineData("GNU.sparse.map=0,1")]
    public async Task A_length_in_an_extended_header_is_refused(string attribute)
    {
        string record = $"{attribute.Length + 4} {attribute}\n";
        byte[] data = new byte[512];
        Encoding.ASCII.GetBytes(record, data);
        await RefusedAsync(
            TestArchive.Compress([
                .. Header("x", 'x', Octal(record.Length)),
                .. data,
                .. Header("set/b.bin", '0', Octal(0)),
                .. new byte[1024],
            ])
        );
    }

    private async Task<string> RefusedAsync(byte[] archive) =>
        (await Assert.ThrowsAsync<InvalidDataException>(() => ExtractAsync(archive))).Message;

    private static byte[] Octal(long number) => Encoding.ASCII.GetBytes(Convert.ToString(number, 8).PadLeft(11, '0') + "\0");

    private static byte[] Header(string name, char type, byte[] size)
    {
        var header = new byte[512];
        Encoding.ASCII.GetBytes(name, header);
        "0000644\0"u8.CopyTo(header.AsSpan(100));
        "0000000\0"u8.CopyTo(header.AsSpan(108));
        "0000000\0"u8.CopyTo(header.AsSpan(116));
        size.CopyTo(header, 124);
        "00000000000\0"u8.CopyTo(header.AsSpan(136));
        header[156] = (byte)type;
        (type is 'S' or 'D' or 'M' or 'V' or 'N' or 'L' or 'K' ? "ustar  \0"u8 : "ustar\u000000"u8).CopyTo(header.AsSpan(257));
        "        "u8.CopyTo(header.AsSpan(148));
        Encoding.ASCII.GetBytes(Convert.ToString(header.Sum(b => b), 8).PadLeft(6, '0') + "\0 ", header.AsSpan(148));
        return header;
    }

    [Fact]
    public async Task A_truncated_archive_is_refused_wherever_it_lacks_a_byte_of_a_file()
    {
        byte[] a = TestArchive.Bytes(1000, seed: 2),
            b = [1, 2, 3];
        byte[] whole = TestArchive.Pack([TestArchive.FileEntry("set/a.bin", a), TestArchive.FileEntry("set/b.bin", b)]);
        for (int length = 1; length < whole.Length; length += 7)
        {
            Directory.Delete(Inner, recursive: true);
            Exception? e = await Record.ExceptionAsync(() => ExtractAsync(whole[..length]));

            // Without its last bytes, padding and gzip's own checksum, it still holds both files.
            bool bothWhole =
                e is null
                && File.ReadAllBytes(_outer["inner", "set", "a.bin"]).SequenceEqual(a)
                && File.ReadAllBytes(_outer["inner", "set", "b.bin"]).SequenceEqual(b);
            Assert.True(
                e is InvalidDataException || (bothWhole && length > whole.Length - 40),
                $"Cut to {length} of {whole.Length} bytes: {e?.ToString() ?? "accepted"}"
            );
        }
    }

    [Fact]
    public async Task Refuses_bytes_whose_checksum_is_wrong()
    {
        byte[] archive = TestArchive.Pack([TestArchive.FileEntry("set/a.bin", TestArchive.Bytes(1000, seed: 3))]);
        archive[^6] ^= 1;
        await Assert.ThrowsAsync<InvalidDataException>(() => ExtractAsync(archive));
    }

    [Fact]
    public async Task Refuses_what_is_no_archive()
    {
        await Assert.ThrowsAsync<InvalidDataException>(() => ExtractAsync([.. "<html>Please sign in</html>"u8]));
        await Assert.ThrowsAsync<InvalidDataException>(() =>
            ExtractAsync(TestArchive.Compress(TestArchive.Bytes(5000, seed: 4)))
        );
    }

    [Fact]
    public void Whatever_a_damaged_tar_holds_nothing_else_is_written_and_nothing_else_is_thrown()
    {
        byte[] tar = TestArchive.Tar([
            new PaxTarEntry(TarEntryType.Directory, "set/"),
            new PaxTarEntry(TarEntryType.RegularFile, "set/a.bin")
            {
                DataStream = new MemoryStream(TestArchive.Bytes(1000, seed: 5)),
            },
            TestArchive.FileEntry("set/b.bin", [1, 2, 3]),
        ]);
        string[] allowed =
        [
            _outer["inner"],
            _outer["inner", "set"],
            _outer["inner", "set", "a.bin"],
            _outer["inner", "set", "b.bin"],
        ];

        Gen.Select(Gen.Int[0, tar.Length - 1], Gen.Byte)
            .Array[1, 4]
            .Sample(
                changes =>
                {
                    byte[] damaged = [.. tar];
                    foreach ((int at, byte value) in changes)
                    {
                        damaged[at] = value;
                    }

                    if (Directory.Exists(_outer["inner"]))
                    {
                        Directory.Delete(_outer["inner"], recursive: true);
                    }

                    Exception? e = Record.Exception(() => ExtractAsync(TestArchive.Compress(damaged)).GetAwaiter().GetResult());
                    Assert.True(e is null or InvalidDataException, e?.ToString());
                    Assert.Subset(allowed.ToHashSet(), AllEntries().ToHashSet());
                },
                iter: 200,
                threads: 1
            );
    }

    public void Dispose() => _outer.Dispose();

    private Task ExtractAsync(byte[] archive) =>
        SafeTarExtraction.ExtractAsync(new MemoryStream(archive), Inner, Expected, TestContext.Current.CancellationToken);

    private string[] AllEntries() => Directory.GetFileSystemEntries(_outer.Path, "*", SearchOption.AllDirectories);
}
