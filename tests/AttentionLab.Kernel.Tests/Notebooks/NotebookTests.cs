using System.Text.Json.Nodes;
using AttentionLab.Kernel.Notebooks;

namespace AttentionLab.Kernel.Tests.Notebooks;

public sealed class NotebookTests
{
    [Fact]
    public void Reading_and_saving_keeps_what_is_not_known_here()
    {
        using var workspace = new Workspace();
        const string json = """
            {"nbformat":4,"nbformat_minor":5,"metadata":{"authors":[{"name":"Ω"}],"kernelspec":{"name":"other"}},"extra":{"a":1.50},
             "cells":[{"cell_type":"code","id":"abc","metadata":{"collapsed":true,"other.tool":{"x":[1,2]}},"source":["int a = 1;\n","a"],"execution_count":7,"outputs":[],"unknown":null},
                      {"cell_type":"markdown","id":"def","metadata":{},"source":"# Title","attachments":{"p.png":{"image/png":"AAAA"}}}]}
            """;

        string written = Notebook.Parse(json, workspace.At("in.ipynb")).ToJson();

        JsonNode expected = JsonNode.Parse(json)!;
        JsonNode actual = JsonNode.Parse(written)!;
        Assert.Equal(".net-csharp", (string?)actual["metadata"]!["kernelspec"]!["name"]);
        Assert.Equal("C#", (string?)actual["metadata"]!["language_info"]!["name"]);
        expected["metadata"]!.AsObject().Remove("kernelspec");
        actual["metadata"]!.AsObject().Remove("kernelspec");
        actual["metadata"]!.AsObject().Remove("language_info");
        Assert.True(JsonNode.DeepEquals(expected, actual));
    }

    [Fact]
    public void The_title_is_the_first_heading_or_the_file_name()
    {
        Assert.Equal(
            "Hooks & maps",
            Notebook.Parse(Workspace.Json("1", "md:text\n# Hooks & maps\n# Second"), Path.GetFullPath("a.ipynb")).Title
        );
        Assert.Equal("a", Notebook.Parse(Workspace.Json("1"), Path.GetFullPath("a.ipynb")).Title);
    }

    [Theory]
    [InlineData("""a\ud800b""", "a\ufffdb")]
    [InlineData("""\udc00""", "\ufffd")]
    [InlineData("""\uD83D\uDE00""", "\U0001F600")]
    [InlineData("""\ud83d\ud83d\ude00""", "\ufffd\U0001F600")]
    [InlineData("""\\ud800""", """\ud800""")]
    [InlineData("""\\\ud800\u0041""", "\\\ufffdA")]
    [InlineData("""\ud800\n\udc00""", "\ufffd\n\ufffd")]
    public void Half_a_character_is_read_as_the_replacement_character(string escaped, string text)
    {
        string json =
            $$"""{"nbformat":4,"metadata":{"{{escaped}}":"{{escaped}}"},"cells":[{"cell_type":"code","metadata":{"tags":["{{escaped}}"]},"source":["{{escaped}}"]}]}""";
        Notebook notebook = Notebook.Parse(json, Path.GetFullPath("a.ipynb"));
        Assert.Equal(text, notebook.Cells[0].Source);
        Assert.True(notebook.Cells[0].HasTag(text));
        Assert.Equal(text, (string?)JsonNode.Parse(notebook.ToJson())!["metadata"]![text]);
    }

    public static TheoryData<string, string> LongMistakes =>
        new()
        {
            { $$"""{"nbformat":4,"cells":[{"cell_type":"{{new string('x', 100_000)}}","source":"a"}]}""", "and is \"xxx" },
            { $$"""{"nbformat":4,"{{new string('y', 100_000)}}":[1,}""", "is not valid JSON" },
            { new string('[', 100_000), "is not valid JSON" },
        };

    [Theory]
    [InlineData("""{"nbformat":4,"cells":[{"cell_type":"code","sou""", "is not valid JSON (line 1)")]
    [InlineData("", "is not valid JSON")]
    [InlineData("[]", "no notebook")]
    [InlineData("#!csharp\n1 + 1", "is a .dib notebook by its text")]
    [InlineData("""{"cells":[]}""", "no notebook")]
    [InlineData("""{"nbformat":"4","cells":[]}""", "no notebook")]
    [InlineData("""{"nbformat":3,"worksheets":[]}""", "has nbformat 3")]
    [InlineData("""{"nbformat":4,"nbformat":4,"cells":[]}""", "is not valid JSON")]
    [InlineData("""{"nbformat":4}""", "no list of \"cells\"")]
    [InlineData("""{"nbformat":4,"cells":[3]}""", "cell 1 from the top: a cell must be a JSON object")]
    [InlineData(
        """{"nbformat":4,"cells":[{"cell_type":"code","source":"1"},{"cell_type":"code"}]}""",
        "cell 2 from the top: \"source\" must be a string or a list of strings, and is missing"
    )]
    [InlineData("""{"nbformat":4,"cells":[{"cell_type":"code","source":["a",1]}]}""", "and is something else")]
    [InlineData("""{"nbformat":4,"cells":[{"source":"a"}]}""", "\"cell_type\" must be")]
    [InlineData("""{"nbformat":4,"cells":[{"cell_type":"heading","source":"a"}]}""", "and is \"heading\"")]
    [MemberData(nameof(LongMistakes))]
    public void A_damaged_file_is_refused_with_a_reason(string json, string reason)
    {
        NotebookFormatException error = Assert.Throws<NotebookFormatException>(() =>
            Notebook.Parse(json, Path.GetFullPath("bad.ipynb"))
        );
        Assert.StartsWith("bad.ipynb", error.Message, StringComparison.Ordinal);
        Assert.InRange(error.Message.Length, 1, 600);
        Assert.Contains(reason, error.Message, StringComparison.Ordinal);
    }
}
