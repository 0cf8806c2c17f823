namespace AttentionLab.Data;

/// <summary>
/// CIFAR-10: 50,000 training and 10,000 test pictures of 32×32 pixels in ten classes, in its binary layout: the folder
/// <c>cifar-10-batches-bin</c> with <c>data_batch_1.bin</c> to <c>data_batch_5.bin</c> and <c>test_batch.bin</c>, each 10,000
/// records of a label byte and three planes (red, green, blue) of 1,024 bytes.
/// </summary>
/// <remarks>
/// Alex Krizhevsky, "Learning Multiple Layers of Features from Tiny Images", 2009; cs.toronto.edu/~kriz/cifar.html.
/// </remarks>
public static class Cifar10
{
    /// <summary>The ten classes, in the order of the labels.</summary>
    public static IReadOnlyList<string> ClassNames { get; } =
    ["airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck"];

    /// <summary>
    /// Whether all six files lie under <paramref name="root"/> with the right size. Their contents are not read.
    /// </summary>
    /// <param name="root">The folder that holds, or would hold, <c>cifar-10-batches-bin</c>.</param>
    public static bool IsPresent(string root) => new Cifar10Folder(root).Defect() is null;

    /// <summary>Reads the set and checks every file's size and every label.</summary>
    /// <param name="root">The folder that holds <c>cifar-10-batches-bin</c>.</param>
    /// <returns>
    /// "CIFAR-10", pixels 0–255 in one block per split, in the files' order, with the tutorial's normalisation.
    /// </returns>
    /// <exception cref="FileNotFoundException">A file is missing.</exception>
    /// <exception cref="InvalidDataException">
    /// A file has a wrong size or a label above 9 (the message names file, record and offset), or <c>batches.meta.txt</c> names
    /// other classes.
    /// </exception>
    public static DataSet Load(string root) => new Cifar10Folder(root).Load();

    /// <summary>
    /// Makes the set present under <paramref name="root"/>: at once when it already is, else from the archive
    /// <c>cifar-10-binary.tar.gz</c> (162 MiB) if that lies there, else by downloading that archive. A run that was cancelled,
    /// killed or cut off leaves nothing that looks complete, and the next one continues its download. Several processes may
    /// call this at once: one works, the others wait for it.
    /// </summary>
    /// <param name="root">Where <c>cifar-10-batches-bin</c> shall be; made when absent.</param>
    /// <param name="progress">Told of the download about ten times a second, and when it is complete.</param>
    /// <param name="cancellationToken">Stops; what was downloaded stays for the next run.</param>
    /// <exception cref="HttpRequestException">The archive cannot be fetched; the message says where to put it by
    /// hand.</exception>
    /// <exception cref="InvalidDataException">The archive is not the published one: it is thrown away, or set aside if it was put
    /// there by hand.</exception>
    /// <exception cref="IOException">The target folder is there and not whole (it is left alone), or the disk cannot be
    /// written.</exception>
    public static async Task DownloadAsync(
        string root,
        IProgress<DownloadProgress>? progress = null,
        CancellationToken cancellationToken = default
    )
    {
        using var handler = new SocketsHttpHandler { ConnectTimeout = TimeSpan.FromSeconds(15) };
        using var client = new HttpClient(handler);
        await DownloadAsync(root, Cifar10Archive.Published, client, progress, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>The same for any archive of the layout and any client: what the tests hold on to.</summary>
    internal static Task DownloadAsync(
        string root,
        Cifar10Archive archive,
        HttpClient client,
        IProgress<DownloadProgress>? progress = null,
        CancellationToken cancellationToken = default
    ) => new Cifar10Installation(root, archive).RunAsync(client, progress, cancellationToken);
}
