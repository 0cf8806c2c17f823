using System.Text;
using AttentionLab.Data;

namespace AttentionLab.Tests.Data;

public sealed class ClassNamesTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("names.txt", "tench\r\ngreat white shark\n\n")]
    [InlineData("names.json", """["tench", "great white shark"]""")]
    [InlineData("names.json", """{"1": "great white shark", "0": "tench"}""")]
    [InlineData("names.json", """{"0": ["n01440764", "tench"], "1": ["n01484850", "great white shark"]}""")]
    public void Names_are_read_in_the_order_of_the_outputs(string file, string text)
    {
        File.WriteAllText(_folder[file], text);
        Assert.Equal(["tench", "great white shark"], ClassNames.Read(_folder[file]));
    }

    [Theory]
    [InlineData("names.txt", "\n", "holds no names")]
    [InlineData("names.json", "3", "not an array of names")]
    [InlineData("names.json", "[1]", "not an array of names")]
    [InlineData("names.json", "[null]", "not an array of names")]
    [InlineData("names.json", "{\"a\": \"b\"}", "not an array of names")]
    [InlineData("names.json", "{\"0\": \"a\", \"2\": \"b\"}", "number 1 is not among them")]
    [InlineData("names.json", "[[]]", "not an array of names")]
    public void Other_files_are_refused(string file, string text, string reason)
    {
        File.WriteAllText(_folder[file], text);
        string message = Assert.Throws<InvalidDataException>(() => ClassNames.Read(_folder[file])).Message;
        Assert.Contains(reason, message, StringComparison.Ordinal);
        Assert.Contains(_folder[file], message, StringComparison.Ordinal);
    }

    [Fact]
    public void Names_in_another_encoding_are_refused_and_UTF16_with_its_mark_is_read()
    {
        string file = _folder["names.txt"];
        File.WriteAllText(file, "große Katze\nHund", Encoding.Latin1);
        Assert.Contains("not text in UTF-8", Assert.Throws<InvalidDataException>(() => ClassNames.Read(file)).Message);

        File.WriteAllText(file, "große Katze\nHund", Encoding.Unicode);
        Assert.Equal(["große Katze", "Hund"], ClassNames.Read(file));
    }

    [Fact]
    public void A_folder_is_refused()
    {
        Directory.CreateDirectory(_folder["names"]);
        Assert.Contains("is a folder", Assert.Throws<InvalidDataException>(() => ClassNames.Read(_folder["names"])).Message);
    }
}
