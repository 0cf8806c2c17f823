using System.Text.Json.Nodes;
using AttentionLab.Host.Commands;
using AttentionLab.Kernel.Notebooks;
using AttentionLab.Kernel.Session;
using AttentionLab.Kernel.Workers;

namespace AttentionLab.Host.Tests.Lessons;

/// <summary>
/// Every lesson, every cell, as a reader without CIFAR-10 meets them; only shorter, with one epoch of training.
/// </summary>
public sealed class LessonTests
{
    [Fact]
    public async Task All_lessons_run_from_top_to_bottom_and_show_what_they_are_about()
    {
        using var workspace = new Workspace();
        string lessons = Path.Combine(Workspace.Repository, "notebooks"),
            nothing = workspace.At("no data");
        Directory.CreateDirectory(nothing);

        int code = await CommandLine.Program.RunAsync(
            [
                "run",
                lessons,
                "--out",
                workspace.Out,
                "--data",
                nothing,
                "--set",
                "epochs=1",
                "--set",
                $"weightsFolder={workspace.At("weights")}",
            ],
            TextWriter.Null,
            Console.Error,
            TestContext.Current.CancellationToken
        );

        Assert.Equal(0, code);
        foreach (string lesson in Directory.GetFiles(lessons, "*.ipynb"))
        {
            Notebook executed = Notebook.Read(Path.Combine(workspace.Out, Path.GetFileName(lesson)));
            Assert.All(executed.CodeCells, cell => Assert.NotNull(cell.ExecutionCount));
            Assert.DoesNotContain(AllOutputs(executed), output => (string?)output["output_type"] == "error");
        }

        Assert.Equal(3, Pictures("01-pictures.ipynb")); // four of each class, the steps of augmentation, the same picture eight times
        Assert.Equal(4, Pictures("02-training.ipynb")); // a chart of each network's epochs, one of the iterations, one to compare
        Assert.Equal(7, Pictures("03-heat-maps.ipynb"));
        Assert.Equal(7, Pictures("04-trust.ipynb"));
        Assert.Equal(
            ["Shapes plain.safetensors", "Shapes se.safetensors"],
            Directory.GetFiles(workspace.At("weights")).Select(Path.GetFileName).Order()
        );

        int Pictures(string lesson) =>
            AllOutputs(Notebook.Read(Path.Combine(workspace.Out, lesson)))
                .Count(output => output["data"]?["image/png"] is not null);
    }

    [Fact]
    public async Task A_training_that_stops_before_its_first_epoch_says_so_where_the_chart_would_be()
    {
        using var workspace = new Workspace();
        string path = Path.Combine(Workspace.Repository, "notebooks", "02-training.ipynb");
        string[] cells =
        [
            .. Notebook
                .Read(path)
                .CodeCells.Select(cell =>
                    cell.Source.Replace("\"../data", $"@\"{workspace.At("data")}", StringComparison.Ordinal)
                )
                .TakeWhile(code => !code.StartsWith("TrainingCharts", StringComparison.Ordinal)),
        ];
        int first = Array.FindIndex(cells, code => code.Contains("Train(cnn)", StringComparison.Ordinal));
        await using var session = new LocalSession();
        session.Begin(Path.GetDirectoryName(path)!);
        foreach (string code in cells[..first])
        {
            Assert.Null(
                (await session.ExecuteAsync(code, "cell", new Displays(() => { }), TestContext.Current.CancellationToken)).Error
            );
        }

        using var stop = new CancellationTokenSource();
        var interrupted = new Displays(stop.Cancel);
        ExecutionResult result = await session.ExecuteAsync(cells[first], "cell", interrupted, stop.Token);
        Assert.Null(result.Error);
        Assert.Equal(Expected, interrupted.Texts);

        var failed = new Displays(() => { });
        result = await session.ExecuteAsync("Train(null)", "cell", failed, TestContext.Current.CancellationToken);
        Assert.Contains("ArgumentNullException", result.Error?.Name, StringComparison.Ordinal);
        Assert.Equal(Expected, failed.Texts);
    }

    private static readonly string[] Expected =
    [
        "The chart appears after the first epoch.",
        "Training stopped before its first epoch was over: there is no chart.",
    ];

    private sealed class Displays(Action shown) : IOutputSink
    {
        public List<string?> Texts { get; } = [];

        public void Write(string stream, string text) { }

        public void Display(JsonObject data, string displayId)
        {
            Texts.Add((string?)data["text/plain"]);
            shown();
        }

        public void Update(JsonObject data, string displayId) => Texts.Add((string?)data["text/plain"]);

        public void Result(JsonObject data) { }
    }

    [Fact]
    public void Stored_lessons_hold_no_outputs_and_ask_for_the_kernel_that_both_engines_have()
    {
        foreach (string lesson in Directory.GetFiles(Path.Combine(Workspace.Repository, "notebooks"), "*.ipynb"))
        {
            Assert.Empty(AllOutputs(Notebook.Read(lesson)));
            JsonNode json = JsonNode.Parse(File.ReadAllText(lesson))!;
            Assert.Equal(".net-csharp", (string?)json["metadata"]!["kernelspec"]!["name"]);
        }
    }

    private static IEnumerable<JsonNode> AllOutputs(Notebook notebook) =>
        notebook.CodeCells.SelectMany(cell => cell.Outputs).Select(output => output!);
}
