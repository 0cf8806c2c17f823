using System.Text.Json.Nodes;
using AttentionLab.Kernel.Notebooks;
using AttentionLab.Kernel.Session;
using AttentionLab.Kernel.Workers;

namespace AttentionLab.Kernel.Tests;

/// <summary>A temporary folder with notebooks, and the command line to run them, in this process.</summary>
internal sealed class Workspace : IDisposable
{
    /// <summary>The repository's root.</summary>
    public static string Repository { get; } = FindRepository();

    /// <summary>The built library, where notebooks reference it.</summary>
    public static string Library { get; } = Path.Combine(Repository, "lib", "AttentionLab", "bin", "AttentionLab.dll");

    public string Folder { get; } = Directory.CreateTempSubdirectory("attentionlab-host-").FullName;

    public string Out => At("out");

    public string Output { get; private set; } = "";

    public string Error { get; private set; } = "";

    public string At(string name) => Path.GetFullPath(Path.Combine(Folder, name)); // one kind of slash

    public void Write(string name, string text)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(At(name))!);
        File.WriteAllText(At(name), text);
    }

    /// <summary>
    /// Writes a notebook of code cells; a cell that starts with "md:" is text, one with "parameters:" is tagged so, and one with
    /// "meta:{…}" in its first line has that metadata.
    /// </summary>
    public void Notebook(string name, params string[] cells) => Write(name, Json(cells));

    public static string Json(params string[] cells) =>
        new JsonObject
        {
            ["nbformat"] = 4,
            ["nbformat_minor"] = 5,
            ["metadata"] = new JsonObject(),
            ["cells"] = new JsonArray([.. cells.Select((cell, i) => Cell(cell, $"c{i}"))]),
        }.ToJsonString();

    /// <summary>Runs the command line.</summary>
    public async Task<int> Run(params string[] args)
    {
        using var output = new StringWriter();
        using var error = new StringWriter();
        int code = await ProgramUnderTest.Program.RunAsync(args, output, error, TestContext.Current.CancellationToken);
        Output = output.ToString();
        Error = error.ToString();
        return code;
    }

    /// <summary>Runs everything in the workspace's folder.</summary>
    public Task<int> RunAll(params string[] options) => Run(["run", Folder, "--out", Out, .. options]);

    /// <summary>The outputs of an executed notebook's code cell, counted from 1.</summary>
    public JsonArray Outputs(string name, int cell) => Executed(name).CodeCells.ElementAt(cell - 1).Outputs;

    public Notebook Executed(string name) => AttentionLab.Kernel.Notebooks.Notebook.Read(Path.Combine(Out, name));

    /// <summary>Runs cells without files, and gives each cell's outputs.</summary>
    public static async Task<(NotebookRun Run, List<JsonArray> Outputs)> Cells(params string[] cells)
    {
        string path = Path.Combine(Path.GetTempPath(), "cells.ipynb");
        await using var session = new LocalSession();
        NotebookRun run = await NotebookRunner.RunAsync(
            AttentionLab.Kernel.Notebooks.Notebook.Parse(Json(cells), path),
            session,
            new RunOptions(),
            _ => { },
            TestContext.Current.CancellationToken
        );
        return (run, [.. run.Notebook.CodeCells.Select(cell => cell.Outputs)]);
    }

    /// <summary>Runs cells that must succeed, and gives the last cell's outputs.</summary>
    public static async Task<JsonArray> LastOutputs(params string[] cells)
    {
        (NotebookRun run, List<JsonArray> outputs) = await Cells(cells);
        Assert.True(run.Succeeded, run.Error is { } e ? $"{e.Location}: {e.Name}: {e.Message}" : "cancelled");
        return outputs[^1];
    }

    /// <summary>The value of the last cell as plain text.</summary>
    public static async Task<string> LastText(params string[] cells) =>
        (string)Assert.Single(await LastOutputs(cells))!["data"]!["text/plain"]!;

    /// <summary>The error the last cell must end with.</summary>
    public static async Task<CellError> LastError(params string[] cells)
    {
        CellError? error = (await Cells(cells)).Run.Error;
        Assert.NotNull(error);
        return error;
    }

    public void Dispose() => Directory.Delete(Folder, recursive: true);

    private static JsonObject Cell(string text, string id)
    {
        bool markdown = text.StartsWith("md:", StringComparison.Ordinal);
        var metadata = new JsonObject();
        if (text.StartsWith("meta:", StringComparison.Ordinal))
        {
            int end = text.IndexOf('\n', StringComparison.Ordinal);
            metadata = JsonNode.Parse(text["meta:".Length..end])!.AsObject();
            text = text[(end + 1)..];
        }
        else if (text.StartsWith("parameters:", StringComparison.Ordinal))
        {
            metadata["tags"] = new JsonArray("parameters");
            text = text["parameters:".Length..];
        }

        var cell = new JsonObject
        {
            ["cell_type"] = markdown ? "markdown" : "code",
            ["id"] = id,
            ["metadata"] = metadata,
            ["source"] = markdown ? text[3..] : text,
        };
        if (!markdown)
        {
            cell["execution_count"] = null;
            cell["outputs"] = new JsonArray();
        }

        return cell;
    }

    private static string FindRepository()
    {
        string? folder = AppContext.BaseDirectory;
        while (folder is not null && !File.Exists(Path.Combine(folder, "AttentionLab.slnx")))
        {
            folder = Path.GetDirectoryName(folder);
        }

        return folder ?? throw new DirectoryNotFoundException("The repository's root was not found above the tests.");
    }
}
