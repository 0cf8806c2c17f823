using AttentionLab.Imaging;

namespace AttentionLab.Host.Inputs;

/// <summary>Picture files read one by one: a file that cannot be read is reported, and the others are read.</summary>
internal static class ReadableImages
{
    /// <summary>Reads files, lazily and in their order.</summary>
    /// <param name="files">Paths.</param>
    /// <param name="options">The size that the pictures are brought to.</param>
    /// <param name="report">Gets a sentence for each file that cannot be read: which and why.</param>
    /// <param name="cancellationToken">Stops between two files.</param>
    /// <returns>Those that could be read.</returns>
    /// <exception cref="OperationCanceledException">It was stopped.</exception>
    public static IEnumerable<(string File, Image Image)> Of(
        IEnumerable<string> files,
        ImageOptions options,
        Action<string> report,
        CancellationToken cancellationToken
    )
    {
        foreach (string file in files)
        {
            cancellationToken.ThrowIfCancellationRequested();
            Image image;
            try
            {
                image = ImageFile.Load(file, options);
            }
            catch (Exception e) when (e is IOException or InvalidDataException or UnauthorizedAccessException)
            {
                report(e.Message);
                continue;
            }

            yield return (file, image);
        }
    }
}
