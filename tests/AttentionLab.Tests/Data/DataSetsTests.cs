using AttentionLab.Data;

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
        Assert.Contains("'mnist'; choose one of auto, cifar10, shapes, folder", e.Message, StringComparison.Ordinal);
        Assert.Empty(_said);
    }
}
