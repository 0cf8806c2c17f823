using System.Text.Json.Nodes;
using AttentionLab.Host.Commands;
using AttentionLab.Kernel.Notebooks;
using AttentionLab.Kernel.Session;
using AttentionLab.Kernel.Workers;
using Microsoft.CodeAnalysis.CSharp;
using DocumentationMode = Microsoft.CodeAnalysis.DocumentationMode;
using SourceCodeKind = Microsoft.CodeAnalysis.SourceCodeKind;

namespace AttentionLab.Host.Tests.Lessons;

/// <summary>
/// Every lesson, every cell, as a reader without CIFAR-10 meets them; only shorter, with one epoch of training.
/// </summary>
public sealed class LessonTests
{
    private static readonly string Lessons = Path.Combine(Workspace.Repository, "notebooks"),
        Solutions = Path.Combine(Lessons, "solutions");

    // The pictures in each notebook: a figure that went missing is an error.
    private static readonly Dictionary<string, int> Pictures = new()
    {
        ["01-pictures-as-numbers.ipynb"] = 5, // classes, channels, four augmentations, the crop's window, one draw step by step
        ["02-convolutional-network.ipynb"] = 3, // kernels, the network, what it says before it has learned
        ["03-training-in-the-open.ipynb"] = 7, // one batch, epochs, iterations, the rate, over-fitting, confusion, mistakes
        ["04-channel-attention.ipynb"] = 4, // the module, the seeds' spread, weights by class, weights against means
        ["05-hooks.ipynb"] = 18, // a picture, the maps of fifteen layers, filters after and before training
        ["06-heat-maps.ipynb"] = 11, // pictures, the tutorial's, dots, ReLU, one scale, a cell, lightness, bump, viridis, wrong, motion
        ["07-grad-cam.ipynb"] = 10, // by hand, for, against, layers, measured, two families, three classes twice, a difference
        ["08-trust.ipynb"] = 10, // masks, methods, outlines, hiding, its curve, removal, randomised, cheat's pictures twice, its maps
        ["09-your-own.ipynb"] = 4, // confusion, a map on a photograph, the highest losses, why this and not that
    };

    /// <summary>How many pictures a lesson shows.</summary>
    internal static int PicturesOf(string lesson) => Pictures[lesson];

    [Fact]
    public async Task All_lessons_run_from_top_to_bottom_and_show_what_they_are_about()
    {
        using var workspace = new Workspace();

        Assert.Equal(0, await Run(workspace, Lessons, "--set", $"weightsFolder={workspace.At("weights")}"));

        Assert.Equal(Pictures.Keys, Directory.GetFiles(Lessons, "*.ipynb").Select(Path.GetFileName).Order());
        foreach ((string lesson, int pictures) in Pictures)
        {
            Notebook executed = Executed(workspace, lesson);
            Assert.Equal((lesson, pictures), (lesson, AllOutputs(executed).Count(o => o["data"]?["image/png"] is not null)));
            Assert.Equal(
                OutputKinds.Of(Notebook.Read(Path.Combine(Lessons, lesson))),
                OutputKinds.Of(new StoredOutputs(png => png).Cleaned(executed))
            );
        }

        Assert.Equal(["Shapes plain.safetensors"], Directory.GetFiles(workspace.At("weights")).Select(Path.GetFileName));
    }

    [Fact]
    public async Task Every_lesson_has_solutions_and_they_run()
    {
        using var workspace = new Workspace();

        Assert.Equal(0, await Run(workspace, Solutions));

        foreach (string lesson in Pictures.Keys)
        {
            Executed(workspace, lesson);
            string exercises = string.Concat(Notebook.Read(Path.Combine(Lessons, lesson)).Cells.Select(cell => cell.Source))
                .Split("## Exercises")[1]
                .Split("## Questions")[0];
            string solutions = string.Concat(
                Notebook.Read(Path.Combine(Solutions, lesson)).Cells.Select(cell => $"\n{cell.Source}\n")
            );
            int asked = exercises.Split('\n').Count(line => line.Length > 2 && char.IsAsciiDigit(line[0]) && line[1] == '.');
            Assert.True(asked >= 5, $"{lesson} has {asked} exercises.");
            Assert.All(
                Enumerable.Range(1, asked),
                number => Assert.Contains($"\n## {number} · ", solutions, StringComparison.Ordinal)
            );
        }
    }

    /// <summary>Runs a folder of notebooks as a reader without CIFAR-10 does, with one epoch, few pictures and two seeds.</summary>
    private static Task<int> Run(Workspace workspace, string folder, params string[] more)
    {
        string nothing = workspace.At("no data");
        Directory.CreateDirectory(nothing);
        string[] shorter = ["--set", "epochs=1", "--set", "seeds=2", "--set", "pictures=40"];
        return CommandLine.Program.RunAsync(
            ["run", folder, "--out", workspace.Out, "--data", nothing, .. shorter, .. more],
            TextWriter.Null,
            Console.Error,
            TestContext.Current.CancellationToken
        );
    }

    /// <summary>A notebook as it was executed: every cell ran, none failed, and each check in it says that all is well.</summary>
    private static Notebook Executed(Workspace workspace, string name)
    {
        Notebook executed = Notebook.Read(Path.Combine(workspace.Out, name));
        Assert.All(executed.CodeCells, cell => Assert.NotNull(cell.ExecutionCount));
        Assert.All(
            AllOutputs(executed),
            output =>
            {
                Assert.NotEqual("error", (string?)output["output_type"]);
                Assert.DoesNotContain("✗", Decoded(output), StringComparison.Ordinal);
            }
        );
        return executed;
    }

    private static string Decoded(JsonNode output) =>
        NotebookCell.Text(output["text"])
        + NotebookCell.Text(output["data"]?["text/plain"])
        + NotebookCell.Text(output["data"]?["text/html"]);

    // VS Code warns of × in code, as it looks like x; these it takes.
    private const string Unambiguous = "✓✗…→±";

    [Fact]
    public void Cells_are_short_lines_fit_the_page_and_code_looks_like_no_other_character()
    {
        foreach (string path in Directory.GetFiles(Lessons, "*.ipynb", SearchOption.AllDirectories))
        {
            foreach (NotebookCell cell in Notebook.Read(path).CodeCells)
            {
                string[] lines = cell.Source.Split('\n');
                Assert.True(lines.Length <= 25, $"{path}: a cell of {lines.Length} lines: {lines[0]}");
                Assert.All(lines, line => Assert.True(line.Length <= 130, $"{path}: {line.Length} columns: {line}"));
                Assert.All(cell.Source, c => Assert.True(char.IsAscii(c) || Unambiguous.Contains(c), $"{path}: {c} in code"));
            }
        }
    }

    /// <summary>A comment would need translating; prose before the cell says it.</summary>
    [Fact]
    public void Code_has_no_comments()
    {
        foreach (string path in Directory.GetFiles(Lessons, "*.ipynb", SearchOption.AllDirectories))
        {
            foreach (NotebookCell cell in Notebook.Read(path).CodeCells)
            {
                string[] comments = CommentsOf(cell.Source);
                Assert.True(comments.Length == 0, $"{path}: {string.Join('\n', comments)}");
            }
        }
    }

    [Theory]
    [InlineData("int a = 1; // one\n// two", "// one", "// two")]
    [InlineData("int a = /* one */ 1;\n/// <summary>two</summary>\nvoid F() { }", "/* one */", "/// <summary>two</summary>")]
    [InlineData("#r \"../a.dll\" // one\nusing System; // two", "// one", "// two")]
    [InlineData("#if false\n// one\n#endif", "// one")]
    [InlineData("string url = \"http://one\"; var two = $\"{4 / 2} // {1}\";")]
    public void Comments_are_found_where_they_are(string code, params string[] comments) =>
        Assert.Equal(comments, CommentsOf(code));

    private static string[] CommentsOf(string code) =>
        [
            .. CSharpSyntaxTree
                .ParseText(code, new CSharpParseOptions(documentationMode: DocumentationMode.None, kind: SourceCodeKind.Script))
                .GetRoot(TestContext.Current.CancellationToken)
                .DescendantTrivia(descendIntoTrivia: true)
                .Select(trivia => trivia.ToString().TrimEnd())
                .Where(trivia => trivia.StartsWith('/')),
        ];

    [Fact]
    public async Task A_training_that_stops_before_its_first_epoch_says_so_where_the_chart_would_be()
    {
        using var workspace = new Workspace();
        string path = Path.Combine(Lessons, "03-training-in-the-open.ipynb");
        string[] cells =
        [
            .. Notebook
                .Read(path)
                .CodeCells.Select(cell =>
                    cell.Source.Replace("\"../data", $"@\"{workspace.At("data")}", StringComparison.Ordinal)
                ),
        ];
        string training = cells.Single(code => code.Contains("Train(trainer, cnn)", StringComparison.Ordinal));
        string[] before =
        [
            .. cells.Take(3),
            cells.Single(code => code.StartsWith("TrainingHistory Train(", StringComparison.Ordinal)),
        ];
        await using var session = new LocalSession();
        session.Begin(Path.GetDirectoryName(path)!);
        foreach (string code in before)
        {
            Assert.Null(
                (await session.ExecuteAsync(code, "cell", new Displays(() => { }), TestContext.Current.CancellationToken)).Error
            );
        }

        using var stop = new CancellationTokenSource();
        var interrupted = new Displays(stop.Cancel);
        ExecutionResult result = await session.ExecuteAsync(training, "cell", interrupted, stop.Token);
        Assert.Null(result.Error);
        Assert.Equal(Expected, interrupted.Texts);

        var failed = new Displays(() => { });
        result = await session.ExecuteAsync("Train(trainer, null)", "cell", failed, TestContext.Current.CancellationToken);
        Assert.Contains("ArgumentNullException", result.Error?.Name, StringComparison.Ordinal);
        Assert.Equal(Expected, failed.Texts);
    }

    private static readonly string[] Expected =
    [
        "The chart appears after the first epoch.",
        "Starting …",
        "Training stopped before its first epoch was over: there is no chart.",
        "Done.",
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

    /// <summary>As GitHub shows them: of both editions, of the code as it is now, and never of CIFAR-10's pictures.</summary>
    [Theory]
    [InlineData("")]
    [InlineData("zh")]
    public void Lessons_are_stored_with_the_outputs_of_their_code(string edition)
    {
        foreach (string name in Pictures.Keys)
        {
            string path = Path.Combine(Lessons, edition, name);
            Notebook lesson = Notebook.Read(path);
            Assert.True(
                StoredOutputs.FingerprintOf(lesson) == CodeFingerprint.Of(lesson),
                $"{path}: the stored outputs are not those of its code. Store them anew: run {Path.GetDirectoryName(path)} "
                    + "--set picturesFrom=shapes --commit"
            );
            Assert.InRange(new FileInfo(path).Length, 1, 400_000);
            Assert.Equal(OutputKinds.Of(Notebook.Read(Path.Combine(Lessons, name))), OutputKinds.Of(lesson));
            Assert.All(
                AllOutputs(lesson),
                output =>
                {
                    Assert.NotEqual("error", (string?)output["output_type"]);
                    Assert.DoesNotMatch(@"\bCIFAR-10: |/home/|/root/|/tmp/|/work/|[A-Z]:\\|<script", Decoded(output));
                    Assert.DoesNotContain("✗", Decoded(output), StringComparison.Ordinal);
                    Assert.NotEqual("", Decoded(output).Trim());
                }
            );
        }
    }

    [Fact]
    public void Solutions_are_stored_without_outputs_and_every_notebook_asks_for_the_kernel_that_both_engines_have()
    {
        foreach (string path in Directory.GetFiles(Lessons, "*.ipynb", SearchOption.AllDirectories))
        {
            Notebook notebook = Notebook.Read(path);
            Assert.Equal(".net-csharp", (string?)notebook.Metadata!["kernelspec"]!["name"]);
            if (Path.GetFileName(Path.GetDirectoryName(path)) == "solutions")
            {
                Assert.Empty(AllOutputs(notebook));
            }
        }
    }

    private static IEnumerable<JsonNode> AllOutputs(Notebook notebook) =>
        notebook.CodeCells.SelectMany(cell => cell.Outputs).Select(output => output!);
}
