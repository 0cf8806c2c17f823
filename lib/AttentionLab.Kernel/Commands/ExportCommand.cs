using System.CommandLine;
using AttentionLab.Kernel.Notebooks;
using AttentionLab.Kernel.Programs;

namespace AttentionLab.Kernel.Commands;

/// <summary>The command <c>export</c>: a notebook as a file-based C# program.</summary>
internal static class ExportCommand
{
    public const string Name = "export";

    public const string Examples = """
        Examples:
          {program} export notebooks/05-hooks.ipynb
          dotnet run artifacts/programs/05-hooks.cs
              the lesson as plain C#: prose as comments, values printed, figures saved beside the file
          {program} export mine.ipynb --out programs/mine.cs

        The program needs no notebook engine. A name that a cell declares anew gets a number; #r of a library becomes #:project
        of the project that builds it, #r "nuget: …" becomes #:package. What only a notebook can do is refused: other languages
        than C#, #! lines, a return that ends a cell.

        Exit codes: 0 written, 1 the notebook cannot be read or be a program, or the file not be written, 2 wrong usage.

        """;

    private const string DefaultFolder = "artifacts/programs";

    /// <summary>The command with its options.</summary>
    public static Command Create()
    {
        var source = new Argument<string>("notebook") { Description = "The notebook, .ipynb or .dib." };
        var output = new Option<string?>("--out")
        {
            HelpName = "file",
            Description = $"The program, .cs. [default: the notebook's name under {DefaultFolder}]",
        };
        var force = new Option<bool>("--force") { Description = "Replace a file that is there." };
        var command = new Command(Name, "Writes a notebook as a C# program for dotnet run FILE.cs.") { source, output, force };
        FileCommand.SetAction(
            command,
            (parsed, cancellationToken) =>
                ExportAsync(
                    Path.GetFullPath(parsed.GetValue(source)!),
                    parsed.GetValue(output),
                    parsed.GetValue(force),
                    cancellationToken
                )
        );
        return command;
    }

    private static async Task<string> ExportAsync(string source, string? output, bool force, CancellationToken cancellationToken)
    {
        string target = Path.GetFullPath(output ?? Path.Combine(DefaultFolder, Path.GetFileNameWithoutExtension(source) + ".cs"));
        if (!string.Equals(Path.GetExtension(target), ".cs", StringComparison.OrdinalIgnoreCase))
        {
            throw new UsageException($"{Path.GetFileName(target)} is no C# file: end its name in .cs.");
        }

        FileCommand.Check(source, target, force);
        string program = await ProgramFile.OfAsync(Notebook.Read(source), target, cancellationToken).ConfigureAwait(false);
        FileCommand.Write(target, program);
        return target;
    }
}
