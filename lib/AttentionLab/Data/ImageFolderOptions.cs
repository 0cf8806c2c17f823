using AttentionLab.Imaging;

namespace AttentionLab.Data;

/// <summary>How a folder of pictures becomes a data set.</summary>
public sealed record ImageFolderOptions
{
    /// <summary>The size of all pictures, and how each is fitted to it.</summary>
    public ImageOptions Pictures { get; init; } = new();

    /// <summary>Where the folder is not split already: the share of each class that becomes the test split, in (0, 1).</summary>
    public double TestFraction { get; init; } = 0.2;

    /// <summary>Decides which pictures those are.</summary>
    public long Seed { get; init; }

    /// <summary>Whether pictures that cannot be read are left out; otherwise they are all listed in one error.</summary>
    public bool SkipUnreadable { get; init; }

    internal void Check()
    {
        ArgumentNullException.ThrowIfNull(Pictures);
        Pictures.Check();
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
