namespace AttentionLab.Kernel.Session;

/// <summary>A package as it was restored.</summary>
/// <param name="Id">Its name.</param>
/// <param name="Version">Its version.</param>
/// <param name="Folder">Where it lies.</param>
internal sealed record ResolvedPackage(string Id, string Version, string Folder);
