using System.CommandLine;
using AttentionLab.Models;

namespace AttentionLab.Host.Commands;

/// <summary>The command <c>pretrained</c>: fetches a trained network through NuGet, and says what it is.</summary>
internal static class PretrainedCommand
{
    public const string Name = "pretrained";

    public const string Examples = """
        Examples:
          {program} pretrained resnet18
              a ResNet-18 that learned ImageNet (63 MB, MIT licence): the package Microsoft.ML.DnnImageFeaturizer.ResNet18
          {program} explain --model resnet18 --method eigen-cam --pictures dog.jpg --out seen
              without --weights, --model resnet18 is that network: its 512 features stand where classes do

        The package is fetched once, through your NuGet configuration; afterwards no network is needed.

        Exit codes: 0 done, 1 it cannot be fetched, 2 wrong usage, 130 stopped by Ctrl+C.

        """;

    /// <summary>The command with its argument.</summary>
    public static Command Create()
    {
        var name = new Argument<string>("name") { Description = string.Join(", ", PretrainedNetworks.Names) };
        name.AcceptOnlyFromAmong([.. PretrainedNetworks.Names]);
        var command = new Command(Name, "Fetches a trained network through NuGet, once.") { name };
        command.SetAction(
            (parsed, cancellationToken) =>
                CommandLine.ReportErrorsAsync(
                    parsed,
                    async streams =>
                    {
                        using TrainedNetwork network = await PretrainedNetworks
                            .ResNet18Async(streams.Output.WriteLine, cancellationToken)
                            .ConfigureAwait(false);
                        await streams
                            .Output.WriteLineAsync(
                                $"{parsed.GetValue(name)}: {network.ClassNames.Count} features of pictures of "
                                    + $"{network.Preprocessing.Height}×{network.Preprocessing.Width}; "
                                    + $"--model {parsed.GetValue(name)} without --weights takes it."
                            )
                            .ConfigureAwait(false);
                        return 0;
                    }
                )
        );
        return command;
    }
}
