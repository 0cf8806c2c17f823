using AttentionLab.Host.Commands;
using AttentionLab.Kernel.Notebooks;
using AttentionLab.Kernel.Programs;
using AttentionLab.Kernel.Tests.Programs;

namespace AttentionLab.Host.Tests.Lessons;

/// <summary>Every lesson is plain C# too.</summary>
public sealed class ExportedLessonTests
{
    private static readonly string Lessons = Path.Combine(Workspace.Repository, "notebooks");

    [Theory]
    [InlineData("01-pictures-as-numbers.ipynb")]
    [InlineData("zh/05-hooks.ipynb")]
    public async Task A_lesson_as_a_program_prints_and_draws_what_it_shows_as_a_notebook(string lesson)
    {
        Assert.SkipWhen(ExportedProgram.Missing() is not null, ExportedProgram.Missing() ?? "");
        using var workspace = new Workspace();
        string notebook = Path.Combine(Lessons, lesson),
            name = Path.GetFileNameWithoutExtension(lesson),
            program = workspace.At($"{name}.cs");
        Assert.Equal(0, await Command("run", notebook, "--out", workspace.Out));

        Assert.Equal(0, await Command("export", notebook, "--out", program));
        (int code, string output, string error) = ExportedProgram.Run(workspace, program);

        Assert.True(code == 0, $"{output}\n{error}");
        int figures = 0;
        var expected = new List<string>();
        foreach (var shown in workspace.Executed($"{name}.ipynb").CodeCells.SelectMany(cell => cell.Outputs))
        {
            string text = NotebookCell.Text(shown!["text"] ?? shown["data"]!["text/plain"])!.TrimEnd();
            if ((string?)shown["data"]?["image/png"] is not { } png)
            {
                expected.Add(text);
                continue;
            }

            string file = $"{name}-{++figures}.png";
            expected.Add($"{file}: {text}");
            Assert.Equal(Convert.FromBase64String(png), File.ReadAllBytes(workspace.At(file)));
        }

        Assert.Equal(string.Join('\n', expected), output.ReplaceLineEndings("\n").TrimEnd());
        Assert.Equal(figures, Directory.GetFiles(workspace.Folder, "*.png").Length);
        Assert.True(figures >= 5, $"{figures} figures");
    }

    /// <summary>The exporter compiles what it writes. The Chinese edition's code is the same.</summary>
    [Fact]
    public async Task All_lessons_and_solutions_compile_as_programs()
    {
        foreach (
            string path in Directory.GetFiles(Lessons, "*.ipynb").Concat(Directory.GetFiles(Path.Combine(Lessons, "solutions")))
        )
        {
            await ProgramFile.OfAsync(
                Notebook.Read(path),
                Path.Combine(Path.GetTempPath(), "program.cs"),
                TestContext.Current.CancellationToken
            );
        }
    }

    private static Task<int> Command(params string[] arguments) =>
        CommandLine.Program.RunAsync(arguments, TextWriter.Null, Console.Error, TestContext.Current.CancellationToken);
}
