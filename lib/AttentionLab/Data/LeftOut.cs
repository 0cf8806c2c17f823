using AttentionLab.Core;

namespace AttentionLab.Data;

/// <summary>
/// Collects what a folder of pictures holds and the set does not use, with the reasons. Files and folders are listed through it,
/// so that nothing is skipped silently.
/// </summary>
/// <param name="root">Names are shown as they lie below it.</param>
internal sealed class LeftOut(string root)
{
    private const int Shown = 5;

    private readonly SortedSet<string> _passedOver = new(StringComparer.Ordinal),
        _loose = new(StringComparer.Ordinal),
        _otherFormats = new(StringComparer.Ordinal),
        _circles = new(StringComparer.Ordinal);

    /// <summary>Folders in a folder, by name, without what is <see cref="PassedOver"/>.</summary>
    public IEnumerable<string> FoldersIn(string folder) => Met(Directory.EnumerateDirectories(folder));

    /// <summary>Files in a folder, by name, without what is <see cref="PassedOver"/>.</summary>
    public IEnumerable<string> FilesIn(string folder) => Met(Directory.EnumerateFiles(folder));

    /// <summary>Files that lie in no class.</summary>
    public void AddLoose(IEnumerable<string> files) => _loose.UnionWith(files);

    /// <summary>Files that cannot be read as pictures, by their names.</summary>
    public void AddOtherFormats(IEnumerable<string> files) => _otherFormats.UnionWith(files);

    /// <summary>A link to a folder in which it lies.</summary>
    public void AddCircle(string folder) => _circles.Add(folder);

    /// <summary>All of it, a sentence for each reason.</summary>
    public IEnumerable<string> Sentences()
    {
        if (_otherFormats.Count > 0)
        {
            yield return $"Left out, since only {string.Join(", ", ImageFolder.Extensions)} can be read: "
                + $"{ByEnding(_otherFormats)}, such as {Some(_otherFormats)}. Save pictures among them as PNG or JPEG.";
        }

        if (_loose.Count > 0)
        {
            yield return $"Left out, since they lie in no class folder: {Some(_loose)}.";
        }

        if (_circles.Count > 0)
        {
            yield return $"Not followed, since they are links back to a folder in which they lie: {Some(_circles)}.";
        }

        if (_passedOver.Count > 0)
        {
            yield return $"Passed over, since they are hidden or were left there by a system: {Some(_passedOver)}.";
        }
    }

    /// <summary>"12 .tif, 4 .heic".</summary>
    public static string ByEnding(IEnumerable<string> files) =>
        Excerpt.Of([
            .. files
                .GroupBy(file => Path.GetExtension(file).ToLowerInvariant())
                .OrderByDescending(group => group.Count())
                .ThenBy(group => group.Key, StringComparer.Ordinal)
                .Select(group => $"{group.Count()} {(group.Key.Length > 0 ? group.Key : "without an ending")}"),
        ]);

    private string[] Met(IEnumerable<string> paths)
    {
        string[] all = [.. paths.OrderBy(path => Path.GetFileName(path), StringComparer.Ordinal)];
        _passedOver.UnionWith(all.Where(PassedOver.Is));
        return [.. all.Where(path => !PassedOver.Is(path))];
    }

    private string Some(SortedSet<string> paths) =>
        string.Join(", ", paths.Take(Shown).Select(path => Excerpt.Of(Path.GetRelativePath(root, path))))
        + (paths.Count > Shown ? $" and {paths.Count - Shown} more" : "");
}
