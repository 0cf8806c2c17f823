using AttentionLab.Data;

namespace AttentionLab.Tests.Data;

public sealed class Cifar10Tests(CanonicalCifar10 files) : IClassFixture<CanonicalCifar10>
{
    [Fact]
    public void Reads_every_record_of_both_splits_in_the_files_order()
    {
        DataSet set = Cifar10.Load(files.Root);

        Assert.Equal("CIFAR-10", set.Name);
        Assert.Equal(["airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck"], set.ClassNames);
        Assert.Same(Normalization.Tutorial, set.Normalization);
        Assert.Equal((50_000, 32, 32), (set.Train.Count, set.Train.Height, set.Train.Width));
        Assert.Equal(10_000, set.Test.Count);

        // By hand: picture 23,456 is record 3,456 of the third file; row 1, column 2 of green is position 1024 + 34.
        Assert.Equal((3456 + 6) % 10, set.Train.Labels[23_456]);
        // 101 · 2 + 7 · 3456 + 1058 / 5 = 24,605 = 96 · 256 + 29.
        Assert.Equal(29, set.Train.PlanesOf(23_456)[1058]);
        Assert.Equal(set.Train.PlanesOf(23_456)[1058], set.Train.PictureOf(23_456).Rgb[(34 * 3) + 1]);

        for (int f = 0; f < 6; f++)
        {
            LabeledImages split = f < 5 ? set.Train : set.Test;
            for (int r = 0; r < 10_000; r++)
            {
                int index = f < 5 ? (10_000 * f) + r : r;
                ReadOnlySpan<byte> planes = split.PlanesOf(index);
                bool right = split.Labels[index] == CanonicalCifar10.Label(f, r);
                for (int p = 0; p < planes.Length; p += 61)
                {
                    right &= planes[p] == CanonicalCifar10.Pixel(f, r, p);
                }

                Assert.True(right, $"file {f}, record {r}");
            }
        }
    }

    [Fact]
    public void Takes_little_more_memory_than_the_pixels()
    {
        long before = GC.GetTotalAllocatedBytes(precise: true);
        DataSet set = Cifar10.Load(files.Root);
        long taken = GC.GetTotalAllocatedBytes(precise: true) - before;
        Assert.InRange(taken, 60_000L * 3072, 60_000L * 3072 * 11 / 10);
        GC.KeepAlive(set);
    }

    [Fact]
    public void Is_present_when_all_six_files_have_the_right_size()
    {
        Assert.True(Cifar10.IsPresent(files.Root));
        using var elsewhere = new TemporaryFolder();
        Assert.False(Cifar10.IsPresent(elsewhere.Path));
        Assert.False(Cifar10.IsPresent(elsewhere["nowhere"]));
    }

    [Fact]
    public void A_folder_of_the_right_name_is_not_trusted()
    {
        using var root = new TemporaryFolder();
        Directory.CreateDirectory(root[Cifar10Folder.Name, "data_batch_1.bin"]);
        Assert.False(Cifar10.IsPresent(root.Path));
        var e = Assert.Throws<FileNotFoundException>(() => Cifar10.Load(root.Path));
        Assert.Equal(root[Cifar10Folder.Name, "data_batch_1.bin"], e.FileName);
    }

    [Fact]
    public void A_missing_file_is_named_with_what_to_do()
    {
        string path = files.FileOf("data_batch_4.bin");
        File.Move(path, path + ".away");
        try
        {
            Assert.False(Cifar10.IsPresent(files.Root));
            var e = Assert.Throws<FileNotFoundException>(() => Cifar10.Load(files.Root));
            Assert.Equal(path, e.FileName);
            Assert.Contains($"{path} is missing", e.Message, StringComparison.Ordinal);
            Assert.Contains($"Cifar10.DownloadAsync(\"{files.Root}\")", e.Message, StringComparison.Ordinal);
            Assert.Contains("cifar-10-binary.tar.gz", e.Message, StringComparison.Ordinal);
        }
        finally
        {
            File.Move(path + ".away", path);
        }
    }

    [Theory]
    [InlineData("data_batch_2.bin", -1, "record 9999 (counted from 0) at offset 30729999")]
    [InlineData("test_batch.bin", -30_730_000 + 3073 + 5, "record 1 (counted from 0) at offset 3078")]
    [InlineData("data_batch_1.bin", 1, "9999 (counted from 0), at offset 30730000")]
    public void A_file_of_a_wrong_size_is_named_with_record_and_offset(string name, int change, string place)
    {
        string path = files.FileOf(name);
        byte[] whole = File.ReadAllBytes(path);
        try
        {
            using (FileStream file = File.OpenWrite(path))
            {
                file.SetLength(whole.Length + change);
            }

            Assert.False(Cifar10.IsPresent(files.Root));
            var e = Assert.Throws<InvalidDataException>(() => Cifar10.Load(files.Root));
            Assert.StartsWith($"{path} holds {whole.Length + change} bytes", e.Message, StringComparison.Ordinal);
            Assert.Contains(place, e.Message, StringComparison.Ordinal);
            Assert.Contains("Delete or move away", e.Message, StringComparison.Ordinal);
        }
        finally
        {
            File.WriteAllBytes(path, whole);
        }
    }

    [Fact]
    public void A_label_above_9_is_named_with_file_record_and_offset()
    {
        string path = files.FileOf("data_batch_3.bin");
        Patch(path, 1234 * 3073, 10);
        try
        {
            Assert.True(Cifar10.IsPresent(files.Root));
            var e = Assert.Throws<InvalidDataException>(() => Cifar10.Load(files.Root));
            Assert.StartsWith(
                $"{path}: record 1234 (counted from 0, at offset 3792082) has label 10; labels go from 0 to 9.",
                e.Message,
                StringComparison.Ordinal
            );
        }
        finally
        {
            Patch(path, 1234 * 3073, (byte)CanonicalCifar10.Label(2, 1234));
        }
    }

    [Theory]
    [InlineData("airplane\r\nautomobile\r\nbird\r\ncat\r\ndeer\r\ndog\r\nfrog\r\nhorse\r\nship\r\ntruck\r\n\r\n", null)]
    [InlineData(
        "automobile\nairplane\nbird\ncat\ndeer\ndog\nfrog\nhorse\nship\ntruck\n",
        "names the classes automobile, airplane, bird"
    )]
    [InlineData("airplane\n", "names the classes airplane;")]
    public void The_names_of_the_classes_are_checked_when_they_are_there(string text, string? complaint)
    {
        string path = files.FileOf("batches.meta.txt");
        File.WriteAllText(path, text);
        try
        {
            Exception? e = Record.Exception(() => Cifar10.Load(files.Root));
            if (complaint is null)
            {
                Assert.Null(e);
            }
            else
            {
                Assert.Contains($"{path} {complaint}", Assert.IsType<InvalidDataException>(e).Message, StringComparison.Ordinal);
            }
        }
        finally
        {
            File.Delete(path);
        }
    }

    [Fact]
    public void Files_may_be_symbolic_links()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Symbolic links need a privilege on Windows.");
        using var root = new TemporaryFolder();
        Directory.CreateDirectory(root[Cifar10Folder.Name]);
        foreach (string file in Directory.EnumerateFiles(files.FolderPath))
        {
            File.CreateSymbolicLink(root[Cifar10Folder.Name, Path.GetFileName(file)], file);
        }

        Assert.True(Cifar10.IsPresent(root.Path));
        Assert.Equal(CanonicalCifar10.Label(5, 9999), Cifar10.Load(root.Path).Test.Labels[9999]);
    }

    [Fact]
    public void Asks_for_a_root()
    {
        Assert.Throws<ArgumentException>(() => Cifar10.Load(""));
        Assert.Throws<ArgumentNullException>(() => Cifar10.IsPresent(null!));
    }

    [Fact]
    public void The_real_set_has_as_many_pictures_of_each_class()
    {
        string? root = Environment.GetEnvironmentVariable("ATTENTIONLAB_CIFAR10");
        Assert.SkipWhen(string.IsNullOrEmpty(root), "ATTENTIONLAB_CIFAR10 names no folder that holds cifar-10-batches-bin.");
        DataSet set = Cifar10.Load(root);
        Assert.Equal(Enumerable.Repeat(5_000, 10), CountByClass(set.Train));
        Assert.Equal(Enumerable.Repeat(1_000, 10), CountByClass(set.Test));
    }

    private static int[] CountByClass(LabeledImages split)
    {
        var counts = new int[10];
        foreach (int label in split.Labels)
        {
            counts[label]++;
        }

        return counts;
    }

    private static void Patch(string path, long offset, byte value)
    {
        using FileStream file = File.OpenWrite(path);
        file.Position = offset;
        file.WriteByte(value);
    }
}
