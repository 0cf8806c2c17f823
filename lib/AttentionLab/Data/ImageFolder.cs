namespace AttentionLab.Data;

/// <summary>
/// Folders of pictures as a data set: one subfolder a class, as torchvision's ImageFolder has it. Either all classes side by
/// side, <c>root/cat/1.jpg</c>, of which a part becomes the test split, or split already: <c>root/train/cat/1.jpg</c> and
/// <c>root/test/…</c>, or <c>root/cat/train/1.jpg</c>.
/// </summary>
/// <remarks>
/// Parts are recognised by names as they are in use, in small or large letters: train, training; test, testing; val, valid,
/// validation, dev; also with set, data or images before or behind. With all three, the network is judged by the validation part
/// while it learns; with that part alone, it is the test split. A folder that holds only another one, as an unpacked archive
/// does, stands for that one. Classes are sorted by name and pictures by path, both by character codes, so that labels are the
/// same on every machine. Pictures may lie in folders below their class. What is hidden, begins with a dot, or was left there by
/// a system (<c>__MACOSX</c>, <c>Thumbs.db</c>) is skipped. What is left out is reported with its reason.
/// </remarks>
public static class ImageFolder
{
    private const int MostAtOnce = 4,
        MostMessages = 20;

    /// <summary>What a picture file's name ends with, in small or large letters.</summary>
    public static IReadOnlyList<string> Extensions { get; } =
    [".bmp", ".dib", ".gif", ".ico", ".jfif", ".jpe", ".jpeg", ".jpg", ".png", ".webp"];

    /// <summary>Reads all pictures.</summary>
    /// <param name="root">The folder.</param>
    /// <param name="options">Size, split, what happens to files that cannot be read.</param>
    /// <param name="say">Receives one line for each fact: how it was split, what was left out.</param>
    /// <param name="cancellationToken">Stops between two pictures.</param>
    /// <returns>The set, named as the folder, normalised by the mean and deviation of its own training pictures.</returns>
    /// <exception cref="DirectoryNotFoundException">There is no such folder.</exception>
    /// <exception cref="InvalidDataException">
    /// There are no classes, a class has no pictures, a part has classes that training lacks, folders could be parts as well as
    /// classes, pictures cannot be read (all are listed; <see cref="ImageFolderOptions.SkipUnreadable"/> leaves them out), or
    /// together they are too large.
    /// </exception>
    public static DataSet Load(
        string root,
        ImageFolderOptions? options = null,
        Action<string>? say = null,
        CancellationToken cancellationToken = default
    )
    {
        ArgumentException.ThrowIfNullOrEmpty(root);
        options ??= new ImageFolderOptions();
        options.Check();
        say ??= _ => { };
        if (!Directory.Exists(root))
        {
            throw new DirectoryNotFoundException($"The folder {Path.GetFullPath(root)} does not exist.");
        }

        string name = Path.GetFileName(Path.TrimEndingDirectorySeparator(Path.GetFullPath(root)));
        var leftOut = new LeftOut(root);
        PictureParts parts = PictureParts.Find(root, options, leftOut, say);
        foreach (ClassFolders part in parts.All)
        {
            LabeledImages.CheckFits(part.Root, part.Files.Count, options.Size, options.Channels);
        }

        var bad = new List<string>();
        LabeledImages train = Read($"{name} train", parts.Train, options, bad, cancellationToken),
            test = Read($"{name} test", parts.Test, options, bad, cancellationToken);
        LabeledImages? validation = parts.Validation is { } held
            ? Read($"{name} validation", held, options, bad, cancellationToken)
            : null;
        if (bad.Count > 0)
        {
            string list = $"{bad.Count} of {parts.All.Sum(part => part.Files.Count)} pictures cannot be read: {Shown(bad)}";
            say(options.SkipUnreadable ? $"Left out: {list}" : throw new InvalidDataException($"{list} Remove or replace them."));
        }

        foreach (string sentence in leftOut.Sentences())
        {
            say(sentence);
        }

        return train.Count > 0 && test.Count > 0
            ? new DataSet(name, train, test, Normalization.Of(train))
            {
                Validation = validation is { Count: > 0 } ? validation : null,
            }
            : throw new InvalidDataException(
                $"{root}: {train.Count} training and {test.Count} test pictures are left; both are needed."
            );
    }

    private static LabeledImages Read(
        string name,
        ClassFolders part,
        ImageFolderOptions options,
        List<string> bad,
        CancellationToken cancellationToken
    )
    {
        (int height, int width) = options.Size;
        int count = part.Files.Count,
            size = options.Channels * height * width;
        var pixels = new byte[size * count];
        var errors = new string?[count];

        // Each decoder may take as much memory as a picture's limit allows.
        Parallel.For(
            0,
            count,
            new ParallelOptions
            {
                MaxDegreeOfParallelism = Math.Min(MostAtOnce, Environment.ProcessorCount),
                CancellationToken = cancellationToken,
            },
            i =>
            {
                try
                {
                    Planes.Of(options.Read(part.Files[i].Path), options.Channels).CopyTo(pixels, size * i);
                }
                catch (Exception e) when (e is InvalidDataException or IOException or UnauthorizedAccessException)
                {
                    errors[i] = e.Message;
                }
            }
        );

        bad.AddRange(errors.OfType<string>());
        int[] good = [.. Enumerable.Range(0, count).Where(i => errors[i] is null)];
        var all = new LabeledImages(
            name,
            height,
            width,
            pixels,
            [.. part.Files.Select(file => file.Label)],
            part.Classes,
            channels: options.Channels
        );
        return good.Length == count ? all : all.Select(name, good);
    }

    private static string Shown(List<string> messages) =>
        string.Join(' ', messages.Take(MostMessages))
        + (messages.Count > MostMessages ? $" And {messages.Count - MostMessages} more." : "");
}
