using AttentionLab.Data;
using AttentionLab.Models;
using AttentionLab.Training;
using SkiaSharp;
using static TorchSharp.torch;

namespace AttentionLab.Tests.Data;

[Trait("Kind", "Numeric")]
public sealed class ImageFolderTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly List<string> _said = [];

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Classes_and_pictures_are_sorted_by_character_codes_and_pictures_may_lie_deeper()
    {
        // Z before a; of one class the pictures themselves, then those of a folder, by the path as a whole.
        Paint("train/b/2.png", 2);
        Paint("train/b/10.PNG", 1);
        Paint("train/b/x/1.png", 4);
        Paint("train/b/x-y/1.png", 3);
        Paint("train/Z/only.jpg", 9);
        Paint("test/b/t.png", 7);
        DataSet set = ImageFolder.Load(_folder.Path, say: _said.Add);

        Assert.Equal(["Z", "b"], set.ClassNames);
        Assert.Equal([0, 1, 1, 1, 1], set.Train.Labels.ToArray());
        Assert.Equal(
            [9, 1, 2, 3, 4],
            Enumerable.Range(0, 5).Select(i => (int)set.Train.PlanesOf(i)[0]),
            (a, b) => Math.Abs(a - b) <= 1
        );
        Assert.Equal([1], set.Test.Labels.ToArray());
        Assert.Equal((32, 32), (set.Train.Height, set.Train.Width));
        Assert.Equal(Path.GetFileName(_folder.Path), set.Name);
        Assert.Empty(_said);
    }

    [Fact]
    public void What_is_hidden_is_passed_over_and_other_files_are_reported()
    {
        Paint("train/a/1.png", 1);
        Paint("train/a/.hidden.png", 2);
        Paint("train/a/.ipynb_checkpoints/1.png", 3);
        Paint("train/.git/1.png", 4);
        Paint("val/a/1.png", 5);
        File.WriteAllText(_folder["train", "a", "notes.txt"], "");
        Paint("train/loose.png", 6);
        DataSet set = ImageFolder.Load(_folder.Path, say: _said.Add);
        Assert.Equal((1, 1), (set.Train.Count, set.Test.Count));
        string line = Assert.Single(_said);
        Assert.Contains($"loose.png, {Path.Combine("a", "notes.txt")}", line, StringComparison.Ordinal);
        Assert.DoesNotContain("hidden", line, StringComparison.Ordinal);
    }

    [Fact]
    public void Without_train_and_test_each_class_is_split_by_the_seed()
    {
        PaintMany("cat", 10, 0);
        PaintMany("dog", 5, 100);
        PaintMany("yak", 1, 200);
        DataSet set = ImageFolder.Load(
            _folder.Path,
            new()
            {
                Seed = 3,
                Pictures = new() { Side = 4 },
            },
            _said.Add
        );
        Assert.Equal([8, 4, 1], Enumerable.Range(0, 3).Select(label => set.Train.IndicesOf(label).Length));
        Assert.Equal([2, 1, 0], Enumerable.Range(0, 3).Select(label => set.Test.IndicesOf(label).Length));
        Assert.Contains("20 % of each class, chosen with seed 3", Assert.Single(_said), StringComparison.Ordinal);

        // No picture is in both, and none is lost.
        Assert.Equal(
            [.. Enumerable.Range(0, 10), .. Enumerable.Range(100, 5), 200],
            Reds(set.Train).Concat(Reds(set.Test)).Order()
        );
        Assert.Equal(
            Reds(set.Test),
            Reds(
                ImageFolder
                    .Load(
                        _folder.Path,
                        new()
                        {
                            Seed = 3,
                            Pictures = new() { Side = 4 },
                        }
                    )
                    .Test
            )
        );
        Assert.NotEqual(
            Reds(set.Test),
            Reds(
                ImageFolder
                    .Load(
                        _folder.Path,
                        new()
                        {
                            Seed = 4,
                            Pictures = new() { Side = 4 },
                        }
                    )
                    .Test
            )
        );
    }

    [Fact]
    public void A_train_folder_alone_is_split_too()
    {
        PaintMany("train/cat", 4, 0);
        PaintMany("train/dog", 4, 100);
        DataSet set = ImageFolder.Load(_folder.Path, new() { TestFraction = 0.5 });
        Assert.Equal(["cat", "dog"], set.ClassNames);
        Assert.Equal((4, 4), (set.Train.Count, set.Test.Count));
    }

    [Fact]
    public void Normalization_is_that_of_the_training_pictures()
    {
        // Red 0 and 100, green always 50, blue 0 and 200.
        Paint("train/a/1.png", 0, 0);
        Paint("train/b/1.png", 100, 200);
        Paint("test/a/1.png", 255, 255);
        Normalization own = ImageFolder.Load(_folder.Path).Normalization;
        Assert.Equal([50 / 255f, 50 / 255f, 100 / 255f], own.Mean, (a, b) => Math.Abs(a - b) < 1e-6);
        Assert.Equal([50 / 255f, 1, 100 / 255f], own.Deviation, (a, b) => Math.Abs(a - b) < 1e-6);
    }

    [Fact]
    public void Unreadable_pictures_are_all_listed_or_left_out_when_asked()
    {
        PaintMany("train/a", 3, 0);
        PaintMany("test/a", 1, 0);
        File.WriteAllText(_folder["train", "a", "broken.png"], "no picture");
        File.WriteAllBytes(_folder["test", "a", "empty.png"], []);
        string message = Assert.Throws<InvalidDataException>(() => ImageFolder.Load(_folder.Path)).Message;
        Assert.StartsWith("2 of 6 pictures cannot be read: ", message, StringComparison.Ordinal);
        Assert.Contains("broken.png is no picture", message, StringComparison.Ordinal);
        Assert.Contains("empty.png is empty", message, StringComparison.Ordinal);

        DataSet set = ImageFolder.Load(_folder.Path, new() { SkipUnreadable = true }, _said.Add);
        Assert.Equal((3, 1), (set.Train.Count, set.Test.Count));
        Assert.Contains("Left out: 2 of 6 pictures", Assert.Single(_said), StringComparison.Ordinal);
    }

    [Fact]
    public void What_is_no_data_set_is_refused_with_the_reason()
    {
        Assert.Throws<DirectoryNotFoundException>(() => ImageFolder.Load(_folder["none"]));
        Assert.Contains("no subfolders", Refused(), StringComparison.Ordinal);
        Directory.CreateDirectory(_folder["cat"]);
        Assert.Contains($"{_folder["cat"]} has no pictures", Refused(), StringComparison.Ordinal);
        Paint("cat/1.png", 1);
        Assert.Contains("1 training and 0 test pictures", Refused(), StringComparison.Ordinal);
        Paint("cat/2.png", 1);
        Assert.Equal(1, ImageFolder.Load(_folder.Path).Test.Count);
        Assert.Contains(
            "possible",
            Assert
                .Throws<InvalidDataException>(() => ImageFolder.Load(Many(60), new() { Pictures = new() { Side = 8192 } }))
                .Message,
            StringComparison.Ordinal
        );
        Assert.Throws<ArgumentOutOfRangeException>(() => ImageFolder.Load(_folder.Path, new() { TestFraction = 1 }));

        string Refused() => Assert.Throws<InvalidDataException>(() => ImageFolder.Load(_folder.Path)).Message;
    }

    [Fact]
    public void A_class_that_only_the_test_split_has_is_refused()
    {
        Paint("train/a/1.png", 1);
        Paint("test/a/1.png", 1);
        Paint("test/c/1.png", 1);
        Assert.Contains(
            "lacks: c",
            Assert.Throws<InvalidDataException>(() => ImageFolder.Load(_folder.Path)).Message,
            StringComparison.Ordinal
        );
    }

    [Fact]
    public void A_link_that_leads_back_is_refused()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Making links takes a privilege on Windows.");
        PaintMany("cat", 2, 0);
        Directory.CreateSymbolicLink(_folder["cat", "loop"], _folder["cat"]);
        Assert.Contains(
            "leads back",
            Assert.Throws<InvalidDataException>(() => ImageFolder.Load(_folder.Path)).Message,
            StringComparison.Ordinal
        );
    }

    [Fact]
    public void It_can_be_chosen_like_any_other_set()
    {
        PaintMany("cat", 5, 0);
        PaintMany("dog", 5, 100);
        DataSet set = DataSets.Load(_folder.Path, "folder", _said.Add);
        Assert.Equal(10, set.Train.Count + set.Test.Count);
        Assert.EndsWith($"8 training and 2 test pictures, 2 classes (from {_folder.Path}).", _said[^1], StringComparison.Ordinal);
    }

    [Fact]
    public void Pictures_of_any_sides_train_a_network()
    {
        PaintMany("dark", 8, 0);
        PaintMany("light", 8, 200);
        DataSet set = ImageFolder.Load(
            _folder.Path,
            new()
            {
                Pictures = new() { Height = 20, Width = 12 },
            }
        );
        using var model = new SeResNet(classes: 2, depth: 8, seed: 0);
        TrainingHistory history = new Trainer(
            new()
            {
                Epochs = 3,
                BatchSize = 4,
                LearningRate = 0.01,
                Device = CPU,
            }
        ).Fit(model, set);
        Assert.True(history.Last.TrainLoss < history.Epochs[0].TrainLoss);

        string message = Assert
            .Throws<ArgumentException>(() => new Trainer(new() { Epochs = 1, Device = CPU }).Fit(new Cnn(2), set))
            .Message;
        Assert.Contains("3×32×32; these are", message, StringComparison.Ordinal);
    }

    private static int[] Reds(LabeledImages images) =>
        [.. Enumerable.Range(0, images.Count).Select(i => (int)images.PlanesOf(i)[0])];

    private string Many(int count)
    {
        for (int i = 0; i < count; i++)
        {
            File.WriteAllBytes(_folder["cat", $"{i}.png"], []);
        }

        return _folder.Path;
    }

    private void PaintMany(string folder, int count, int firstRed)
    {
        for (int i = 0; i < count; i++)
        {
            Paint($"{folder}/{i}.png", (byte)(firstRed + i));
        }
    }

    private void Paint(string name, byte red, byte blue = 0)
    {
        string path = _folder[name.Split('/')];
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        using var bitmap = new SKBitmap(new SKImageInfo(8, 8, SKColorType.Rgba8888, SKAlphaType.Opaque));
        bitmap.Erase(new SKColor(red, 50, blue));
        using SKData data = bitmap.Encode(
            name.EndsWith("jpg", StringComparison.Ordinal) ? SKEncodedImageFormat.Jpeg : SKEncodedImageFormat.Png,
            100
        );
        File.WriteAllBytes(path, data.ToArray());
    }
}
