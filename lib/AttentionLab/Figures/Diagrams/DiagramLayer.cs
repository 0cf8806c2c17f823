namespace AttentionLab.Figures;

/// <summary>One box of a <see cref="NetworkDiagram"/>: what a layer outputs for one picture.</summary>
/// <param name="Name">What the network calls the layer: <c>conv1</c>.</param>
/// <param name="Kind">What it does, in few words: <c>convolution 3×3</c>. Boxes of one kind have one colour.</param>
/// <param name="Shape">Channels, rows, columns; or one number for a layer that outputs a vector.</param>
public sealed record DiagramLayer(string Name, string Kind, params IReadOnlyList<long> Shape);
