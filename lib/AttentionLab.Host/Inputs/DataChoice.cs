using AttentionLab.Data;

namespace AttentionLab.Host.Inputs;

/// <summary>A picture set as <c>--data</c> names it.</summary>
internal static class DataChoice
{
    public const string Help = "The folder that holds CIFAR-10, or shapes for the built-in set (./shapes for a folder of that name).";

    /// <summary>The word for the built-in set.</summary>
    public const string Shapes = "shapes";

    /// <summary>Loads it.</summary>
    /// <exception cref="FileNotFoundException">The folder holds no picture set.</exception>
    /// <exception cref="InvalidDataException">A file is damaged.</exception>
    public static DataSet Load(string choice) => choice == Shapes ? ShapeSet.Create() : Cifar10.Load(choice);
}
