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
        command.SetAction(
            async (parsed, cancellationToken) =>
            {
                InvocationConfiguration streams = parsed.InvocationConfiguration;
                try
                {
                    string from = Path.GetFullPath(parsed.GetValue(source)!),
                        to = Target(from, parsed.GetValue(output), parsed.GetValue(force));
                    await ExportAsync(from, to, cancellationToken).ConfigureAwait(false);
                    await streams.Output.WriteLineAsync($"Written: {to}").ConfigureAwait(false);
                    return 0;
                }
                catch (UsageException e)
                {
                    await streams.Error.WriteLineAsync(e.Message).ConfigureAwait(false);
                    return ExitCode.Usage;
                }
                catch (Exception e) when (e is NotebookFormatException or IOException or UnauthorizedAccessException)
                {
                    await streams.Error.WriteLineAsync(e.Message).ConfigureAwait(false);
                    return ExitCode.Failed;
                }
            }
        );
        return command;
    }

    private static string Target(string source, string? output, bool force)
    {
        if (!File.Exists(source))
        {
            throw new UsageException(
                Directory.Exists(source) ? $"{source} is a folder: name one of its notebooks." : $"There is no notebook {source}."
            );
        }

        string target = Path.GetFullPath(output ?? Path.Combine(DefaultFolder, Path.GetFileNameWithoutExtension(source) + ".cs"));
        if (!string.Equals(Path.GetExtension(target), ".cs", StringComparison.OrdinalIgnoreCase))
        {
            throw new UsageException($"{Path.GetFileName(target)} is no C# file: end its name in .cs.");
        }

        return !File.Exists(target) || force
            ? target
            : throw new UsageException($"{target} is there already. Name another file, or replace it with --force.");
    }

    private static async Task ExportAsync(string source, string target, CancellationToken cancellationToken)
    {
        string program = await ProgramFile.OfAsync(Notebook.Read(source), target, cancellationToken).ConfigureAwait(false);
        Directory.CreateDirectory(Path.GetDirectoryName(target)!);
        WholeFile.Write(target, program);
    }
}
