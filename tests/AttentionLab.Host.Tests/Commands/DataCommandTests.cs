using System.Text.Json.Nodes;
using AttentionLab.Data;
using AttentionLab.Imaging;
using AttentionLab.Kernel.Commands;
using SkiaSharp;

namespace AttentionLab.Host.Tests.Commands;

public sealed class DataCommandTests : IDisposable
{
    private const long FileSize = 10_000 * 3073;

    private readonly Workspace _workspace = new();

    public void Dispose() => _workspace.Dispose();

    [Fact]
    public async Task Exported_pictures_and_masks_lie_in_class_folders_pixel_for_pixel()
    {
        Assert.Equal(
            0,
            await _workspace.Run(
                "data",
                "export",
                "--data",
                "shapes",
                "--split",
                "train",
                "--indices",
                "0-2,11",
                "--out",
                _workspace.Out,
                "--masks",
                _workspace.At("masks"),
                "--json"
            )
        );

        Assert.Equal("", _workspace.Error);
        Assert.Equal(4, (int)JsonNode.Parse(_workspace.Output)!["pictures"]!);
        LabeledImages images = ShapeSet.Create(12, 1).Train;
        int[] indices = [0, 1, 2, 11];
        string[] names =
        [
            .. indices.Select(index => Path.Combine(images.ClassNames[images.Labels[index]], $"{index:00000}.png")),
        ];
        foreach (string folder in (string[])[_workspace.Out, _workspace.At("masks")])
        {
            Assert.Equal(
                names.Order(StringComparer.Ordinal),
                Directory
                    .GetFiles(folder, "*", SearchOption.AllDirectories)
                    .Select(file => Path.GetRelativePath(folder, file))
                    .Order(StringComparer.Ordinal)
            );
        }

        Assert.All(
            indices.Zip(names),
            pair =>
            {
                Assert.Equal(images.PictureOf(pair.First).Rgb, ImageFile.Load(Path.Combine(_workspace.Out, pair.Second)).Rgb);
                using SKBitmap mask = SKBitmap.Decode(Path.Combine(_workspace.At("masks"), pair.Second));
                Assert.Equal(images.MaskOf(pair.First).ToArray(), mask.Pixels.Select(color => color.Red));
            }
        );
    }

    [Fact]
    public async Task A_whole_set_is_counted_by_class()
    {
        Assert.Equal(0, await _workspace.Run("data", "verify", "--data", "shapes"));
        Assert.Contains(
            "Shapes test: 2,000 pictures of 32×32 pixels: disc 200, ring 200,",
            _workspace.Output,
            StringComparison.Ordinal
        );
        Assert.Equal(0, await _workspace.Run("data", "verify", "--data", "shapes", "--json"));
        JsonNode train = JsonNode.Parse(_workspace.Output)!["train"]!;
        Assert.Equal(10_000, train["classes"]!.AsArray().Sum(each => (int)each!["pictures"]!));
    }

    [Fact]
    public async Task What_is_wrong_with_CIFAR_10_is_told()
    {
        Assert.Equal(ExitCode.Failed, await Verify());
        Assert.Contains("holds cifar-10-batches-bin, which `data download --data ", _workspace.Error, StringComparison.Ordinal);

        // Zeros are valid records, all of class 0.
        string folder = Directory.CreateDirectory(_workspace.At("cifar-10-batches-bin")).FullName;
        foreach (string name in (string[])[.. Enumerable.Range(1, 5).Select(i => $"data_batch_{i}.bin"), "test_batch.bin"])
        {
            using FileStream file = File.Create(Path.Combine(folder, name));
            file.SetLength(FileSize);
        }

        Assert.Equal(ExitCode.Failed, await Verify());
        Assert.Contains("not the published files", _workspace.Error, StringComparison.Ordinal);
        Assert.Contains("CIFAR-10 test has 10000 of airplane", _workspace.Error, StringComparison.Ordinal);
        Assert.Equal(0, await _workspace.Run("data", "download", "--data", _workspace.Folder));
        Assert.Contains("already", _workspace.Output, StringComparison.Ordinal);

        using (FileStream file = File.OpenWrite(Path.Combine(folder, "data_batch_3.bin")))
        {
            file.Position = 5 * 3073;
            file.WriteByte(77);
        }

        Assert.Equal(ExitCode.Failed, await Verify());
        Assert.Contains("record 5 (counted from 0, at offset 15365) has label 77", _workspace.Error, StringComparison.Ordinal);

        using (FileStream file = File.OpenWrite(Path.Combine(folder, "data_batch_2.bin")))
        {
            file.SetLength(FileSize - 1);
        }

        Assert.Equal(ExitCode.Failed, await Verify());
        Assert.Contains("data_batch_2.bin holds 30729999 bytes", _workspace.Error, StringComparison.Ordinal);

        // Before anything is fetched: what is there and not whole is not replaced.
        Assert.Equal(ExitCode.Failed, await _workspace.Run("data", "download", "--data", _workspace.Folder));
        Assert.Contains("Delete it or move it away", _workspace.Error, StringComparison.Ordinal);

        Task<int> Verify() => _workspace.Run("data", "verify", "--data", _workspace.Folder);
    }

    [Fact]
    public async Task An_archive_put_there_by_hand_that_is_not_the_published_one_is_set_aside()
    {
        _workspace.Write("cifar-10-binary.tar.gz", "no archive");
        Assert.Equal(ExitCode.Failed, await _workspace.Run("data", "download", "--data", _workspace.Folder));
        Assert.Contains("is not the published archive", _workspace.Error, StringComparison.Ordinal);
        Assert.True(File.Exists(_workspace.At("cifar-10-binary.tar.gz.bad")));
    }

    [Theory]
    [InlineData("export --data shapes --indices 9999-10000 --out o", "there is no 10000")]
    [InlineData("export --data shapes --indices 0 --out o --masks o", "another folder than --out")]
    [InlineData("export --data shapes --indices 0", "--out")]
    [InlineData("export --out o", "--data")]
    [InlineData("download", "--data")]
    [InlineData("", "command")]
    public async Task Wrong_usage_is_told(string options, string message)
    {
        string[] arguments =
        [
            .. options.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(word => word == "o" ? _workspace.Out : word),
        ];
        Assert.Equal(ExitCode.Usage, await _workspace.Run(["data", .. arguments]));
        Assert.Contains(message, _workspace.Error, StringComparison.Ordinal);
        Assert.False(Directory.Exists(_workspace.Out));
    }

    [Theory]
    [InlineData("train")]
    [InlineData("predict")]
    [InlineData("data")]
    [InlineData("data", "export")]
    public async Task Help_shows_the_commands_own_examples(params string[] command)
    {
        Assert.Equal(0, await _workspace.Run([.. command, "--help"]));
        Assert.Contains($"-- {command[0]} ", _workspace.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("-- run ", _workspace.Output, StringComparison.Ordinal);
        Assert.Contains("Exit codes:", _workspace.Output, StringComparison.Ordinal);
    }
}
