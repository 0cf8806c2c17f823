using System.Text.Json.Nodes;
using AttentionLab.Kernel.Notebooks;

namespace AttentionLab.Kernel.Tests.Notebooks;

public sealed class NotebookOutputsTests
{
    private readonly NotebookCell _cell = NotebookCell.Code("", "tag", null);
    private readonly NotebookOutputs _outputs = new();

    [Fact]
    public void A_flood_of_text_is_cut_and_says_so()
    {
        _outputs.Begin(_cell);
        string megabyte = new('x', 1_000_000);
        for (int i = 0; i < 20; i++)
        {
            _outputs.Write("stdout", megabyte);
        }

        NotebookCell next = NotebookCell.Code("", "tag", null);
        _outputs.Begin(next);
        _outputs.Write("stdout", "next");
        _outputs.Begin(null);
        string text = (string)Assert.Single(_cell.Outputs)!["text"]!;
        Assert.Equal(8_000_000, text.Count(c => c == 'x'));
        Assert.EndsWith("… what the cell printed beyond 8,000,000 characters is left out …\n", text, StringComparison.Ordinal);
        Assert.Equal("next", (string?)next.Outputs[0]!["text"]);
    }

    [Fact]
    public void A_flood_of_values_is_cut_and_says_so()
    {
        _outputs.Begin(_cell);
        var value = new string('y', 50_000_000);
        for (int i = 0; i < 10; i++)
        {
            _outputs.Display(new JsonObject { ["text/plain"] = value }, $"{i}");
            _outputs.Update(new JsonObject { ["text/plain"] = "small" }, $"{i}");
        }

        Assert.Equal(6, _cell.Outputs.Count);
        Assert.Contains("is left out", (string?)_cell.Outputs[5]!["text"], StringComparison.Ordinal);
    }
}
