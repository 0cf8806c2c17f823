using AttentionLab.Core;
using AttentionLab.Imaging;

namespace AttentionLab.Data;

/// <summary>Picture files as one names them: one by one, or by their folder.</summary>
public static class PictureFiles
{
    /// <summary>Whether a file can be read as a picture, by its name.</summary>
    public static bool IsPicture(string path) =>
        ImageFolder.Extensions.Contains(Path.GetExtension(path), StringComparer.OrdinalIgnoreCase);

    /// <summary>
    /// The files that some paths name: a file itself, whatever it is called, and of a folder the pictures that lie in it, by
    /// name.
    /// </summary>
    /// <param name="paths">Files and folders.</param>
    /// <param name="say">Receives one line for each thing left out of a folder, with the reason.</param>
    /// <returns>Each file once, in the order of the paths.</returns>
    /// <exception cref="ArgumentException">A folder holds no picture.</exception>
    public static IReadOnlyList<string> Find(IEnumerable<string> paths, Action<string> say)
    {
        ArgumentNullException.ThrowIfNull(paths);
        ArgumentNullException.ThrowIfNull(say);
        return [.. paths.SelectMany(path => Directory.Exists(path) ? InFolder(path, say) : [path]).Distinct()];
    }

    /// <summary>Reads picture files one by one, when asked for: an unreadable file is reported and skipped.</summary>
    /// <param name="files">Paths.</param>
    /// <param name="report">Receives a sentence for each unreadable file: which and why.</param>
    /// <param name="cancellationToken">Stops between two files.</param>
    /// <returns>The readable ones, each at its own size, in the files' order.</returns>
    /// <exception cref="OperationCanceledException">It was stopped.</exception>
    public static IEnumerable<(string File, Image Image)> Read(
        IEnumerable<string> files,
        Action<string> report,
        CancellationToken cancellationToken = default
    )
    {
        ArgumentNullException.ThrowIfNull(files);
        ArgumentNullException.ThrowIfNull(report);
        foreach (string file in files)
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (TryRead(file, report) is { } image)
            {
                yield return (file, image);
            }
        }
    }

    private static Image? TryRead(string file, Action<string> report)
    {
        try
        {
            return ImageFile.Load(file);
        }
        catch (Exception e) when (e is IOException or InvalidDataException or UnauthorizedAccessException)
        {
            report(e.Message);
            return null;
        }
    }

    private static string[] InFolder(string folder, Action<string> say)
    {
        var leftOut = new LeftOut(folder);
        string[] files = [.. leftOut.FilesIn(folder)],
            pictures = [.. files.Where(IsPicture)],
            folders = [.. leftOut.FoldersIn(folder)],
            others = [.. files.Except(pictures)];
        string below =
            folders.Length > 0
                ? $"{folder} has folders in it, which are not looked into: "
                    + $"{Excerpt.Of([.. folders.Select(sub => Path.GetFileName(sub)!)])}."
                : "";
        if (pictures.Length == 0)
        {
            throw new ArgumentException(
                $"The folder {folder} holds no picture that can be read ({string.Join(", ", ImageFolder.Extensions)}){(others.Length > 0 ? $", but {LeftOut.ByEnding(others)}" : "")}. {below}".TrimEnd(),
                nameof(folder)
            );
        }

        leftOut.AddOtherFormats(others);
        foreach (string sentence in leftOut.Sentences().Append(below).Where(sentence => sentence.Length > 0))
        {
            say(sentence);
        }

        return pictures;
    }
}
