using System.Diagnostics;
using System.Net;
using System.Text.Json;
using System.Text.Json.Nodes;
using AttentionLab.Kernel.Notebooks;

namespace AttentionLab.Host.Tests.Lessons;

/// <summary>
/// The notebooks in the other engine: .NET Interactive's own Jupyter kernel, the local tool <c>dotnet interactive</c>, under
/// nbconvert. <c>.ci/run</c> installs both; without them these tests are skipped. With <c>LESSONS=all</c> in the environment every
/// notebook of the course runs, solutions and Chinese edition too; with <c>LESSONS=zh/solutions</c> those whose path begins so;
/// else three.
/// </summary>
/// <remarks>
/// Its kernel sends updates of what <c>display</c> shows under another identifier: live charts stay at their first text there,
/// unless AttentionLab.Interactive declares another <c>display</c>.
/// </remarks>
public sealed class DotNetInteractiveTests
{
    // Inside the repository, where dotnet finds the local tool; the notebooks find ../lib and ../data as usual.
    private static readonly string Folder = Path.Combine(Workspace.Repository, "artifacts", "dotnet-interactive");

    private static readonly string Lessons = Path.Combine(Folder, "notebooks"),
        Course = Path.Combine(Workspace.Repository, "notebooks");

    [Fact]
    public async Task The_lessons_pass_unchanged_and_show_their_charts()
    {
        Prepare();
        string[] lessons = Chosen(Environment.GetEnvironmentVariable("LESSONS"));
        foreach (string lesson in lessons)
        {
            string text = await File.ReadAllTextAsync(Path.Combine(Course, lesson), TestContext.Current.CancellationToken),
                path = Path.Combine(Lessons, lesson);
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            await File.WriteAllTextAsync(path, Shorter(text), TestContext.Current.CancellationToken);
        }

        await Execute(lessons);

        Assert.All(
            lessons.Where(lesson => !lesson.Contains("solutions", StringComparison.Ordinal)),
            lesson => Assert.InRange(Pictures(lesson), LessonTests.PicturesOf(Path.GetFileName(lesson)) - LiveCharts(lesson), 100)
        );
    }

    private static int LiveCharts(string lesson) => lesson.Contains("03-", StringComparison.Ordinal) ? 1 : 0;

    /// <summary>Three lessons by default: a module in a cell, hooks, the most kinds of pictures.</summary>
    private static string[] Chosen(string? lessons) =>
        lessons is null or ""
            ? ["02-convolutional-network.ipynb", "05-hooks.ipynb", "08-trust.ipynb"]
            :
            [
                .. Directory
                    .GetFiles(Course, "*.ipynb", SearchOption.AllDirectories)
                    .Select(path => Path.GetRelativePath(Course, path))
                    .Where(path => lessons == "all" || path.StartsWith(lessons, StringComparison.Ordinal))
                    .Order(StringComparer.Ordinal),
            ];

    [Fact]
    public async Task The_extension_shows_explanations_training_runs_and_interactive_charts()
    {
        Prepare();
        string notebook = Workspace.Json(
            """
            #r "../lib/AttentionLab/bin/AttentionLab.dll"
            #r "../lib/AttentionLab/bin/Plotly.NET.dll"
            #r "../lib/AttentionLab/bin/DynamicObj.dll"
            #r "../lib/AttentionLab.Interactive/bin/AttentionLab.Interactive.dll"
            """,
            "AttentionLab.Interactive.NotebookFormatters.Register();",
            """
            using AttentionLab.Figures;
            new LineChart(new LineSeries("a", [1, 2], [3, 4]))
            """,
            """
            using AttentionLab.Explain;
            new Explanation
            {
                Method = "grad-cam", Layer = "conv3", Target = "predicted class",
                Classes = [1], Predictions = [1], Logits = new float[1, 2], Maps = [new float[4, 4]],
            }
            """,
            """
            using AttentionLab.Training;
            new TrainingHistory([2.0, 1.0], [], false, "cpu")
            """,
            """
            using Plotly.NET;
            var trace = new Trace("scatter");
            trace.SetProperty("y", new[] { 1, 2 });
            GenericChart.ofTraceObjects(false, new List<Trace> { trace })
            """
        );
        JsonNode json = JsonNode.Parse(notebook)!;
        json["metadata"] = new JsonObject
        {
            ["kernelspec"] = new JsonObject { ["name"] = ".net-csharp", ["display_name"] = ".NET (C#)" },
        };
        await File.WriteAllTextAsync(
            Path.Combine(Lessons, "extension.ipynb"),
            json.ToJsonString(),
            TestContext.Current.CancellationToken
        );

        await Execute("extension.ipynb");

        JsonNode[] data =
        [
            .. Outputs("extension.ipynb").Where(o => (string?)o["output_type"] == "execute_result").Select(o => o["data"]!),
        ];
        Assert.Equal(4, data.Length);
        Assert.Contains("data-figure='{\"data\":[{\"type\":\"scatter\"", Text(data[0]["text/html"]), StringComparison.Ordinal);
        Assert.Contains("1", Text(data[1]["text/plain"]), StringComparison.Ordinal);
        Assert.All(data[..3], output => Assert.NotNull(output["image/png"]));
        Assert.Contains("Plotly.newPlot", Text(data[3]["text/html"]), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_lesson_runs_with_the_extension_and_its_chart_is_live()
    {
        Prepare();
        JsonNode lesson = JsonNode.Parse(
            Shorter(
                await File.ReadAllTextAsync(
                    Path.Combine(Workspace.Repository, "notebooks", "03-training-in-the-open.ipynb"),
                    TestContext.Current.CancellationToken
                )
            )
        )!;
        JsonArray cells = lesson["cells"]!.AsArray();
        JsonArray first = JsonNode.Parse(
            Workspace.Json(
                "#r \"../lib/AttentionLab/bin/AttentionLab.dll\"\n"
                    + "#r \"../lib/AttentionLab.Interactive/bin/AttentionLab.Interactive.dll\"",
                "AttentionLab.Interactive.NotebookFormatters.Register();"
            )
        )!["cells"]!.AsArray();
        foreach (JsonNode? cell in first.Reverse())
        {
            cells.Insert(0, cell!.DeepClone());
        }

        cells.Add(JsonNode.Parse(Workspace.Json(WatchedTraining))!["cells"]![0]!.DeepClone());
        await File.WriteAllTextAsync(
            Path.Combine(Lessons, "with-extension.ipynb"),
            lesson.ToJsonString(),
            TestContext.Current.CancellationToken
        );

        await Execute("with-extension.ipynb");

        string[] html = [.. Outputs("with-extension.ipynb").Select(o => o["data"]?["text/html"]).OfType<JsonNode>().Select(Text)];
        Assert.True(
            html.Count(text => text.Contains("data-figure=", StringComparison.Ordinal)) >= 2,
            "Interactive charts are missing."
        );
        string shown = string.Concat(Outputs("with-extension.ipynb").Select(output => output.ToJsonString()));
        Assert.Contains("Done.", shown, StringComparison.Ordinal);
        Assert.DoesNotContain("appears after the first epoch", shown, StringComparison.Ordinal);
        JsonNode view = Outputs("with-extension.ipynb").Last();
        Assert.Matches("Epoch 2 of 2 · loss .* · test accuracy", WebUtility.HtmlDecode(Text(view["data"]!["text/html"]!)));
        Assert.NotNull(view["data"]!["image/png"]);
    }

    private const string WatchedTraining = """
        using AttentionLab.Data; using AttentionLab.Explore; using AttentionLab.Models; using AttentionLab.Training;
        var few = ShapeSet.Create(32, 8);
        var watched = new Cnn(few.ClassNames.Count, seed: 1);
        var monitor = new TrainingMonitor(new TrainedNetwork(watched, few.ClassNames, few.Preprocessing), few.Test.Take(4));
        var live = display("Starting …");
        new Trainer(new TrainingOptions { Epochs = 2, BatchSize = 16 }).Fit(watched, few, report =>
        {
            if (monitor.View(report) is { } view) { live.Update(view); }
        });
        """;

    /// <summary>The folder with links to what the notebooks name, and the kernel that nbconvert is to start.</summary>
    private static void Prepare()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "nbconvert comes from Debian's packages here.");
        Assert.SkipUnless(Succeeds("jupyter-nbconvert", "--version"), "jupyter-nbconvert is not installed; .ci/run installs it.");
        Assert.SkipUnless(
            Succeeds("dotnet", "interactive", "--version"),
            "`dotnet tool restore` has not installed .NET Interactive."
        );

        Directory.CreateDirectory(Lessons);
        if (!Directory.Exists(Path.Combine(Folder, "lib")))
        {
            Directory.CreateSymbolicLink(Path.Combine(Folder, "lib"), Path.Combine(Workspace.Repository, "lib"));
        }

        string data = Path.Combine(Folder, "data");
        Directory.CreateDirectory(data);
        if (!Directory.Exists(Path.Combine(data, "trained")))
        {
            Directory.CreateSymbolicLink(Path.Combine(data, "trained"), Path.Combine(Workspace.Repository, "data", "trained"));
        }

        string kernel = Path.Combine(Folder, "kernels", ".net-csharp");
        Directory.CreateDirectory(kernel);
        string[] start = ["dotnet", "interactive", "jupyter", "--default-kernel", "csharp", "{connection_file}"];
        File.WriteAllText(
            Path.Combine(kernel, "kernel.json"),
            JsonSerializer.Serialize(
                new
                {
                    argv = start,
                    display_name = ".NET (C#)",
                    language = "C#",
                }
            )
        );
    }

    /// <summary>A lesson with other values of its parameters: one epoch, few pictures.</summary>
    private static string Shorter(string notebook) =>
        notebook
            .Replace("int epochs = 5;", "int epochs = 1;", StringComparison.Ordinal)
            .Replace("int epochs = 4;", "int epochs = 1;", StringComparison.Ordinal)
            .Replace("int pictures = 40;", "int pictures = 10;", StringComparison.Ordinal);

    /// <summary>Executes notebooks in place, each to its end, so that the test names every one in which a cell failed.</summary>
    private static async Task Execute(params string[] notebooks)
    {
        ProcessStartInfo start = Start(
            "jupyter-nbconvert",
            ["--to", "notebook", "--execute", "--inplace", "--allow-errors", "--ExecutePreprocessor.timeout=1200", .. notebooks]
        );
        start.WorkingDirectory = Lessons;
        start.Environment["JUPYTER_PATH"] = Folder;
        using Process process = Process.Start(start)!;
        Task<string> output = process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        string error = await process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        Assert.True(process.ExitCode == 0, error + await output);
        Assert.All(notebooks, notebook => Assert.Empty(Outputs(notebook).Select(Fault).OfType<string>()));
    }

    /// <summary>What a cell failed with, or a check of the lesson that did not hold.</summary>
    private static string? Fault(JsonNode output) =>
        (string?)output["output_type"] == "error" ? $"{output["ename"]}: {output["evalue"]}"
        : Shown(output) is var shown && shown.Contains('✗') ? shown
        : null;

    private static string Shown(JsonNode output) =>
        NotebookCell.Text(output["text"]) + NotebookCell.Text(output["data"]?["text/plain"]);

    private static int Pictures(string notebook) => Outputs(notebook).Count(output => output["data"]?["image/png"] is not null);

    private static IEnumerable<JsonNode> Outputs(string notebook) =>
        Notebook.Read(Path.Combine(Lessons, notebook)).CodeCells.SelectMany(cell => cell.Outputs).Select(output => output!);

    // A notebook file holds text as one string or as lines.
    private static string Text(JsonNode? text) =>
        text is JsonArray lines ? string.Concat(lines.Select(line => (string?)line)) : (string)text!;

    private static bool Succeeds(string program, params string[] arguments)
    {
        try
        {
            using Process process = Process.Start(Start(program, arguments))!;
            process.StandardOutput.ReadToEnd();
            process.WaitForExit();
            return process.ExitCode == 0;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return false;
        }
    }

    private static ProcessStartInfo Start(string program, string[] arguments) =>
        new(program, arguments)
        {
            WorkingDirectory = Workspace.Repository,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            Environment = { ["DOTNET_INTERACTIVE_CLI_TELEMETRY_OPTOUT"] = "1", ["DOTNET_NOLOGO"] = "1" },
        };
}
