using System.Text.Json.Nodes;
using AttentionLab.Host.Commands;
using AttentionLab.Kernel.Notebooks;

namespace AttentionLab.Host.Tests.Lessons;

/// <summary>Every lesson, every cell, as a reader without CIFAR-10 meets them; only shorter, with one epoch of training.</summary>
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
