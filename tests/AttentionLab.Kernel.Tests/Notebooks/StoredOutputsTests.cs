using System.Text.Json.Nodes;
using AttentionLab.Kernel.Commands;
using AttentionLab.Kernel.Notebooks;

namespace AttentionLab.Kernel.Tests.Notebooks;

/// <summary>What <c>run --commit</c> writes back into the notebooks.</summary>
public sealed class StoredOutputsTests : IDisposable
{
    private readonly Workspace _workspace = new();

    public void Dispose() => _workspace.Dispose();

    [Fact]
    public async Task Folders_of_this_machine_are_told_from_the_notebook_and_a_second_run_changes_nothing()
    {
        Directory.CreateDirectory(_workspace.At(".git"));
        _workspace.Notebook("course/a.ipynb", "Console.WriteLine(System.IO.Path.GetFullPath(\"../data\"));\n\"two\\nlines\"");

        Assert.Equal(0, await Commit());

        string first = File.ReadAllText(_workspace.At("course/a.ipynb"));
        Notebook stored = Read("course/a.ipynb");
        JsonArray outputs = Assert.Single(stored.CodeCells).Outputs;
        Assert.Equal("../data\n", NotebookCell.Text(outputs[0]!["text"])!.Replace('\\', '/'));
        Assert.Equal("[\"two\\n\",\"lines\"]", outputs[1]!["data"]!["text/plain"]!.ToJsonString());
        Assert.Equal(1, stored.CodeCells.Single().ExecutionCount);
        Assert.DoesNotContain("kernelspec", first, StringComparison.Ordinal); // of the metadata only the record is new
        Assert.Equal(CodeFingerprint.Of(stored), StoredOutputs.FingerprintOf(stored));

        Assert.Equal(0, await Commit());

        Assert.Equal(first, File.ReadAllText(_workspace.At("course/a.ipynb")));
    }

    [Fact]
    public async Task A_cell_about_time_keeps_its_words_without_the_numbers()
    {
        _workspace.Notebook(
            "a.ipynb",
            "meta:{\"tags\":[\"timing\"]}\nConsole.Write($\"conv3: {Environment.TickCount64} ms, 1,234.5 a second\");"
        );

        Assert.Equal(0, await Commit());

        JsonNode? output = Assert.Single(Assert.Single(Read("a.ipynb").CodeCells).Outputs);
        Assert.Equal("conv3: … ms, … a second", NotebookCell.Text(output!["text"]));
    }

    [Fact]
    public void A_figure_keeps_its_picture_and_its_sentence_only()
    {
        Notebook executed = Shown(
            new JsonObject
            {
                ["application/vnd.plotly.v1+json"] = new JsonObject(),
                ["text/html"] = "<script>1</script>",
                ["image/png"] = Convert.ToBase64String([1, 2, 3, 4]),
                ["text/plain"] = "A chart.",
            },
            new JsonObject { ["text/html"] = "<table></table>", ["text/plain"] = "a table" }
        );

        Notebook clean = new StoredOutputs(png => png[..1]).Cleaned(executed);

        Assert.Equal(["1: display_data image/png, text/plain · display_data text/html, text/plain"], OutputKinds.Of(clean));
        Assert.Equal(Convert.ToBase64String([1]), (string?)clean.CodeCells.Single().Outputs[0]!["data"]!["image/png"]);
    }

    [Fact]
    public void What_works_by_style_and_script_is_told_and_durations_are_left_out()
    {
        const string Slider = "<div aria-label=\"Maps &amp; epochs.\"><style>a {}</style><input></div>";

        Notebook clean = new StoredOutputs(png => png).Cleaned(
            Shown(
                new JsonObject { ["text/html"] = Slider, ["text/plain"] = Slider },
                new JsonObject { ["text/plain"] = "Epoch 6 done in 12.9 s, 6 sets of 3" }
            )
        );

        JsonArray outputs = clean.CodeCells.Single().Outputs;
        Assert.Equal("Maps & epochs.", NotebookCell.Text(outputs[0]!["data"]!["text/plain"]));
        Assert.False(outputs[0]!["data"]!.AsObject().ContainsKey("text/html"));
        Assert.Equal("Epoch 6 done in … s, 6 sets of 3", NotebookCell.Text(outputs[1]!["data"]!["text/plain"]));
    }

    [Fact]
    public void A_picture_that_compression_makes_larger_stays()
    {
        string png = Convert.ToBase64String([1, 2, 3]);

        Notebook clean = new StoredOutputs(_ => new byte[9]).Cleaned(Shown(new JsonObject { ["image/png"] = png }));

        Assert.Equal(png, (string?)clean.CodeCells.Single().Outputs[0]!["data"]!["image/png"]);
    }

    [Fact]
    public async Task Outputs_of_another_processor_stay_while_code_and_kinds_are_the_same()
    {
        _workspace.Notebook("a.ipynb", "\"here\"");
        Assert.Equal(0, await Commit());
        string elsewhere = File.ReadAllText(_workspace.At("a.ipynb"))
            .Replace("\"processor\": \"", "\"processor\": \"another, ", StringComparison.Ordinal)
            .Replace("[\n       \"here\"", "[\n       \"there\"", StringComparison.Ordinal);
        Assert.Contains("\"there\"", elsewhere, StringComparison.Ordinal);
        _workspace.Write("a.ipynb", elsewhere);

        Assert.Equal(0, await Commit());
        Assert.Equal(elsewhere, File.ReadAllText(_workspace.At("a.ipynb")));

        _workspace.Write("a.ipynb", elsewhere.Replace("\\\"here\\\"", "\\\"new\\\"", StringComparison.Ordinal));
        Assert.Equal(0, await Commit());
        Assert.DoesNotContain("there", File.ReadAllText(_workspace.At("a.ipynb")), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_notebook_that_fails_is_left_as_it_was()
    {
        _workspace.Notebook("a.ipynb", "1", "throw new Exception();");
        string before = File.ReadAllText(_workspace.At("a.ipynb"));

        Assert.Equal(ExitCode.Failed, await Commit());

        Assert.Equal(before, File.ReadAllText(_workspace.At("a.ipynb")));
    }

    [Fact]
    public async Task A_file_that_holds_no_outputs_is_named()
    {
        _workspace.Write("a.dib", "#!csharp\n1");

        Assert.Equal(ExitCode.Failed, await Commit());

        Assert.Contains("a.dib cannot hold outputs; only .ipynb files can.", _workspace.Error, StringComparison.Ordinal);
    }

    private Task<int> Commit()
    {
        string folder = Directory.Exists(_workspace.At("course")) ? _workspace.At("course") : _workspace.Folder;
        return _workspace.Run("run", folder, "--commit", "--out", Path.Combine(_workspace.Folder, "results", "out"));
    }

    private Notebook Read(string name) => Notebook.Read(_workspace.At(name));

    private static Notebook Shown(params JsonObject[] data)
    {
        var notebook = Notebook.Parse(Workspace.Json("1"), Path.Combine(Path.GetTempPath(), "a.ipynb"));
        foreach (JsonObject each in data)
        {
            notebook.CodeCells.Single().Outputs.Add(new JsonObject { ["output_type"] = "display_data", ["data"] = each });
        }

        return notebook;
    }
}
