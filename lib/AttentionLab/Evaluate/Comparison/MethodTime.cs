namespace AttentionLab.Evaluate;

/// <summary>How long a method took.</summary>
/// <param name="Method">The method's name.</param>
/// <param name="SecondsPerPicture">Seconds from the pictures to their maps, at all layers asked for, divided by the number of
/// pictures; without the measures.</param>
public sealed record MethodTime(string Method, double SecondsPerPicture);
