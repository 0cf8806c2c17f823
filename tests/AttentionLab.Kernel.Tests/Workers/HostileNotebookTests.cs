using System.Globalization;
using System.Text.Json.Nodes;
using AttentionLab.Kernel.Commands;
using AttentionLab.Kernel.Notebooks;

namespace AttentionLab.Kernel.Tests.Workers;

/// <summary>
/// A run of notebooks that try to end it ends itself, with an outcome for each. More than the few of the suite:
/// <c>ATTENTIONLAB_HOSTILE=500 dotnet test tests/AttentionLab.Kernel.Tests --filter HostileNotebook --logger
/// "console;verbosity=detailed"</c>.
/// </summary>
public sealed class HostileNotebookTests(ITestOutputHelper log)
{
    private const int Batch = 10;

    [Fact]
    public async Task Every_hostile_notebook_gets_an_outcome_and_its_results_can_be_read()
    {
        string? wanted = Environment.GetEnvironmentVariable("ATTENTIONLAB_HOSTILE");
        int count = wanted is null ? Batch : int.Parse(wanted, CultureInfo.InvariantCulture);
        var outcomes = new SortedDictionary<string, int>();
        for (int first = 0; first < count; first += Batch)
        {
            await RunBatch(first, Math.Min(Batch, count - first), outcomes);
        }

        foreach ((string outcome, int times) in outcomes)
        {
            log.WriteLine($"{times, 5}  {outcome}");
        }

        Assert.Equal(count, outcomes.Values.Sum());
    }

    private static async Task RunBatch(int first, int count, SortedDictionary<string, int> outcomes)
    {
        using var workspace = new Workspace();
        string[] names = [.. Enumerable.Range(first, count).Select(seed => $"{seed:0000}.ipynb")];
        foreach ((int i, string name) in names.Index())
        {
            workspace.Write(Path.Combine("in", name), HostileNotebooks.Make(first + i));
        }

        int code = await workspace.Run("run", workspace.At("in"), "--out", workspace.Out, "--cell-timeout", "10");
        Assert.InRange(code, 0, ExitCode.Failed);
        Assert.DoesNotContain(workspace.Error + workspace.Output, c => char.IsControl(c) && c is not ('\n' or '\r' or '\t'));
        Assert.DoesNotContain(Directory.GetFiles(workspace.Out), file => Path.GetFileName(file).StartsWith('.'));
        foreach (string name in names)
        {
            string[] problems = [.. workspace.Error.Split('\n').Where(line => line.StartsWith(name, StringComparison.Ordinal))];
            string result = Path.Combine(workspace.Out, name);
            if (!File.Exists(result))
            {
                string problem = Assert.Single(problems); // only a file that is not a notebook has no result
                Assert.Throws<NotebookFormatException>(() => Notebook.Read(workspace.At(Path.Combine("in", name))));
                Count(problem.Contains("not valid JSON", StringComparison.Ordinal) ? "not JSON" : "JSON, but no notebook");
                continue;
            }

            string json = await File.ReadAllTextAsync(result, TestContext.Current.CancellationToken);
            Assert.NotNull(JsonNode.Parse(json, documentOptions: new() { MaxDepth = 512 }));
            Assert.InRange(new FileInfo(Path.ChangeExtension(result, ".html")).Length, 1_000, 400_000_000);
            Notebook executed = Notebook.Read(result);
            bool failed = problems.Length > 0;
            Count(
                failed ? string.Join(' ', problems[0].Split(": ", 3)[1].Split('.')[^1])
                : executed.CodeCells.Any(cell => cell.Outputs.Any(output => (string?)output!["output_type"] == "error"))
                    ? "failed as allowed"
                : "ran"
            );
        }

        void Count(string outcome) => outcomes[outcome] = outcomes.GetValueOrDefault(outcome) + 1;
    }
}
