using System.CommandLine;
using AttentionLab.Models;

namespace AttentionLab.Host.Commands;

/// <summary>The options that name a network and its weights.</summary>
internal static class NetworkOptions
{
    private static readonly string Kinds = string.Join(
        ' ',
        NetworkArchitecture.All.Select(architecture => $"{architecture.Name}: {architecture.Description}.")
    );

    /// <summary><c>--weights</c>.</summary>
    public static Option<string> Weights() =>
        new("--weights")
        {
            Required = true,
            HelpName = "file",
            Description =
                "The network's weights under PyTorch's names: a safetensors file, or a state dict that torch.save wrote (.pth).",
        };

    /// <summary><c>--model</c> beside <c>--weights</c>.</summary>
    public static Option<string?> Model() =>
        OneOf(new Option<string?>("--model") { Description = $"{Kinds} [default: what the weights say]" });

    /// <summary><c>--model</c> of a network to be trained.</summary>
    public static Option<string> ModelToTrain() => OneOf(new Option<string>("--model") { Required = true, Description = Kinds });

    private static Option<T> OneOf<T>(Option<T> option)
    {
        option.AcceptOnlyFromAmong([.. NetworkArchitecture.Names]);
        return option;
    }
}
