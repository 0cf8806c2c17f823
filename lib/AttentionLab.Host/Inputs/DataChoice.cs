using AttentionLab.Data;
using AttentionLab.Kernel.Commands;

namespace AttentionLab.Host.Inputs;

/// <summary>A picture set as <c>--data</c> names it.</summary>
internal static class DataChoice
{
    public const string Help =
        "A folder that holds CIFAR-10 or a subfolder of pictures for each class; or shapes for the built-in set (./shapes for "
        + "a folder of that name).";

    /// <summary>The word for the built-in set.</summary>
    public const string Shapes = "shapes";

    private const string Cifar10Folder = "cifar-10-batches-bin";

    /// <summary>Loads it.</summary>
    /// <param name="choice">As named.</param>
    /// <param name="say">Is told, a line each, how a folder of pictures was split, what was left out and why, and last what is
    /// used.</param>
    /// <exception cref="FileNotFoundException">The folder holds no picture set.</exception>
    /// <exception cref="InvalidDataException">A file is damaged.</exception>
    public static DataSet Load(string choice, Action<string> say) =>
        choice == Shapes ? DataSets.Load(choice, "shapes", say)
        : HoldsClasses(choice) ? DataSets.Load(choice, "folder", say)
        : Directory.Exists(Path.Combine(choice, Cifar10Folder)) ? DataSets.Load(choice, "cifar10", say)
        : choice.Length == 0 ? throw new UsageException($"--data: name a folder, or {Shapes} for the built-in set.")
        : throw new FileNotFoundException(
            $"{choice} "
                + $"{(File.Exists(choice) ? "is a file" : Directory.Exists(choice) ? "is no picture set" : "is not there")}. A "
                + $"set is a folder that holds {Cifar10Folder}, "
                + $"which `data download --data {choice}` fetches, or a subfolder of pictures for each class; --data {Shapes} "
                + "is the built-in one."
        );

    /// <summary>Whether a folder has subfolders, and none of them is CIFAR-10's.</summary>
    private static bool HoldsClasses(string folder) =>
        Directory.Exists(folder)
        && Directory.EnumerateDirectories(folder).Select(Path.GetFileName).ToArray() is { Length: > 0 } names
        && !names.Contains(Cifar10Folder);
}
