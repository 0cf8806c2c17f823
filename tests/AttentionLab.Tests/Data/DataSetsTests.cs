using AttentionLab.Data;
using AttentionLab.Imaging;

namespace AttentionLab.Tests.Data;

public sealed class DataSetsTests(CanonicalCifar10 files) : IClassFixture<CanonicalCifar10>
{
    private readonly List<string> _said = [];

    [Fact]
    public void Cifar10_is_taken_when_it_is_there()
    {
        DataSet set = DataSets.Load(files.Root, "auto", _said.Add);
        Assert.Equal("CIFAR-10", set.Name);
        Assert.EndsWith($"(found in {files.Root}).", Assert.Single(_said), StringComparison.Ordinal);
    }

    [Fact]
    public void Cifar10_can_be_asked_for()
    {
        Assert.Equal("CIFAR-10", DataSets.Load(files.Root, "cifar10", _said.Add).Name);
        Assert.EndsWith("(as asked).", Assert.Single(_said), StringComparison.Ordinal);
    }

    [Fact]
    public void The_built_in_set_is_taken_when_there_is_no_cifar10_and_the_reason_is_said()
    {
        using var root = new TemporaryFolder();
        DataSet set = DataSets.Load(root.Path, "auto", _said.Add);
        Assert.NotEqual("CIFAR-10", set.Name);
        Assert.Contains($"since there is no CIFAR-10 in {root.Path}", Assert.Single(_said), StringComparison.Ordinal);
    }

    [Fact]
    public void A_damaged_cifar10_is_told_when_the_built_in_set_stands_in()
    {
        using var root = new TemporaryFolder();
        Directory.CreateDirectory(root[Cifar10Folder.Name]);
        File.WriteAllBytes(root[Cifar10Folder.Name, "data_batch_1.bin"], [1]);
        DataSets.Load(root.Path, "auto", _said.Add);
        string line = Assert.Single(_said);
        Assert.Contains("data_batch_1.bin holds 1 bytes", line, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', line);
    }

    [Fact]
    public void The_built_in_set_can_be_asked_for_where_cifar10_is()
    {
        Assert.NotEqual("CIFAR-10", DataSets.Load(files.Root, "shapes", _said.Add).Name);
        Assert.Single(_said);
    }

    [Fact]
    public void Cifar10_asked_for_and_absent_is_an_error_and_nothing_is_said()
    {
        using var root = new TemporaryFolder();
        Assert.Throws<FileNotFoundException>(() => DataSets.Load(root.Path, "cifar10", _said.Add));
        Assert.Empty(_said);
    }

    [Fact]
    public void An_unknown_choice_lists_the_choices()
    {
        var e = Assert.Throws<ArgumentException>(() => DataSets.Load(files.Root, "mnist", _said.Add));
        Assert.Contains(
            "'mnist' is not a picture set: choose one of auto, cifar10, shapes, folder",
            e.Message,
            StringComparison.Ordinal
        );
        Assert.Empty(_said);
    }

    [Fact]
    public void A_path_names_cifar10_a_folder_of_classes_or_the_built_in_set()
    {
        Assert.Equal("CIFAR-10", DataSets.Load(files.Root, _said.Add).Name);
        Assert.Equal("Shapes", DataSets.Load("shapes", _said.Add).Name);
        using var root = new TemporaryFolder();
        foreach (string name in new[] { "cat", "dog" })
        {
            for (byte i = 0; i < 4; i++)
            {
                PngFile.Save(new Image(2, 2, [.. Enumerable.Repeat(i, 12)]), root[$"{name}/{i}.png"]);
            }
        }

        Assert.Equal(["cat", "dog"], DataSets.Load(root.Path, _said.Add).ClassNames);
        Assert.Contains(
            $"cat holds no picture set. A set is a folder that holds {Cifar10Folder.Name}",
            Assert.Throws<FileNotFoundException>(() => DataSets.Load(root["cat"], _said.Add)).Message,
            StringComparison.Ordinal
        );
        Assert.Contains(
            "nowhere does not exist.",
            Assert.Throws<FileNotFoundException>(() => DataSets.Load(root["nowhere"], _said.Add)).Message,
            StringComparison.Ordinal
        );
    }

    [Fact]
    public void A_quick_try_takes_the_first_pictures_of_each_part()
    {
        DataSet shapes = ShapeSet.Create(train: 30, test: 20),
            few = shapes.Take(10);
        Assert.Equal((10, 2), (few.Train.Count, few.Test.Count));
        Assert.Equal(shapes.Train.Name, few.Train.Name);
        Assert.True(few.Train.PlanesOf(9).SequenceEqual(shapes.Train.PlanesOf(9)));
        Assert.Equal((30, 20), (shapes.Take(1000).Train.Count, shapes.Take(1000).Test.Count));
    }
}
