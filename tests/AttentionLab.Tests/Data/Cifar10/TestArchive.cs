using System.Formats.Tar;
using System.IO.Compression;
using System.Security.Cryptography;
using AttentionLab.Core;
using AttentionLab.Data;

namespace AttentionLab.Tests.Data;

/// <summary>Archives as small as a test can be: 20 records a file, 370 kB that no compression makes smaller.</summary>
internal static class TestArchive
{
    public const int Records = 20;

    public static byte[] Bytes(int length, long seed)
    {
        var bytes = new byte[length];
        var random = new RandomStream(seed);
        for (int i = 0; i < length; i++)
        {
            bytes[i] = (byte)random.NextBits();
        }

        return bytes;
    }

    /// <summary>A file of the layout: random pixels, label r mod 10.</summary>
    public static byte[] BatchFile(long seed)
    {
        byte[] bytes = Bytes(Records * 3073, seed);
        for (int r = 0; r < Records; r++)
        {
            bytes[r * 3073] = (byte)(r % 10);
        }

        return bytes;
    }

    /// <summary>The entries of a whole archive, as the published one has them.</summary>
    public static IEnumerable<TarEntry> WholeSet()
    {
        yield return new UstarTarEntry(TarEntryType.Directory, "cifar-10-batches-bin/");
        foreach ((string name, int i) in Cifar10Folder.TrainFiles.Append(Cifar10Folder.TestFile).Select((n, i) => (n, i)))
        {
            yield return FileEntry($"cifar-10-batches-bin/{name}", BatchFile(i));
        }

        yield return FileEntry(
            "cifar-10-batches-bin/batches.meta.txt",
            [.. string.Join('\n', Cifar10.ClassNames).Select(c => (byte)c)]
        );
        yield return FileEntry("cifar-10-batches-bin/readme.html", [.. "<html></html>"u8]);
    }

    public static TarEntry FileEntry(string name, byte[] bytes) =>
        new UstarTarEntry(TarEntryType.RegularFile, name) { DataStream = new MemoryStream(bytes) };

    public static byte[] Pack(IEnumerable<TarEntry> entries) => Compress(Tar(entries));

    public static byte[] Tar(IEnumerable<TarEntry> entries)
    {
        using var buffer = new MemoryStream();
        using (var tar = new TarWriter(buffer, leaveOpen: true))
        {
            foreach (TarEntry entry in entries)
            {
                tar.WriteEntry(entry);
            }
        }

        return buffer.ToArray();
    }

    public static byte[] Compress(byte[] bytes)
    {
        using var buffer = new MemoryStream();
        using (var gzip = new GZipStream(buffer, CompressionLevel.Fastest, leaveOpen: true))
        {
            gzip.Write(bytes);
        }

        return buffer.ToArray();
    }

#pragma warning disable CA5351 // MD5 is what is published.
    public static Cifar10Archive Describe(byte[] archive, Uri source) =>
        new(source, archive.Length, Convert.ToHexStringLower(MD5.HashData(archive)))
        {
            RecordsPerFile = Records,
            FirstPause = TimeSpan.FromMilliseconds(1),
        };
#pragma warning restore CA5351
}
