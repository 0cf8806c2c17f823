using System.CommandLine;
using AttentionLab.Figures;
using AttentionLab.Kernel.Commands;
using AttentionLab.Kernel.Session;
using AttentionLab.Training;

namespace AttentionLab.Host.Commands;

/// <summary>AttentionLab's command line.</summary>
internal static class CommandLine
{
    /// <summary>The program with all its commands.</summary>
    public static CommandProgram Program { get; } =
        new(
            "dotnet run --project lib/AttentionLab.Host --",
            "Runs AttentionLab's notebooks; trains its networks, asks them, and explains what they see.",
            """
            Examples:
              {program} run notebooks
              {program} install
              {program} data download --data data
              {program} train --model se --data shapes --epochs 6 --out runs/se
              {program} predict --weights "data/trained/CIFAR-10 se.safetensors" --pictures notebooks/images
              {program} explain --model se --weights "data/trained/Shapes se.safetensors" --method grad-cam --data shapes --out seen
              {program} cookbook

            Each command's --help has more.

            """,
            [
                new(TrainCommand.Name, TrainCommand.Examples, TrainCommand.Create),
                new(PredictCommand.Name, PredictCommand.Examples, PredictCommand.Create),
                new(ExplainCommand.Name, ExplainCommand.Examples, ExplainCommand.Create),
                new(PretrainedCommand.Name, PretrainedCommand.Examples, PretrainedCommand.Create),
                new(ExploreCommand.Name, ExploreCommand.Examples, ExploreCommand.Create),
                new(DataCommand.Name, DataCommand.Examples, DataCommand.Create),
                new(CookbookCommand.Name, CookbookCommand.Examples, CookbookCommand.Create),
                .. NotebookCommands.All(PalettePng.Of),
            ]
        );

    /// <summary>Runs a command's action; an error is written to the error stream and becomes the exit code.</summary>
    public static async Task<int> ReportErrorsAsync(ParseResult parsed, Func<InvocationConfiguration, Task<int>> action)
    {
        InvocationConfiguration streams = parsed.InvocationConfiguration;
        try
        {
            return await action(streams).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            return ExitCode.Stopped;
        }
        catch (Exception e) when (e is UsageException or ArgumentException)
        {
            await streams.Error.WriteLineAsync(WithoutParameterName(e)).ConfigureAwait(false);
            return ExitCode.Usage;
        }
        catch (Exception e)
            when (e
                    is IOException
                        or InvalidDataException
                        or InvalidOperationException
                        or UnauthorizedAccessException
                        or HttpRequestException
                        or TrainingDivergedException
            )
        {
            await streams.Error.WriteLineAsync(e.Message).ConfigureAwait(false);
            return ExitCode.Failed;
        }
        catch (Exception e) when (NativeLibraryHint.For(e) is { } hint)
        {
            await streams.Error.WriteLineAsync($"{e.Message}\n{hint}").ConfigureAwait(false);
            return ExitCode.Failed;
        }
    }

    /// <summary>An argument's name in the library means nothing on the command line.</summary>
    public static string WithoutParameterName(Exception e) =>
        e is ArgumentException { ParamName: not null }
        && e.Message.IndexOf(" (Parameter '", StringComparison.Ordinal) is > 0 and var end
            ? e.Message[..end]
            : e.Message;
}
