using System.CommandLine;
using AttentionLab.Kernel.Notebooks;

namespace AttentionLab.Kernel.Commands;

/// <summary>What the commands share that write one file from a notebook.</summary>
internal static class FileCommand
{
    /// <summary>Sets what a command does: it reports what was written, and ends with the code of what went wrong.</summary>
    /// <param name="command">The command.</param>
    /// <param name="write">Writes the file; returns its path and whatever else the reader should know.</param>
    public static void SetAction(Command command, Func<ParseResult, CancellationToken, Task<string>> write) =>
        command.SetAction(
            async (parsed, cancellationToken) =>
            {
                InvocationConfiguration streams = parsed.InvocationConfiguration;
                try
                {
                    string written = await write(parsed, cancellationToken).ConfigureAwait(false);
                    await streams.Output.WriteLineAsync($"Written: {written}").ConfigureAwait(false);
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

    /// <summary>Refuses a notebook that does not exist, and a file that would be replaced unasked.</summary>
    /// <exception cref="UsageException">Either is so.</exception>
    public static void Check(string notebook, string target, bool force)
    {
        if (!File.Exists(notebook))
        {
            throw new UsageException(
                Directory.Exists(notebook)
                    ? $"{notebook} is a folder: name one of its notebooks."
                    : $"The notebook {notebook} does not exist."
            );
        }

        if (File.Exists(target) && !force)
        {
            throw new UsageException($"{target} exists already. Name another file, or replace it with --force.");
        }
    }

    /// <summary>Writes a text whole, with the folders above it.</summary>
    /// <exception cref="IOException">It cannot be written; nothing of it is left.</exception>
    /// <exception cref="UnauthorizedAccessException">It may not be written.</exception>
    public static void Write(string target, string text)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(target)!);
        WholeFile.Write(target, text);
    }
}
