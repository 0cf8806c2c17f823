using System.CommandLine;
using AttentionLab.Data;
using AttentionLab.Imaging;
using AttentionLab.Kernel.Commands;

namespace AttentionLab.Host.Commands;

/// <summary>The command <c>data export</c>.</summary>
internal static class DataExportCommand
{
    private static readonly Option<string> Data = DataCommand.Data,
        Split = new("--split") { Description = "Which pictures.", DefaultValueFactory = _ => "test" },
        Output =
            new("--out")
            {
                Required = true,
                HelpName = "folder",
                Description = "Gets a folder for each class; files of the same names are replaced.",
            };

    private static readonly Option<string[]> Indices = new("--indices")
    {
        HelpName = "numbers",
        AllowMultipleArgumentsPerToken = true,
        Description = "Which of them: 0-7, or 0,3,5-9. [default: all]",
    };

    private static readonly Option<string?> Masks = new("--masks")
    {
        HelpName = "folder",
        Description = "Gets the objects' masks likewise, white where the object is. The built-in set has masks.",
    };

    private static readonly Option<bool> Json = DataCommand.Json;

    static DataExportCommand() => Split.AcceptOnlyFromAmong("test", "train");

    /// <summary>The subcommand.</summary>
    public static Command Create()
    {
        var command = new Command("export", "Writes pictures as PNG files.") { Data, Split, Indices, Output, Masks, Json };
        command.SetAction(
            (parsed, cancellationToken) =>
                CommandLine.ReportErrorsAsync(parsed, streams => RunAsync(parsed, streams, cancellationToken))
        );
        return command;
    }

    private static async Task<int> RunAsync(
        ParseResult parsed,
        InvocationConfiguration streams,
        CancellationToken cancellationToken
    )
    {
        (DataSet set, IReadOnlyList<string> notes) = await DataCommand
            .LoadAsync(parsed.GetValue(Data)!, streams.Output, parsed.GetValue(Json))
            .ConfigureAwait(false);
        LabeledImages images = parsed.GetValue(Split) == "train" ? set.Train : set.Test;
        int[] chosen = parsed.GetValue(Indices) is { Length: > 0 } some
            ? IndexRanges.Parse(string.Join(',', some), images.Name, images.Count)
            : [.. Enumerable.Range(0, images.Count)];
        string folder = OutputPath.Folder(Output, parsed.GetValue(Output)!);
        string? maskFolder = parsed.GetValue(Masks) is { } path ? OutputPath.Folder(Masks, path) : null;
        CheckFolders(parsed.GetValue(Data)!, images, folder, maskFolder);
        using OutputFolder held = OutputFolder.Take(folder);
        using OutputFolder? heldMasks = maskFolder is null ? null : OutputFolder.Take(maskFolder);
        Write(images, chosen, folder, maskFolder, cancellationToken);
        await (
            parsed.GetValue(Json)
                ? JsonOutput.WriteAsync(
                    streams.Output,
                    new
                    {
                        Data = set.Name,
                        Notes = notes,
                        Split = images.Name,
                        Pictures = chosen.Length,
                        Folder = folder,
                        Masks = maskFolder,
                    }
                )
                : streams.Output.WriteLineAsync($"{chosen.Length} pictures of {images.Name}: {folder}")
        ).ConfigureAwait(false);
        return 0;
    }

    /// <summary>Nothing that is read may be replaced, and no mask may replace a picture.</summary>
    private static void CheckFolders(string data, LabeledImages images, string folder, string? maskFolder)
    {
        if (maskFolder is not null && !images.HasMasks)
        {
            throw new UsageException($"--masks: {images.Name} has no masks; the built-in set (--data {DataSets.Shapes}) has.");
        }

        if (maskFolder is not null && SamePlace.Are(maskFolder, folder))
        {
            throw new UsageException("--masks: name another folder than --out, where masks would replace pictures.");
        }

        if (data != DataSets.Shapes && SamePlace.Are(data, folder))
        {
            throw new UsageException("--out: name another folder than --data, whose pictures would be replaced.");
        }
    }

    private static void Write(
        LabeledImages images,
        int[] chosen,
        string folder,
        string? maskFolder,
        CancellationToken cancellationToken
    )
    {
        IReadOnlyList<string> folders = FileName.ForAll(images.ClassNames);
        foreach (int index in chosen)
        {
            cancellationToken.ThrowIfCancellationRequested();
            string name = Path.Combine(folders[images.Labels[index]], $"{index:00000}.png");
            PngFile.Save(images.PictureOf(index), Path.Combine(folder, name));
            if (maskFolder is not null)
            {
                PngFile.Save(images.Height, images.Width, images.MaskOf(index), Path.Combine(maskFolder, name));
            }
        }
    }
}
