using AttentionLab.Host.Commands;
using CsCheck;

namespace AttentionLab.Host.Tests.Commands;

public sealed class FileNameTests
{
    [Theory]
    [InlineData("cat", "cat")]
    [InlineData("飞机 2", "飞机 2")]
    [InlineData("CON", "_CON")]
    [InlineData("con.txt", "_con.txt")]
    [InlineData("nul .x", "_nul .x")]
    [InlineData("COM1", "_COM1")]
    [InlineData("lpt³", "_lpt³")]
    [InlineData("COM10", "COM10")]
    [InlineData("console", "console")]
    [InlineData("dogs.", "dogs")]
    [InlineData("dogs. .", "dogs")]
    [InlineData("why?", "why_")]
    [InlineData("a:b/c\\d", "a_b_c_d")]
    [InlineData("..", "_")]
    [InlineData("../../etc", "_.._.._etc")]
    [InlineData(".hidden", "_.hidden")]
    [InlineData("", "_")]
    [InlineData("a\u001bb\u202e", "a_b_")]
    public void A_name_is_one_that_every_file_system_takes(string text, string expected) =>
        Assert.Equal(expected, FileName.For(text));

    [Fact]
    public void A_name_has_at_most_100_bytes_and_whole_characters() =>
        Assert.Equal(new string('飞', 33), FileName.For(new string('飞', 200))); // three bytes each

    [Fact]
    public void Half_a_character_is_none() => Assert.Equal("_x", FileName.For("\ud800x"));

    [Fact]
    public void Names_differ_where_capitals_do_not_count() =>
        Assert.Equal(["Cat", "cat_2", "CAT_3", "a_b", "a_b_2"], FileName.ForAll(["Cat", "cat", "CAT", "a:b", "a/b"]));

    [Fact]
    public void Any_texts_become_as_many_folders()
    {
        Gen.String.Array[1, 20]
            .Sample(
                texts =>
                {
                    string root = Directory.CreateTempSubdirectory("attentionlab-names-").FullName;
                    try
                    {
                        foreach (string name in FileName.ForAll(texts))
                        {
                            Assert.Equal(root, Path.GetDirectoryName(Path.GetFullPath(Path.Combine(root, name))));
                            Directory.CreateDirectory(Path.Combine(root, name));
                        }

                        Assert.Equal(texts.Length, Directory.GetDirectories(root).Length);
                    }
                    finally
                    {
                        Directory.Delete(root, recursive: true);
                    }
                },
                iter: 100,
                threads: 1
            );
    }
}
