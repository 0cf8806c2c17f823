using AttentionLab.Core;
using AttentionLab.Tests.Data;

namespace AttentionLab.Tests.Core;

public sealed class AtomicFileTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_file_is_replaced_whole_or_not_at_all()
    {
        AtomicFile.Write(_folder["deep", "a.txt"], "old");
        Assert.Throws<InvalidOperationException>(() =>
            AtomicFile.Write(
                _folder["deep", "a.txt"],
                file =>
                {
                    file.Write("half"u8);
                    file.Flush();
                    throw new InvalidOperationException();
                }
            )
        );
        Assert.Equal("old", File.ReadAllText(_folder["deep", "a.txt"]));
        AtomicFile.Write(_folder["deep", "a.txt"], "new");
        Assert.Equal("new", File.ReadAllText(_folder["deep", "a.txt"]));
        Assert.Single(Directory.GetFileSystemEntries(_folder["deep"]));
    }

    [Fact]
    public void What_a_killed_process_left_is_deleted_and_nothing_else()
    {
        string left = PartialFile.For(_folder["weights.safetensors"]);
        File.WriteAllText(left, "half");
        string[] others =
        [
            _folder[".weights.partial"],
            _folder["weights.0123456789abcdef0123456789abcdef.partial"],
            _folder[".weights.0123456789abcdef0123456789abcdef"],
        ];
        Assert.All(others, other => File.WriteAllText(other, "somebody's"));
        AtomicFile.Write(_folder["other.txt"], "x");
        Assert.False(File.Exists(left));
        Assert.All(others, other => Assert.True(File.Exists(other), other));
    }

    [Fact]
    public void A_file_that_is_being_written_stays()
    {
        string path = PartialFile.For(_folder["a"]);
        using (FileStream file = PartialFile.Create(path))
        {
            PartialFile.DeleteLeftBehindNow(_folder.Path);
            Assert.True(File.Exists(path));
        }

        PartialFile.DeleteLeftBehindNow(_folder.Path);
        Assert.False(File.Exists(path));
    }

    [Fact]
    public void A_target_that_is_held_for_a_moment_is_waited_for()
    {
        int calls = 0;
        Patience.Replace(
            () =>
            {
                if (++calls < 4)
                {
                    throw new IOException("held");
                }
            },
            "a.txt",
            e => e is IOException,
            TimeSpan.FromTicks(1)
        );
        Assert.Equal(4, calls);
    }

    [Fact]
    public void A_target_that_stays_held_is_named_and_other_errors_are_not_waited_for()
    {
        int calls = 0;
        Assert.StartsWith(
            "a.txt cannot be replaced: another program has it open",
            Assert
                .Throws<IOException>(() =>
                    Patience.Replace(() => Fail(new IOException("held")), "a.txt", e => e is IOException, TimeSpan.FromTicks(1))
                )
                .Message,
            StringComparison.Ordinal
        );
        Assert.Equal(8, calls);
        Assert.Throws<UnauthorizedAccessException>(() =>
            Patience.Replace(() => Fail(new UnauthorizedAccessException()), "a.txt", e => e is IOException, TimeSpan.FromTicks(1))
        );
        Assert.Equal(9, calls);

        void Fail(Exception e)
        {
            calls++;
            throw e;
        }
    }
}
