using AttentionLab.Kernel.Notebooks;
using AttentionLab.Kernel.Workers;
using CsCheck;

namespace AttentionLab.Kernel.Tests.Notebooks;

public sealed class ParametersTests
{
    private const string Cell = """
        parameters:int epochs = 3, batch = 64;
        double rate = 1e-3; float momentum = 0.9f; decimal price = 1m;
        var name = "cnn"; bool fast = true; char mark = 'x'; byte small = 1;
        int? limit = null; string? dataRoot = null; int[] sizes = { 1 };
        DayOfWeek day = DayOfWeek.Monday;
        """;

    [Theory]
    [InlineData("epochs", "10", "epochs = 10;")]
    [InlineData("batch", "-1", "batch = -1;")]
    [InlineData("rate", "0.05", "rate = 0.05d;")]
    [InlineData("rate", "5", "rate = 5d;")]
    [InlineData("rate", "1e-5", "rate = 1E-05d;")]
    [InlineData("momentum", "0.5", "momentum = 0.5f;")]
    [InlineData("price", "2.50", "price = 2.50m;")]
    [InlineData("name", "a \"b\" \\c", "name = \"a \\\"b\\\" \\\\c\";")]
    [InlineData("name", "", "name = \"\";")]
    [InlineData("name", "line\nend; throw null;", "name = \"line\\nend; throw null;\";")]
    [InlineData("fast", "False", "fast = false;")]
    [InlineData("mark", "'", "mark = '\\'';")]
    [InlineData("limit", "null", "limit = null;")]
    [InlineData("limit", "7", "limit = 7;")]
    [InlineData("sizes", "new[] { 4, 5 }", "sizes = new[] { 4, 5 };")]
    [InlineData("day", "DayOfWeek.Friday", "day = DayOfWeek.Friday;")]
    public void The_variables_type_decides_how_a_value_is_written(string name, string text, string line) =>
        Assert.Equal(line, Injected(name, text).Source);

    [Theory]
    [InlineData("epochs", "ten", "epochs is an int; \"ten\" is not one.")]
    [InlineData("epochs", "1.5", "epochs is an int; \"1.5\" is not one.")]
    [InlineData("epochs", "99999999999", "epochs is an int; \"99999999999\" is not one.")]
    [InlineData("small", "256", "small is a byte; \"256\" is not one.")]
    [InlineData("rate", "NaN", "rate is a double; \"NaN\" is not one.")]
    [InlineData("rate", "0,5", "rate is a double; \"0,5\" is not one.")]
    [InlineData("fast", "yes", "fast is a bool; \"yes\" is not one.")]
    [InlineData("sizes", "new[] {", "sizes is an int[]; \"new[] {\" is not one.")]
    [InlineData("day", "DayOfWeek.Friday; throw null", "day is a System.DayOfWeek; \"DayOfWeek.Friday; throw null\" is not one.")]
    public void A_text_that_is_no_value_of_the_type_is_refused(string name, string text, string message) =>
        Assert.Equal(message, Assert.Throws<ParameterException>(() => Injected(name, text)).Message);

    [Fact]
    public void The_injected_cell_follows_the_parameters_and_replaces_an_earlier_one()
    {
        Notebook notebook = Notebook.Parse(Workspace.Json("1", Cell, "2"), Path.GetFullPath("a.ipynb"));
        new Parameters(notebook).Inject(new Dictionary<string, string> { ["epochs"] = "1", ["unknown"] = "2" });
        new Parameters(notebook).Inject(new Dictionary<string, string> { ["epochs"] = "5" });
        Assert.Equal(4, notebook.Cells.Count);
        Assert.Equal("epochs = 5;", notebook.Cells[2].Source);
        Assert.True(notebook.Cells[2].HasTag("injected-parameters"));
    }

    [Fact]
    public async Task Any_string_arrives_as_it_was_given() =>
        await Gen
            .String.Array[1, 5]
            .SampleAsync(
                async texts =>
                {
                    foreach (string text in texts)
                    {
                        Notebook notebook = Notebook.Parse(
                            Workspace.Json("parameters:string name = \"\";", "string.Join(\",\", name.Select(c => (int)c))"),
                            Path.Combine(Path.GetTempPath(), "a.ipynb")
                        );
                        new Parameters(notebook).Inject(new Dictionary<string, string> { ["name"] = text });
                        await using var session = new LocalSession();
                        await NotebookRunner.RunAsync(
                            notebook,
                            session,
                            new RunOptions(),
                            _ => { },
                            TestContext.Current.CancellationToken
                        );
                        Assert.Equal(
                            string.Join(",", text.Select(c => (int)c)),
                            (string?)notebook.Cells[2].Outputs[0]!["data"]!["text/plain"]
                        );
                    }
                },
                iter: 3,
                threads: 1
            );

    private static NotebookCell Injected(string name, string text)
    {
        Notebook notebook = Notebook.Parse(Workspace.Json(Cell), Path.GetFullPath("a.ipynb"));
        new Parameters(notebook).Inject(new Dictionary<string, string> { [name] = text });
        return notebook.Cells[1];
    }
}
