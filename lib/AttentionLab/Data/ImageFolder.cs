using AttentionLab.Core;
using AttentionLab.Imaging;

namespace AttentionLab.Data;

/// <summary>
/// Folders of pictures as a data set: one subfolder a class, as torchvision's ImageFolder has it. Either all classes side by side,
/// <c>root/cat/1.jpg</c>, of which a part becomes the test split, or split already: <c>root/train/cat/1.jpg</c> and
/// <c>root/test/…</c> (or <c>val</c>).
/// </summary>
/// <remarks>
/// Classes are sorted by name and pictures by path, both by character codes, so that labels are the same on every machine. Pictures may lie in folders
/// below their class. What is hidden, or begins with a dot, is passed over; other files that are no pictures by their name are reported.
/// </remarks>
public static class ImageFolder
{
    private const int MostNames = 20,
        MostAtOnce = 4;

    private static readonly string[] TestFolders = ["test", "val"];

    /// <summary>What a picture file's name ends with, in small or large letters.</summary>
    public static IReadOnlyList<string> Extensions { get; } = [".bmp", ".gif", ".ico", ".jpeg", ".jpg", ".png", ".webp"];

    /// <summary>Reads all pictures.</summary>
    /// <param name="root">The folder.</param>
    /// <param name="options">Size, split, what happens to files that cannot be read.</param>
    /// <param name="say">Is told, a line each, how it was split and what was left out.</param>
    /// <param name="cancellationToken">Stops between two pictures.</param>
    /// <returns>The set, named as the folder, normalised by the mean and deviation of its own training pictures.</returns>
    /// <exception cref="DirectoryNotFoundException">There is no such folder.</exception>
    /// <exception cref="InvalidDataException">
    /// There are no classes, a class has no pictures, the test split has classes that training lacks, pictures cannot be read (all are listed), or together they are too large.
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
            throw new DirectoryNotFoundException($"There is no folder {Path.GetFullPath(root)}.");
        }

        string name = Path.GetFileName(Path.TrimEndingDirectorySeparator(Path.GetFullPath(root)));
        (ClassFolders train, ClassFolders test) = Split(root, options, say);
        long bytes = 3L * options.Pictures.Width * options.Pictures.Height;
        foreach (ClassFolders part in new[] { train, test })
        {
            if (part.Files.Count * bytes > Array.MaxLength)
            {
                throw new InvalidDataException(
                    $"{part.Root} has {part.Files.Count:N0} pictures, which at {options.Pictures.Height}×{options.Pictures.Width} take {part.Files.Count * bytes / 1e9:f1} GB; 2 are possible. Take a smaller size or fewer pictures."
                );
            }
        }

        var bad = new List<string>();
        LabeledImages trainImages = Read($"{name} train", train, options, bad, cancellationToken),
            testImages = Read($"{name} test", test, options, bad, cancellationToken);
        if (bad.Count > 0)
        {
            string list = $"{bad.Count} of {train.Files.Count + test.Files.Count} pictures cannot be read: {Shown(bad, " ")}";
            say(
                options.SkipUnreadable
                    ? $"Left out: {list}"
                    : throw new InvalidDataException($"{list} Remove or replace them, or set {nameof(options.SkipUnreadable)}.")
            );
        }

        return trainImages.Count > 0 && testImages.Count > 0
            ? new DataSet(name, trainImages, testImages, Normalization.Of(trainImages))
            : throw new InvalidDataException(
                $"{root}: {trainImages.Count} training and {testImages.Count} test pictures are left; both are needed."
            );
    }

    private static (ClassFolders Train, ClassFolders Test) Split(string root, ImageFolderOptions options, Action<string> say)
    {
        string[] folders = [.. ClassFolders.SubfoldersOf(root).Select(folder => Path.GetFileName(folder)!)];
        string train = Path.Combine(root, "train");
        string? test = TestFolders.FirstOrDefault(folders.Contains);
        if (!folders.Contains("train") || (test is null && folders.Length > 1))
        {
            return SplitOff(ClassFolders.Find(root, say), options, say);
        }

        if (test is null)
        {
            return SplitOff(ClassFolders.Find(train, say), options, say);
        }

        string[] unused = [.. folders.Except(["train", test])];
        if (unused.Length > 0)
        {
            say($"Of {root}, train and {test} are used; {string.Join(", ", unused)} is not.");
        }

        ClassFolders learned = ClassFolders.Find(train, say),
            judged = ClassFolders.Find(Path.Combine(root, test), say);
        string[] strange = [.. judged.Classes.Except(learned.Classes)];
        return strange.Length == 0
            ? (learned, judged.WithClasses(learned.Classes))
            : throw new InvalidDataException(
                $"{judged.Root} has classes that {train} lacks: {Shown(strange, ", ")}. Nothing can be learned of them."
            );
    }

    /// <summary>A part of each class, at random; a class of one picture is for training.</summary>
    private static (ClassFolders Train, ClassFolders Test) SplitOff(
        ClassFolders all,
        ImageFolderOptions options,
        Action<string> say
    )
    {
        var chosen = new HashSet<int>();
        for (int label = 0; label < all.Classes.Count; label++)
        {
            int[] files = [.. Enumerable.Range(0, all.Files.Count).Where(i => all.Files[i].Label == label)];
            new RandomStream(options.Seed, label).Shuffle<int>(files);
            int part = Math.Min(Math.Max(1, (int)Math.Round(options.TestFraction * files.Length)), files.Length - 1);
            chosen.UnionWith(files.Take(part));
        }

        say(
            $"{all.Root} is not split into train and test: {100 * options.TestFraction:0.#} % of each class, chosen with seed {options.Seed}, are for testing."
        );
        return (
            all with
            {
                Files = [.. all.Files.Where((_, i) => !chosen.Contains(i))],
            },
            all with
            {
                Files = [.. all.Files.Where((_, i) => chosen.Contains(i))],
            }
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
        ImageOptions size = options.Pictures;
        int area = size.Height * size.Width,
            count = part.Files.Count;
        var pixels = new byte[3 * area * count];
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
                    Planes.Of(ImageFile.Load(part.Files[i].Path, size)).CopyTo(pixels, 3 * area * i);
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
            size.Height,
            size.Width,
            pixels,
            [.. part.Files.Select(file => file.Label)],
            part.Classes
        );
        return good.Length == count ? all : all.Select(name, good);
    }

    internal static string Shown(IReadOnlyCollection<string> names, string separator) =>
        string.Join(separator, names.Take(MostNames))
        + (names.Count > MostNames ? $"{separator}and {names.Count - MostNames} more" : "");
}
