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
        Assert.EndsWith(": learned from train, judged by test.", Assert.Single(_said), StringComparison.Ordinal);
    }

    [Fact]
    public void What_is_left_out_is_told_with_the_reason()
    {
        Paint("train/a/1.png", 1);
        Paint("train/a/.hidden.png", 2);
        Paint("train/a/.ipynb_checkpoints/1.png", 3);
        Paint("train/.git/1.png", 4);
        Paint("val/a/1.png", 5);
        File.WriteAllText(_folder["train", "a", "notes.txt"], "");
        File.WriteAllText(_folder["train", "a", "scan.TIF"], "");
        File.WriteAllText(_folder["train", "a", "scan2.tif"], "");
        File.WriteAllText(_folder["train", "a", "Thumbs.db"], "");
        Paint("train/loose.png", 6);
        DataSet set = ImageFolder.Load(_folder.Path, say: _said.Add);
        Assert.Equal((1, 1), (set.Train.Count, set.Test.Count));
        Assert.Equal(4, _said.Count);
        Assert.EndsWith("learned from train, judged by val.", _said[0], StringComparison.Ordinal);
        Assert.Contains("2 .tif, 1 .txt, such as", _said[1], StringComparison.Ordinal);
        Assert.Contains($"in no class folder: {Path.Combine("train", "loose.png")}.", _said[2], StringComparison.Ordinal);
        foreach (string name in (string[])[".hidden.png", ".ipynb_checkpoints", ".git", "Thumbs.db"])
        {
            Assert.Contains(name, _said[3], StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("train", "test")]
    [InlineData("train", "val")]
    [InlineData("train", "valid")]
    [InlineData("train", "validation")]
    [InlineData("train", "dev")]
    [InlineData("Train", "Test")]
    [InlineData("TRAIN", "VAL")]
    [InlineData("training", "testing")]
    [InlineData("Training", "Validation")]
    [InlineData("training_set", "test_set")]
    [InlineData("train-images", "test-images")]
    [InlineData("Train Data", "Test Data")]
    [InlineData("train2017", "val2017")]
    [InlineData("trainset", "testset")]
    [InlineData("seg_train", "seg_test")]
    [InlineData("dataset_train", "dataset_valid")]
    public void Parts_are_known_by_their_names(string train, string test)
    {
        PaintMany($"{train}/red", 3, 0);
        PaintMany($"{train}/blue", 2, 100);
        PaintMany($"{test}/red", 1, 200);
        DataSet set = ImageFolder.Load(_folder.Path, say: _said.Add);
        Assert.Equal(["blue", "red"], set.ClassNames);
        Assert.Equal((5, 1), (set.Train.Count, set.Test.Count));
        Assert.Null(set.Validation);
        Assert.EndsWith($"learned from {train}, judged by {test}.", Assert.Single(_said), StringComparison.Ordinal);
    }

    [Fact]
    public void A_validation_part_beside_a_test_part_judges_while_learning()
    {
        PaintMany("Training/red", 4, 0);
        PaintMany("Training/blue", 4, 100);
        PaintMany("Valid/red", 2, 200);
        PaintMany("Test/blue", 1, 210);
        DataSet set = ImageFolder.Load(_folder.Path, new() { Pictures = new() { Side = 4 } }, _said.Add);
        Assert.Equal((8, 2, 1), (set.Train.Count, set.Validation!.Count, set.Test.Count));
        Assert.Equal([1, 1], set.Validation.Labels.ToArray());
        Assert.EndsWith("judged by Test, while learning by Valid.", Assert.Single(_said), StringComparison.Ordinal);

        using var model = new SeResNet(classes: 2, depth: 8, seed: 0);
        TrainingOptions options = new()
        {
            Epochs = 1,
            BatchSize = 4,
            Device = CPU,
        };
        TrainingHistory history = new Trainer(options).Fit(model, set);
        Evaluation judged = Evaluation.Of(model, set.Validation, set.Normalization, 4);
        Assert.Equal(judged.Loss, history.Last.ValidationLoss!.Value, judged.Loss * Tolerance.BetweenFloat32(Tolerance.Forward));
        Assert.Throws<ArgumentException>(() => new Trainer(options with { ValidationFraction = 0.5 }).Fit(model, set));
    }

    [Fact]
    public void A_part_that_is_missing_or_double_is_an_error_or_told()
    {
        PaintMany("test/red", 2, 0);
        PaintMany("test/blue", 2, 0);
        Assert.Contains("has no train folder, only test", Refused(), StringComparison.Ordinal);

        // Classes with a validation part beside them.
        PaintMany("red", 3, 0);
        PaintMany("blue", 3, 0);
        DataSet set = ImageFolder.Load(_folder.Path, say: _said.Add);
        Assert.Equal((6, 4), (set.Train.Count, set.Test.Count));
        Assert.Contains("its classes are learned, and judged by those in test", _said[0], StringComparison.Ordinal);

        PaintMany("train/red", 1, 0);
        PaintMany("train/blue", 1, 0);
        Paint("loose.png", 1);
        set = ImageFolder.Load(_folder.Path, say: _said.Add, options: new());
        Assert.Contains("train, test are used; blue, red is not", string.Join(' ', _said), StringComparison.Ordinal);
        Assert.Contains("in no class folder: loose.png.", _said[^1], StringComparison.Ordinal);
        Assert.Equal((2, 2), (set.Train.Count, set.Test.IndicesOf(0).Length));

        string Refused() => Assert.Throws<InvalidDataException>(() => ImageFolder.Load(_folder.Path)).Message;
    }

    [Fact]
    public void Vehicles_may_have_a_class_of_trains()
    {
        PaintMany("train", 2, 0);
        PaintMany("bus", 2, 100);
        Assert.Equal(["bus", "train"], ImageFolder.Load(_folder.Path).ClassNames);
    }

    [Fact]
    public void Folders_that_could_be_parts_or_classes_are_refused()
    {
        PaintMany("train/red", 2, 0);
        PaintMany("cats", 2, 0);
        Assert.Contains(
            "both train, with folders in it, and cats",
            Assert.Throws<InvalidDataException>(() => ImageFolder.Load(_folder.Path)).Message,
            StringComparison.Ordinal
        );
        PaintMany("test/red", 1, 0);
        PaintMany("testing/red", 1, 0);
        Assert.Contains(
            "test, testing",
            Assert.Throws<InvalidDataException>(() => ImageFolder.Load(_folder.Path)).Message,
            StringComparison.Ordinal
        );
    }

    [Fact]
    public void Parts_may_lie_inside_the_classes()
    {
        PaintMany("red/train", 3, 0);
        PaintMany("red/test", 1, 10);
        PaintMany("blue/Train", 2, 100);
        PaintMany("blue/Test", 2, 110);
        DataSet set = ImageFolder.Load(_folder.Path, say: _said.Add);
        Assert.Equal(["blue", "red"], set.ClassNames);
        Assert.Equal([0, 0, 1, 1, 1], set.Train.Labels.ToArray());
        Assert.Equal([0, 0, 1], set.Test.Labels.ToArray());
        Assert.Contains("divided inside each class", Assert.Single(_said), StringComparison.Ordinal);

        PaintMany("green", 2, 0);
        Assert.Contains(
            "green has none",
            Assert.Throws<InvalidDataException>(() => ImageFolder.Load(_folder.Path)).Message,
            StringComparison.Ordinal
        );
    }

    [Fact]
    public void An_unpacked_archives_outer_folder_stands_for_what_is_in_it()
    {
        PaintMany("archive/shapes/red", 2, 0);
        PaintMany("archive/shapes/blue", 2, 0);
        Paint("__MACOSX/archive/red/._1.png", 0);
        DataSet set = ImageFolder.Load(_folder.Path, say: _said.Add);
        Assert.Equal(["blue", "red"], set.ClassNames);
        Assert.Contains($"holds only {Path.Combine("archive", "shapes")}", _said[0], StringComparison.Ordinal);
        Assert.Contains("__MACOSX", _said[^1], StringComparison.Ordinal);
    }

    [Fact]
    public void A_part_inside_a_part_of_the_same_name_is_the_same()
    {
        PaintMany("seg_train/seg_train/red", 2, 0);
        PaintMany("seg_train/seg_train/blue", 2, 0);
        PaintMany("seg_test/seg_test/blue", 1, 0);
        PaintMany("seg_pred/seg_pred", 3, 0);
        DataSet set = ImageFolder.Load(_folder.Path, say: _said.Add);
        Assert.Equal(["blue", "red"], set.ClassNames);
        Assert.Contains("seg_pred is not", _said[0], StringComparison.Ordinal);
    }

    [Fact]
    public void Pictures_for_testing_without_classes_are_left_out()
    {
        PaintMany("train/red", 5, 0);
        PaintMany("train/blue", 5, 0);
        PaintMany("test", 3, 0);
        DataSet set = ImageFolder.Load(_folder.Path, say: _said.Add);
        Assert.Equal((8, 2), (set.Train.Count, set.Test.Count));
        Assert.Contains("its 3 pictures do not say what they show", _said[0], StringComparison.Ordinal);
    }

    [Fact]
    public void A_class_of_other_formats_only_is_refused_with_what_it_holds()
    {
        PaintMany("red", 2, 0);
        Directory.CreateDirectory(_folder["blue"]);
        File.WriteAllText(_folder["blue", "1.heic"], "");
        File.WriteAllText(_folder["blue", "2.heic"], "");
        Assert.Contains(
            "but 2 .heic",
            Assert.Throws<InvalidDataException>(() => ImageFolder.Load(_folder.Path)).Message,
            StringComparison.Ordinal
        );
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
        Assert.Equal([50 / 255f, 50 / 255f, 100 / 255f], own.Mean, (a, b) => Math.Abs(a - b) <= Tolerance.Rounding(3));
        Assert.Equal([50 / 255f, 1, 100 / 255f], own.StandardDeviation, (a, b) => Math.Abs(a - b) <= Tolerance.Rounding(3));
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
        Assert.Contains("broken.png is not a picture", message, StringComparison.Ordinal);
        Assert.Contains("empty.png is empty", message, StringComparison.Ordinal);

        DataSet set = ImageFolder.Load(_folder.Path, new() { SkipUnreadable = true }, _said.Add);
        Assert.Equal((3, 1), (set.Train.Count, set.Test.Count));
        Assert.Contains("Left out: 2 of 6 pictures", _said[^1], StringComparison.Ordinal);
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
        Assert.Single(ImageFolder.Load(_folder.Path).Test);
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
    public void A_link_that_leads_back_is_named_and_not_followed()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Making links takes a privilege on Windows.");
        PaintMany("cat", 2, 0);
        Directory.CreateSymbolicLink(_folder["cat", "loop"], _folder["cat"]);
        PaintMany("dog", 2, 100);
        DataSet set = ImageFolder.Load(_folder.Path, say: _said.Add);
        Assert.Equal(4, set.Train.Count + set.Test.Count);
        Assert.Contains(
            _said,
            line => line.EndsWith($"in which they lie: {Path.Combine("cat", "loop")}.", StringComparison.Ordinal)
        );
    }

    [Fact]
    public void A_pipe_among_the_pictures_stops_nothing()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Windows has no pipes in folders.");
        PaintMany("cat", 2, 0);
        PaintMany("dog", 2, 100);
        using (var mkfifo = System.Diagnostics.Process.Start("mkfifo", [_folder["cat", "pipe.png"]]))
        {
            mkfifo.WaitForExit();
            Assert.Equal(0, mkfifo.ExitCode);
        }

        string message = Assert.Throws<InvalidDataException>(() => ImageFolder.Load(_folder.Path)).Message;
        Assert.Contains("pipe.png is empty, or a pipe or a device.", message, StringComparison.Ordinal);
        DataSet set = ImageFolder.Load(_folder.Path, new() { SkipUnreadable = true }, _said.Add);
        Assert.Equal(4, set.Train.Count + set.Test.Count);
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
