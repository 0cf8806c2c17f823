using System.CommandLine;
using AttentionLab.Kernel.Notebooks;

namespace AttentionLab.Kernel.Commands;

/// <summary>The command <c>convert</c>: a notebook as .ipynb or as .dib.</summary>
internal static class ConvertCommand
{
    public const string Name = "convert";

    public const string Examples = """
        Examples:
          {program} convert course.dib course.ipynb
              text, code and the cells' languages as a Jupyter notebook
          {program} convert course.ipynb course.dib
              the same the other way; .dib holds no outputs, tags or attached pictures, and what is left out is said

        Exit codes: 0 written, 1 the source cannot be read or the target not be written, 2 wrong usage.

        """;

    /// <summary>The command with its options.</summary>
    public static Command Create()
    {
        var source = new Argument<string>("source") { Description = "The notebook, .ipynb or .dib." };
        var target = new Argument<string>("target") { Description = "The file to write, of the other format." };
        var force = new Option<bool>("--force") { Description = "Replace a target that is there." };
        var command = new Command(Name, "Converts notebooks between .ipynb and .dib.") { source, target, force };
        FileCommand.SetAction(
            command,
            (parsed, _) =>
                Task.FromResult(
                    Convert(
                        Path.GetFullPath(parsed.GetValue(source)!),
                        Path.GetFullPath(parsed.GetValue(target)!),
                        parsed.GetValue(force)
                    )
                )
        );
        return command;
    }

    private const string Empty = "empty cells";

    private static string Convert(string source, string target, bool force)
    {
        (bool fromDib, bool toDib) = (IsDib(source), IsDib(target));
        if (fromDib == toDib)
        {
            throw new UsageException("One of the two files must be .ipynb and the other .dib.");
        }

        FileCommand.Check(source, target, force);
        Notebook notebook = Notebook.Read(source);
        FileCommand.Write(target, toDib ? DibFile.Write(notebook) : notebook.ToJson());
        return toDib ? target + LeftOut(notebook) : target;
    }

    private static bool IsDib(string path) =>
        Path.GetExtension(path).ToLowerInvariant() switch
        {
            DibFile.Extension => true,
            ".ipynb" => false,
            _ => throw new UsageException($"{Path.GetFileName(path)} is neither .ipynb nor .dib."),
        };

    private static string LeftOut(Notebook notebook)
    {
        (int Count, string What)[] kinds =
        [
            (notebook.CodeCells.Count(cell => cell.Outputs.Count > 0), "outputs"),
            (
                notebook.Cells.Count(cell => cell.Json["attachments"] is System.Text.Json.Nodes.JsonObject { Count: > 0 }),
                "attached pictures"
            ),
            (notebook.Cells.Count(cell => cell.HasTags), "tags"),
            (notebook.Cells.Count(cell => string.IsNullOrWhiteSpace(cell.Source)), Empty),
        ];
        string[] lost =
        [
            .. kinds
                .Where(kind => kind.Count > 0)
                .Select(kind => kind.What == Empty ? $"{kind.Count} {Empty}" : $"{kind.What} ({kind.Count} cells)"),
        ];
        int[] split = [.. DibFile.Split(notebook)];
        return (lost.Length == 0 ? "" : $"\nLeft out, since .dib does not hold them: {string.Join(", ", lost)}.")
            + (
                split.Length == 0
                    ? ""
                    : $"\nBecome several, since a line such as #!csharp begins a cell: cells {string.Join(", ", split)}."
            );
    }
}
