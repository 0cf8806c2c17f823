namespace AttentionLab.Imaging;

/// <summary>A picture as people see it and as a network does, to be shown side by side.</summary>
/// <param name="Original">Upright and on its background, in its own ratio, made smaller where a side had more than 1024
/// pixels.</param>
/// <param name="Seen">At the network's size.</param>
public sealed record SeenImage(Image Original, Image Seen);
