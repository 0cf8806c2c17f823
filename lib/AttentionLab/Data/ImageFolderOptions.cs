using AttentionLab.Imaging;

namespace AttentionLab.Data;

/// <summary>How a folder of pictures becomes a data set.</summary>
public sealed record ImageFolderOptions
{
    /// <summary>The size of all pictures, and how each is fitted to it.</summary>
    public ImageOptions Pictures { get; init; } = new();

    /// <summary>
    /// The preprocessing of the network that shall learn from them, which brings them to its size in place of
    /// <see cref="Pictures"/>; null for none.
    /// </summary>
    public Preprocessing? Preprocessing { get; init; }

    internal int Channels => Preprocessing?.Channels ?? 3;

    internal (int Height, int Width) Size => Preprocessing?.Size ?? (Pictures.Height, Pictures.Width);

    /// <summary>Where the folder is not split already: the share of each class that becomes the test split, in (0, 1).</summary>
    public double TestFraction { get; init; } = 0.2;

    /// <summary>Decides which pictures those are.</summary>
    public long Seed { get; init; }

    /// <summary>Whether pictures that cannot be read are left out; otherwise they are all listed in one error.</summary>
    public bool SkipUnreadable { get; init; }

    /// <summary>A picture at the size of all.</summary>
    /// <exception cref="InvalidDataException">The file cannot be read as a picture.</exception>
    internal Image Read(string file) => Preprocessing?.Apply(ImageFile.Load(file)) ?? ImageFile.Load(file, Pictures);

    internal void Check()
    {
        ArgumentNullException.ThrowIfNull(Pictures);
        Pictures.Check();
        Preprocessing?.Check();
        if (!(TestFraction is > 0 and < 1))
        {
            throw new ArgumentOutOfRangeException(
                nameof(TestFraction),
                TestFraction,
                $"{nameof(TestFraction)} lies strictly between 0 and 1."
            );
        }
    }
}
