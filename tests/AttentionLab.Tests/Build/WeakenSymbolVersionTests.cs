using System.Text;
using AttentionLab.Build;

namespace AttentionLab.Tests.Build;

public sealed class WeakenSymbolVersionTests
{
    private const string Version = "GLIBCXX_3.4.32";

    [Fact]
    public void Sets_one_bit_of_the_named_entry_and_nothing_else()
    {
        byte[] image = ElfImage(("GLIBCXX_3.4.30", 0), (Version, 0), ("CXXABI_1.3", 0));
        byte[] before = [.. image];

        Assert.True(WeakenSymbolVersion.TryWeaken(image, Version));

        int[] changed = [.. Enumerable.Range(0, image.Length).Where(i => image[i] != before[i])];
        int at = Assert.Single(changed);
        Assert.Equal(Entries + 16 + 4, at);
        Assert.Equal(2, image[at]);
    }

    [Fact]
    public void Leaves_a_file_without_the_entry_alone()
    {
        byte[] image = ElfImage(("GLIBCXX_3.4.30", 0));
        byte[] before = [.. image];

        Assert.False(WeakenSymbolVersion.TryWeaken(image, Version));
        Assert.Equal(before, image);
    }

    [Fact]
    public void Leaves_a_weak_entry_alone() => Assert.False(WeakenSymbolVersion.TryWeaken(ElfImage((Version, 2)), Version));

    [Theory]
    [InlineData("")]
    [InlineData("MZ is no ELF file, however long it may be; this one has more than sixty-four bytes.")]
    public void Refuses_what_is_no_elf_file(string text) =>
        Assert.Throws<InvalidDataException>(() => WeakenSymbolVersion.TryWeaken(Encoding.ASCII.GetBytes(text), Version));

    [Fact]
    public void Refuses_a_truncated_file()
    {
        byte[] image = ElfImage((Version, 0));
        Assert.Throws<InvalidDataException>(() => WeakenSymbolVersion.TryWeaken(image[..(Sections + 100)], Version));
    }

    [Fact]
    public void The_build_differs_from_the_package_in_at_most_that_bit()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Only Linux builds change the library.");
        string built = Path.Combine(AppContext.BaseDirectory, "libLibTorchSharp.so");
        string packages =
            Environment.GetEnvironmentVariable("NUGET_PACKAGES")
            ?? Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".nuget", "packages");
        string? packaged = !Directory.Exists(packages)
            ? null
            : Directory
                .EnumerateFiles(Path.Combine(packages, "torchsharp"), "libLibTorchSharp.so", SearchOption.AllDirectories)
                .FirstOrDefault(f => f.Contains("linux-x64", StringComparison.Ordinal));
        Assert.SkipWhen(packaged is null, "The package cache is not where it usually is.");

        byte[] expected = File.ReadAllBytes(packaged);
        Assert.True(WeakenSymbolVersion.TryWeaken(expected, Version), "The package's own file must stay as it came.");
        Assert.True(expected.AsSpan().SequenceEqual(File.ReadAllBytes(built)));
    }

    // A minimal image: header, one .gnu.version_r with one Verneed, its Vernaux chain, its strings, three section headers.
    private const int Need = 64,
        Entries = Need + 16,
        Sections = 512;

    private static byte[] ElfImage(params (string Name, ushort Flags)[] versions)
    {
        var image = new byte[Sections + (3 * 64)];
        ((ReadOnlySpan<byte>)[0x7f, (byte)'E', (byte)'L', (byte)'F', 2, 1]).CopyTo(image);
        Put(image, 0x28, (long)Sections);
        Put(image, 0x3a, (ushort)64);
        Put(image, 0x3c, (ushort)3);

        int names = Entries + (16 * versions.Length),
            name = 1;
        Put(image, Need + 2, (ushort)versions.Length);
        Put(image, Need + 8, 16u);
        for (int i = 0; i < versions.Length; i++)
        {
            int entry = Entries + (16 * i);
            Put(image, entry + 4, versions[i].Flags);
            Put(image, entry + 8, (uint)name);
            Put(image, entry + 12, i + 1 < versions.Length ? 16u : 0u);
            Encoding.ASCII.GetBytes(versions[i].Name).CopyTo(image, names + name);
            name += versions[i].Name.Length + 1;
        }

        Put(image, Sections + 64 + 4, 0x6ffffffeu);
        Put(image, Sections + 64 + 24, (long)Need);
        Put(image, Sections + 64 + 40, 2u);
        Put(image, Sections + 64 + 44, 1u);
        Put(image, Sections + 128 + 24, (long)names);
        return image;
    }

    private static void Put(byte[] image, int at, long value) => BitConverter.TryWriteBytes(image.AsSpan(at), value);

    private static void Put(byte[] image, int at, uint value) => BitConverter.TryWriteBytes(image.AsSpan(at), value);

    private static void Put(byte[] image, int at, ushort value) => BitConverter.TryWriteBytes(image.AsSpan(at), value);
}
