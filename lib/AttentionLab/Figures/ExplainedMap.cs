namespace AttentionLab.Figures;

/// <summary>A map of an <see cref="ExplainedPicture"/>.</summary>
/// <param name="Method">What made it: <c>grad-cam</c>. Names that AttentionLab knows are explained on the page in plain words.</param>
/// <param name="Map">H×W values of the picture's size: the higher, the more a place counts.</param>
public sealed record ExplainedMap(string Method, float[,] Map)
{
    /// <summary>Behind the method's name: a layer, a channel.</summary>
    public string? Detail { get; init; }
}
