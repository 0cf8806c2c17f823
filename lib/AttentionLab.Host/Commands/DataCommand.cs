using System.CommandLine;
using AttentionLab.Data;

namespace AttentionLab.Host.Commands;

/// <summary>The command <c>data</c>: downloads CIFAR-10, checks a picture set, writes its pictures as PNG files.</summary>
internal static class DataCommand
{
    public const string Name = "data";

    public const string Examples = """
        Examples:
          {program} data download --data data
              CIFAR-10 into the folder data: 162 MiB to fetch; a download that was interrupted goes on where it was
          {program} data verify --data data
              whether all files are there and whole, and what is wrong with them
          {program} data export --data data --split test --indices 0-99 --out pictures
              pictures/cat/00000.png …: a folder for each class
          {program} data export --data shapes --indices 0-9 --out shapes-png --masks shapes-masks
              from the built-in set, with the mask of each picture's object

        Exit codes: 0 done, 1 a file is missing or wrong, 2 wrong usage, 130 stopped by Ctrl+C, 143 by SIGTERM.

        """;

    /// <summary>The command with its subcommands.</summary>
    public static Command Create() =>
        new(Name, "Downloads, checks and exports picture sets.")
        {
            DataDownloadCommand.Create(),
            DataVerifyCommand.Create(),
            DataExportCommand.Create(),
        };

    /// <summary>What every subcommand has.</summary>
    public static Option<bool> Json =>
        new("--json") { Description = "Puts the results on the output as one JSON document, and nothing else." };

    /// <summary>The set of pictures a subcommand reads.</summary>
    public static Option<string> Data =>
        new("--data")
        {
            Required = true,
            HelpName = "folder",
            Description = DataOption.Help,
        };

    /// <summary>The set, after what was used and left out of it is said, unless the output is for a program.</summary>
    public static async Task<(DataSet Set, IReadOnlyList<string> Notes)> LoadAsync(string data, TextWriter output, bool asJson)
    {
        var notes = new List<string>();
        DataSet set = DataSets.Load(data, notes.Add);
        foreach (string note in asJson ? [] : notes)
        {
            await output.WriteLineAsync(note).ConfigureAwait(false);
        }

        return (set, notes);
    }
}
