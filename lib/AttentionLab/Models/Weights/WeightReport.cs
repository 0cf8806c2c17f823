using AttentionLab.Core;

namespace AttentionLab.Models;

/// <summary>
/// What came of loading a file of weights into a network. Names are the network's, <see cref="Unexpected"/> ones the file's.
/// </summary>
/// <param name="Loaded">Weights that now hold the file's values.</param>
/// <param name="Missing">Weights of the network that the file lacks. BatchNorm's batch counters do not count: old files lack
/// them, and nothing here reads them.</param>
/// <param name="Unexpected">Tensors of the file that the network has no place for.</param>
/// <param name="OtherShape">Weights that have another shape in the file, or a type that does not convert (complex to real,
/// fractions to whole numbers), with both.</param>
/// <param name="NotFinite">Weights that now hold NaN or infinity: the file did, or its numbers are too large for the network's
/// type.</param>
public sealed record WeightReport(
    IReadOnlyList<string> Loaded,
    IReadOnlyList<string> Missing,
    IReadOnlyList<string> Unexpected,
    IReadOnlyList<string> OtherShape,
    IReadOnlyList<string> NotFinite
)
{
    /// <summary>
    /// Tensors of the file that were passed over, since the network's weights stand there under a prefix and these do not:
    /// <c>n_averaged</c>, <c>criterion.weight</c>, another copy of the network.
    /// </summary>
    public IReadOnlyList<string> Beside { get; init; } = [];

    /// <summary>Whether the file's part for the network and the network have the same weights.</summary>
    public bool IsWhole => Missing.Count + Unexpected.Count + OtherShape.Count == 0;

    /// <summary>All of it in words.</summary>
    public override string ToString() =>
        $"{Loaded.Count} of {Loaded.Count + Missing.Count + OtherShape.Count} weights "
        + $"loaded.{Differences}{List("Passed over", Beside)}{List("Not finite (NaN or infinity)", NotFinite)}";

    internal string Differences => List("Missing", Missing) + List("Unexpected", Unexpected) + List("Another shape", OtherShape);

    private static string List(string what, IReadOnlyList<string> names) =>
        names.Count == 0 ? "" : $" {what}: {Excerpt.Of(names)}.";
}
