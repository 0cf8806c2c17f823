using AttentionLab.Kernel.Commands;

namespace AttentionLab.Host.Inputs;

/// <summary>Picture files as one names them on a command line: one by one, or by their folder.</summary>
internal static class PictureFiles
{
    private static readonly string[] Endings = [".png", ".jpg", ".jpeg", ".webp", ".gif", ".bmp", ".ico"];

    /// <summary>The files, a folder's own in the order of their names, each once.</summary>
    /// <exception cref="UsageException">A folder holds no picture.</exception>
    public static string[] Expand(IEnumerable<string> paths) =>
        [.. paths.SelectMany(path => Directory.Exists(path) ? InFolder(path) : [path]).Distinct()];

    private static string[] InFolder(string folder)
    {
        string[] files =
        [
            .. Directory
                .GetFiles(folder)
                .Where(file => Endings.Contains(Path.GetExtension(file).ToLowerInvariant()))
                .Order(StringComparer.Ordinal),
        ];
        return files.Length > 0
            ? files
            : throw new UsageException($"--pictures: the folder {folder} holds no picture ({string.Join(", ", Endings)}).");
    }
}
