using System.Globalization;
using AttentionLab.Core;

namespace AttentionLab.Data;

/// <summary>
/// The parts of a set of picture folders: to learn from, to be judged by, and perhaps to be judged by while learning.
/// </summary>
internal sealed record PictureParts(ClassFolders Train, ClassFolders Test, ClassFolders? Validation = null)
{
    private const int DeepestInner = 8;

    /// <summary>All that there are.</summary>
    public IEnumerable<ClassFolders> All => new[] { Train, Test, Validation }.OfType<ClassFolders>();

    /// <summary>Finds the parts, or chooses a test part where there is none.</summary>
    /// <param name="root">The folder.</param>
    /// <param name="options">The share and the seed of a part that has to be chosen.</param>
    /// <param name="leftOut">Collects the files that are not used, with the reason.</param>
    /// <param name="say">Receives a line on how the set is split.</param>
    /// <exception cref="InvalidDataException">There are no classes, or it does not say what is a part and what a
    /// class.</exception>
    public static PictureParts Find(string root, ImageFolderOptions options, LeftOut leftOut, Action<string> say)
    {
        root = Inner(root, leftOut, say);
        string[] folders = [.. leftOut.FoldersIn(root)];
        SplitFolders parts = SplitFolders.Among(folders);
        if (!parts.Any)
        {
            return InsideClasses(root, folders, leftOut, say) ?? Split(ClassFolders.Find(root, leftOut), options, say);
        }

        string[] shown = [.. parts.Held.Select(folder => Path.GetFileName(folder))];
        if (parts.Train is not { } train)
        {
            if (parts.Held is [var held] && BelongsTo(held, parts.Others, leftOut))
            {
                say($"{root}: its classes are learned, and judged by those in {shown[0]}.");
                return Together(ClassFolders.Find(root, parts.Others, leftOut), ClassFolders.Find(held, leftOut), null);
            }

            return parts.Others.Count > 0
                ? Split(ClassFolders.Find(root, leftOut), options, say)
                : throw new InvalidDataException(
                    $"{root} has no train folder, only {Excerpt.Of(shown)}: there is nothing to learn from. Name "
                        + $"{parts.Held[0]} itself, of which a part is then kept for testing."
                );
        }

        bool holdsClasses = leftOut.FoldersIn(train).Any() && !leftOut.FilesIn(train).Any(PictureFiles.IsPicture);
        if (parts.Held.Count == 0 && parts.Others.Count > 0)
        {
            string[] classes = [.. parts.Others.Where(folder => ClassFolders.HoldsPictures(folder, leftOut))];
            if (!holdsClasses)
            {
                return Split(ClassFolders.Find(root, leftOut), options, say);
            }

            if (classes.Length > 0)
            {
                throw new InvalidDataException(
                    $"{root} has both {Path.GetFileName(train)}, with folders in it, and "
                        + $"{Excerpt.Of([.. classes.Select(folder => Path.GetFileName(folder))])}, with pictures: is that a "
                        + "class, or a part beside which another is missing? Move what does not belong there, or add test."
                );
            }
        }

        if (parts.Others.Count > 0)
        {
            say(
                $"Of {root}, {Excerpt.Of([.. parts.Held.Prepend(train).Select(folder => Path.GetFileName(folder))])} are used; "
                    + $"{Excerpt.Of([.. parts.Others.Select(folder => Path.GetFileName(folder))])} is not."
            );
        }

        leftOut.AddLoose(leftOut.FilesIn(root));
        ClassFolders learned = ClassFolders.Find(SameInner(train, leftOut), leftOut);
        string[] labelled =
        [
            .. parts.Held.Select(folder => SameInner(folder, leftOut)).Where(folder => HasClasses(folder, leftOut, say)),
        ];
        if (labelled.Length == 0)
        {
            return Split(learned, options, say);
        }

        var found = Together(
            learned,
            ClassFolders.Find(labelled[0], leftOut),
            labelled.Length > 1 ? ClassFolders.Find(labelled[1], leftOut) : null
        );
        say(
            $"{root}: learned from {Path.GetFileName(train)}, judged by "
                + $"{Path.GetFileName(labelled[0])}{(labelled.Length > 1 ? $", while learning by {Path.GetFileName(labelled[1])}" : "")}."
        );
        return found;
    }

    /// <summary>A folder that holds only another folder of folders stands for that one.</summary>
    private static string Inner(string root, LeftOut leftOut, Action<string> say)
    {
        string outer = root;
        int depth = 0;
        while (
            depth++ < DeepestInner // a link may lead back
            && leftOut.FoldersIn(root).ToArray() is [var only]
            && !leftOut.FilesIn(root).Any(PictureFiles.IsPicture)
            && !SplitFolders.Among([only]).Any
            && leftOut.FoldersIn(only).Any()
            && !leftOut.FilesIn(only).Any(PictureFiles.IsPicture)
        )
        {
            root = only;
        }

        if (root != outer)
        {
            say($"{outer} holds only {Path.GetRelativePath(outer, root)}: the folders in that are taken.");
        }

        return root;
    }

    /// <summary>A part that holds only a part of the same kind again, as some archives have it, stands for that one.</summary>
    private static string SameInner(string part, LeftOut leftOut) =>
        leftOut.FoldersIn(part).ToArray() is [var only] && SplitFolders.Among([only]).Any && leftOut.FoldersIn(only).Any()
            ? only
            : part;

    /// <summary>Whether a folder with a part's name holds the classes that lie beside it.</summary>
    private static bool BelongsTo(string part, IReadOnlyList<string> classes, LeftOut leftOut) =>
        leftOut.FoldersIn(part).Select(folder => Path.GetFileName(folder)).ToArray() is { Length: > 0 } names
        && names.All(classes.Select(folder => Path.GetFileName(folder)).Contains);

    private static bool HasClasses(string part, LeftOut leftOut, Action<string> say)
    {
        if (leftOut.FoldersIn(part).Any())
        {
            return true;
        }

        int pictures = leftOut.FilesIn(part).Count(PictureFiles.IsPicture);
        say($"{part} has no class folders: its {pictures} pictures do not say what they show, and are left out.");
        return false;
    }

    /// <summary>The parts where each class has them in its own folder; null where no class has.</summary>
    private static PictureParts? InsideClasses(string root, string[] folders, LeftOut leftOut, Action<string> say)
    {
        (string Class, SplitFolders Parts)[] classes =
        [
            .. folders.Select(folder => (Path.GetFileName(folder), SplitFolders.Among([.. leftOut.FoldersIn(folder)]))),
        ];
        string[] without = [.. classes.Where(each => each.Parts.Train is null).Select(each => each.Class)];
        if (without.Length == classes.Length || classes.All(each => each.Parts.Held.Count == 0))
        {
            return null;
        }

        if (without.Length > 0)
        {
            throw new InvalidDataException(
                $"{root}: some classes have a train folder of their own, and {Excerpt.Of(without)} has none. Divide all "
                    + "classes, or none."
            );
        }

        leftOut.AddLoose(
            folders
                .Prepend(root)
                .SelectMany(leftOut.FilesIn)
                .Concat(classes.SelectMany(each => each.Parts.Others).SelectMany(Directory.EnumerateFiles))
        );
        bool hasTest = classes.Any(each => each.Parts.Test is not null);
        say($"{root} is divided inside each class; what lies in train is learned.");
        return new PictureParts(
            Part(parts => parts.Train),
            Part(parts => hasTest ? parts.Test : parts.Validation),
            hasTest && classes.Any(each => each.Parts.Validation is not null) ? Part(parts => parts.Validation) : null
        );

        ClassFolders Part(Func<SplitFolders, string?> folder) =>
            ClassFolders.FindParts(root, [.. classes.Select(each => (each.Class, folder(each.Parts)))], leftOut);
    }

    private static PictureParts Together(ClassFolders train, ClassFolders test, ClassFolders? validation)
    {
        return new PictureParts(train, Labelled(test), validation is null ? null : Labelled(validation));

        ClassFolders Labelled(ClassFolders judged)
        {
            string[] strange = [.. judged.Classes.Except(train.Classes)];
            return strange.Length == 0
                ? judged.WithClasses(train.Classes)
                : throw new InvalidDataException(
                    $"{judged.Root} has classes that {train.Root} lacks: {Excerpt.Of(strange)}. Nothing can be learned of them."
                );
        }
    }

    /// <summary>A part of each class for testing, at random; a class of one picture is for training.</summary>
    private static PictureParts Split(ClassFolders all, ImageFolderOptions options, Action<string> say)
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
            string.Create(
                CultureInfo.InvariantCulture,
                $"{all.Root} is not split into train and test: {100 * options.TestFraction:0.#} % of each class, chosen with "
                    + $"seed {options.Seed}, are for testing."
            )
        );
        return new PictureParts(
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
}
