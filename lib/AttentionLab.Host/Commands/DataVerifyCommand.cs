using System.CommandLine;
using System.Globalization;
using AttentionLab.Data;
using AttentionLab.Kernel.Commands;

namespace AttentionLab.Host.Commands;

/// <summary>The command <c>data verify</c>.</summary>
internal static class DataVerifyCommand
{
    /// <summary>The subcommand.</summary>
    public static Command Create()
    {
        Option<string> data = DataCommand.Data;
        Option<bool> json = DataCommand.Json;
        var command = new Command(
            "verify",
            "Reads a picture set whole, and says how many pictures of each class it has or what is wrong."
        )
        {
            data,
            json,
        };
        command.SetAction(
            (parsed, _) =>
                CommandLine.ReportErrorsAsync(parsed, streams => RunAsync(streams, parsed.GetValue(data)!, parsed.GetValue(json)))
        );
        return command;
    }

    private static async Task<int> RunAsync(InvocationConfiguration streams, string data, bool asJson)
    {
        (DataSet set, IReadOnlyList<string> notes) = await DataCommand
            .LoadAsync(data, streams.Output, asJson)
            .ConfigureAwait(false);
        LabeledImages[] splits = [.. new[] { set.Train, set.Validation, set.Test }.OfType<LabeledImages>()];
        if (asJson)
        {
            await JsonOutput
                .WriteAsync(
                    streams.Output,
                    new
                    {
                        Data = set.Name,
                        Notes = notes,
                        Train = Counts(set.Train),
                        Validation = set.Validation is { } held ? Counts(held) : null,
                        Test = Counts(set.Test),
                    }
                )
                .ConfigureAwait(false);
        }
        else
        {
            foreach (LabeledImages images in splits)
            {
                await streams.Output.WriteLineAsync(Describe(images)).ConfigureAwait(false);
            }
        }

        // Files of the right size with possible labels can still be another set's.
        string[] uneven = set.Name == "CIFAR-10" ? [.. splits.SelectMany(Uneven)] : [];
        if (uneven.Length == 0)
        {
            return 0;
        }

        await streams
            .Error.WriteLineAsync(
                "These are not the published files, which have as many pictures of each class: " + $"{string.Join(", ", uneven)}."
            )
            .ConfigureAwait(false);
        return ExitCode.Failed;
    }

    private static object Counts(LabeledImages images) =>
        new
        {
            Pictures = images.Count,
            images.Height,
            images.Width,
            Classes = images.ClassNames.Select((name, label) => new { Class = name, Pictures = images.IndicesOf(label).Length }),
        };

    private static string Describe(LabeledImages images)
    {
        IEnumerable<string> classes = images.ClassNames.Select(
            (name, label) => string.Create(CultureInfo.InvariantCulture, $"{name} {images.IndicesOf(label).Length:#,0}")
        );
        return string.Create(
            CultureInfo.InvariantCulture,
            $"{images.Name}: {images.Count:#,0} pictures of {images.Height}×{images.Width} pixels: {string.Join(", ", classes)}."
        );
    }

    private static IEnumerable<string> Uneven(LabeledImages images) =>
        images
            .ClassNames.Select((name, label) => (Name: name, Count: images.IndicesOf(label).Length))
            .Where(each => each.Count != images.Count / images.ClassNames.Count)
            .Select(each => $"{images.Name} has {each.Count} of {each.Name}");
}
