namespace AttentionLab.Data;

/// <summary>What is known of an archive before it is fetched.</summary>
/// <param name="Source">Where it is published.</param>
/// <param name="Length">Its bytes.</param>
/// <param name="Md5">Its checksum, in hexadecimal.</param>
internal sealed record Cifar10Archive(Uri Source, long Length, string Md5)
{
    /// <summary>The archive's name wherever it lies.</summary>
    public const string FileName = "cifar-10-binary.tar.gz";

    /// <summary>As cs.toronto.edu/~kriz/cifar.html publishes it.</summary>
    public static Cifar10Archive Published { get; } =
        new(new Uri("https://www.cs.toronto.edu/~kriz/cifar-10-binary.tar.gz"), 170_052_171, "c32a1d4ab5d03f1284b67883e8d87530");

    /// <summary>Records of each file inside; tests make smaller ones.</summary>
    public int RecordsPerFile { get; init; } = Cifar10Folder.CanonicalRecords;

    /// <summary>How long to wait after the first failed attempt to fetch it; doubled after each further one.</summary>
    public TimeSpan FirstPause { get; init; } = TimeSpan.FromSeconds(1);
}
