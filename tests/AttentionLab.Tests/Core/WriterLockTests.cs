using AttentionLab.Core;

namespace AttentionLab.Tests.Core;

public sealed class WriterLockTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("attentionlab-lock-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void Who_comes_second_is_refused_with_who_holds_it()
    {
        using (WriterLock.ForFile(At("checkpoint.safetensors")))
        {
            InUseException refused = Assert.Throws<InUseException>(() => WriterLock.ForFile(At("checkpoint.safetensors")));
            Assert.Contains($"process {Environment.ProcessId} on", refused.Message, StringComparison.Ordinal);
        }

        Assert.Empty(Directory.GetFiles(_folder));
    }

    [Fact]
    public void Marks_of_killed_processes_are_cleared_by_whoever_holds_anything_in_the_folder_and_held_ones_stay()
    {
        File.WriteAllText(At(".checkpoint.safetensors.in-use.lock"), "");
        File.WriteAllText(At(".checkpoint.safetensors.in-use.txt"), "process 99999999 on here");
        File.WriteAllText(At(".mine.txt"), "not a mark");
        using (WriterLock.ForFile(At("best.safetensors")))
        {
            using (WriterLock.ForFolder(_folder))
            {
                Assert.Equal(
                    [".best.safetensors.in-use.lock", ".best.safetensors.in-use.txt", ".in-use.lock", ".in-use.txt", ".mine.txt"],
                    Directory.GetFiles(_folder).Select(Path.GetFileName).Order(StringComparer.Ordinal)
                );
            }
        }

        Assert.Equal([".mine.txt"], Directory.GetFiles(_folder).Select(Path.GetFileName));
    }

    private string At(string name) => Path.Combine(_folder, name);
}
