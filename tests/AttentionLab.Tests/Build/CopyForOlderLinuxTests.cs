using System.Text;
using AttentionLab.Build;

namespace AttentionLab.Tests.Build;

public sealed class CopyForOlderLinuxTests
{
    private const string Version = "GLIBCXX_3.4.32";

    [Fact]
    public void Weakening_sets_one_bit_of_the_named_entry_and_nothing_else()
    {
        byte[] image = ElfImage([("GLIBCXX_3.4.30", 0), (Version, 0), ("CXXABI_1.3", 0)]);
        byte[] before = [.. image];

        Assert.True(CopyForOlderLinux.TryWeaken(image, Version));

        int at = Assert.Single(Differences(before, image));
        Assert.Equal(Entries + 16 + 4, at);
        Assert.Equal(2, image[at]);
    }

    [Fact]
    public void Weakening_leaves_a_file_without_the_entry_alone()
    {
        byte[] image = ElfImage([("GLIBCXX_3.4.30", 0)]);
        byte[] before = [.. image];

        Assert.False(CopyForOlderLinux.TryWeaken(image, Version));
        Assert.Equal(before, image);
    }

    [Fact]
    public void Redirecting_names_the_other_library_in_the_entry_of_the_first()
    {
        byte[] image = ElfImage([(Version, 0)], "liba.so", "libb.so", "libc.so");
        byte[] before = [.. image];

        CopyForOlderLinux.Redirect(image, "liba.so", "libc.so");

        Assert.Equal([Dynamic + 8], Differences(before, image));
        Assert.Equal(before[Dynamic + 32 + 8], image[Dynamic + 8]);
    }

    [Theory]
    [InlineData("liba.so", "libd.so")]
    [InlineData("libd.so", "liba.so")]
    public void Redirecting_refuses_a_file_that_does_not_need_both(string library, string other) =>
        Assert.Throws<InvalidDataException>(() => CopyForOlderLinux.Redirect(ElfImage([], "liba.so", "libb.so"), library, other));

    [Theory]
    [InlineData("")]
    [InlineData("MZ begins no ELF file, however long the text may be; this one has more than sixty-four bytes.")]
    public void Refuses_another_format(string text)
    {
        byte[] image = Encoding.ASCII.GetBytes(text);
        Assert.Throws<InvalidDataException>(() => CopyForOlderLinux.TryWeaken(image, Version));
        Assert.Throws<InvalidDataException>(() => CopyForOlderLinux.Redirect(image, "liba.so", "libb.so"));
    }

    [Fact]
    public void Refuses_a_truncated_file()
    {
        byte[] image = ElfImage([(Version, 0)], "liba.so", "libb.so")[..(Sections + 100)];
        Assert.Throws<InvalidDataException>(() => CopyForOlderLinux.TryWeaken(image, Version));
        Assert.Throws<InvalidDataException>(() => CopyForOlderLinux.Redirect(image, "liba.so", "libb.so"));
    }

    /// <summary>
    /// .NET opens the copy only where it cannot load the package's own file, which must therefore lie beside it as it came.
    /// </summary>
    [Fact]
    public void The_copy_differs_from_the_packages_file_in_one_bit_and_one_name()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Only Linux builds hold the copy.");
        byte[] package = File.ReadAllBytes(Path.Combine(AppContext.BaseDirectory, "libLibTorchSharp.so"));
        byte[] copy = File.ReadAllBytes(Path.Combine(AppContext.BaseDirectory, "LibTorchSharp.so"));

        int[] differences = Differences(package, copy);
        Assert.Single(differences, at => (package[at] ^ copy[at]) == 2 && copy[at] == (package[at] | 2));
        Assert.True(differences[^1] - differences[1] < 8, "One 8-byte offset in the dynamic section.");

        Assert.True(CopyForOlderLinux.TryWeaken(package, Version));
        CopyForOlderLinux.Redirect(package, "libtorch.so", "libtorch_cpu.so");
        Assert.True(package.AsSpan().SequenceEqual(copy));
    }

    private static int[] Differences(byte[] a, byte[] b) => [.. Enumerable.Range(0, a.Length).Where(i => a[i] != b[i])];

    // A minimal image: header; .gnu.version_r with one Verneed and its Vernaux chain; .dynamic; their strings; the headers of a
    // null section and of these three.
    private const int Need = 64,
        Entries = Need + 16,
        Dynamic = 256,
        Strings = 384,
        Sections = 512;

    private static byte[] ElfImage((string Name, ushort Flags)[] versions, params string[] needed)
    {
        var image = new byte[Sections + (4 * 64)];
        ((ReadOnlySpan<byte>)[0x7f, (byte)'E', (byte)'L', (byte)'F', 2, 1]).CopyTo(image);
        Put(image, 0x28, (long)Sections);
        Put(image, 0x3a, (ushort)64);
        Put(image, 0x3c, (ushort)4);

        int name = 1;
        int Named(string text)
        {
            int at = name;
            name += Encoding.ASCII.GetBytes(text, image.AsSpan(Strings + at)) + 1;
            return at;
        }

        Put(image, Need + 2, (ushort)versions.Length);
        Put(image, Need + 8, 16u);
        for (int i = 0; i < versions.Length; i++)
        {
            int entry = Entries + (16 * i);
            Put(image, entry + 4, versions[i].Flags);
            Put(image, entry + 8, (uint)Named(versions[i].Name));
            Put(image, entry + 12, i + 1 < versions.Length ? 16u : 0u);
        }

        for (int i = 0; i < needed.Length; i++)
        {
            Put(image, Dynamic + (16 * i), 1L);
            Put(image, Dynamic + (16 * i) + 8, (long)Named(needed[i]));
        }

        Section(image, 1, type: 0x6ffffffe, Need, size: 16 * (1 + versions.Length), link: 3, info: 1);
        Section(image, 2, type: 6, Dynamic, size: 16 * needed.Length, link: 3, info: 0);
        Section(image, 3, type: 3, Strings, size: name, link: 0, info: 0);
        return image;
    }

    private static void Section(byte[] image, int number, uint type, int offset, int size, uint link, uint info)
    {
        int header = Sections + (64 * number);
        Put(image, header + 4, type);
        Put(image, header + 24, (long)offset);
        Put(image, header + 32, (long)size);
        Put(image, header + 40, link);
        Put(image, header + 44, info);
    }

    private static void Put(byte[] image, int at, long value) => BitConverter.TryWriteBytes(image.AsSpan(at), value);

    private static void Put(byte[] image, int at, uint value) => BitConverter.TryWriteBytes(image.AsSpan(at), value);

    private static void Put(byte[] image, int at, ushort value) => BitConverter.TryWriteBytes(image.AsSpan(at), value);
}
