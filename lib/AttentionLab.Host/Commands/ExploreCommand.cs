using System.CommandLine;
using AttentionLab.Data;
using AttentionLab.Explore;
using AttentionLab.Host.Exploring;
using AttentionLab.Models;

namespace AttentionLab.Host.Commands;

/// <summary>The command <c>explore</c>: a page in the browser to look at what a network sees, while one thinks.</summary>
internal sealed class ExploreCommand
{
    public const string Name = "explore";

    public const string Examples = $$"""
        Examples:
          {program} explore --weights "data/trained/CIFAR-10 se.safetensors"
              opens a page: drop a picture, click a class, change layer and method, brush a region away
          {program} explore --weights "data/trained/Shapes se.safetensors" --compare "data/trained/Shapes plain.safetensors" --data shapes
              two networks side by side, pictures of a set, its worst mistakes

        {{NetworkArguments.Help}}
        The page is served to this machine only, to whoever has the address with its token. Ctrl+C ends it.

        """;

    private readonly NetworkArguments _network = new();

    private readonly Option<string?> _compare = new("--compare")
    {
        HelpName = "file",
        Description = "Weights of a second network, or an ONNX file, to be shown beside the first.",
    };

    private readonly Option<string?> _compareModel = new("--compare-model")
    {
        HelpName = "name",
        Description = "Which network --compare is of. [default: what the weights say]",
    };

    private readonly Option<string?> _data = new("--data") { HelpName = "folder", Description = DataOption.Help };

    private readonly Option<string[]> _pictures = new("--pictures")
    {
        HelpName = "file",
        Description = "Picture files, or folders of them, to choose from on the page.",
        AllowMultipleArgumentsPerToken = true,
    };

    private readonly Option<bool> _noBrowser = new("--no-browser")
    {
        Description = "Prints the page's address and opens nothing.",
    };

    /// <summary>The command with its options.</summary>
    public static Command Create() => new ExploreCommand().Build();

    private Command Build()
    {
        var command = new Command(Name, "Opens a page to explore what a network sees.");
        _network.AddTo(command);
        Option[] options = [_compare, _compareModel, _data, _pictures, _noBrowser];
        foreach (Option option in options)
        {
            command.Options.Add(option);
        }

        command.Validators.Add(result =>
        {
            if (result.GetValue(_data) is not null && result.GetValue(_pictures) is { Length: > 0 })
            {
                result.AddError("Name the pictures by one of --data and --pictures; any other can be dropped on the page.");
            }
        });
        command.SetAction(
            (parsed, cancellationToken) =>
                CommandLine.ReportErrorsAsync(parsed, streams => RunAsync(parsed, streams, cancellationToken))
        );
        return command;
    }

    private async Task<int> RunAsync(ParseResult parsed, InvocationConfiguration streams, CancellationToken cancellationToken)
    {
        using TrainedNetwork network = await _network
            .LoadAsync(parsed, streams.Output.WriteLine, cancellationToken)
            .ConfigureAwait(false);
        using TrainedNetwork? other = parsed.GetValue(_compare) is { } file
            ? NetworkArguments.Load(file, parsed.GetValue(_compareModel))
            : null;
        List<ExploredNetwork> networks =
        [
            new(NameOf(_network.FileOf(parsed)), _network.ExpressionOf(parsed), new Exploration(network)),
        ];
        if (other is not null)
        {
            string second = parsed.GetValue(_compare)!,
                loading = NetworkArguments.ExpressionOf(second, parsed.GetValue(_compareModel));
            networks.Add(new(NameOf(second), loading, new Exploration(other)));
        }

        PictureSource? source = Source(parsed, streams);
        using var requests = new ExploreRequests(networks, source);
        ExploreServer server = await ExploreServer.StartAsync(requests, cancellationToken).ConfigureAwait(false);
        await using (server.ConfigureAwait(false))
        {
            await streams.Output.WriteLineAsync(server.Address).ConfigureAwait(false);
            await streams.Output.FlushAsync(cancellationToken).ConfigureAwait(false);
            if (!parsed.GetValue(_noBrowser) && !BrowserWindow.TryOpen(server.Address))
            {
                await streams.Output.WriteLineAsync("No browser was found: open the address yourself.").ConfigureAwait(false);
            }

            try
            {
                await Task.Delay(Timeout.Infinite, cancellationToken).ConfigureAwait(false);
            }
            catch (OperationCanceledException)
            {
                // Ctrl+C is how it ends.
            }
        }

        return 0;
    }

    private static string NameOf(string file) => Path.GetFileNameWithoutExtension(file);

    private PictureSource? Source(ParseResult parsed, InvocationConfiguration streams)
    {
        if (parsed.GetValue(_data) is { } root)
        {
            return PictureSource.Of(DataSets.Load(root, streams.Output.WriteLine).Test, root);
        }

        return parsed.GetValue(_pictures) is { Length: > 0 } files
            ? PictureSource.Of(PictureFiles.Find(files, streams.Output.WriteLine))
            : null;
    }
}
