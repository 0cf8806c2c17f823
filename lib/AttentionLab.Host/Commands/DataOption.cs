namespace AttentionLab.Host.Commands;

/// <summary>What <c>--data</c> takes, for every command's help.</summary>
internal static class DataOption
{
    public const string Help =
        "A folder that holds CIFAR-10 or a subfolder of pictures for each class; or shapes for the built-in set (./shapes for "
        + "a folder of that name).";
}
