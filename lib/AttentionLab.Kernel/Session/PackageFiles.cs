using System.Text.Json;

namespace AttentionLab.Kernel.Session;

/// <summary>The files of a set of packages, for this machine.</summary>
/// <param name="Assemblies">Managed libraries.</param>
/// <param name="Native">Native libraries.</param>
/// <param name="Packages">All packages, those that the named ones need too.</param>
/// <param name="Doubts">What may not fit, in words.</param>
internal sealed record PackageFiles(
    IReadOnlyList<string> Assemblies,
    IReadOnlyList<string> Native,
    IReadOnlyList<ResolvedPackage> Packages,
    IReadOnlyList<string> Doubts
)
{
    /// <summary>What an earlier restore found; null when there was none, or its files are gone.</summary>
    public static PackageFiles? TryRead(string path)
    {
        try
        {
            return
                File.Exists(path)
                && JsonSerializer.Deserialize<PackageFiles>(File.ReadAllText(path))
                    is { Assemblies: not null, Native: not null, Packages: not null, Doubts: not null } files
                && files.Assemblies.Concat(files.Native).All(File.Exists)
                && files.Packages.All(package => Directory.Exists(package.Folder))
                ? files
                : null;
        }
        catch (JsonException)
        {
            return null; // a damaged entry is made anew
        }
    }

    /// <summary>Keeps it for the next time.</summary>
    public void Write(string path)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        string temporary = $"{path}.{Environment.ProcessId}";
        File.WriteAllText(temporary, JsonSerializer.Serialize(this));
        File.Move(temporary, path, overwrite: true);
    }
}
