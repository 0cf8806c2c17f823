using System.Security.Cryptography;
using AttentionLab.Core;

namespace AttentionLab.Data;

/// <summary>
/// Brings an archive's contents under a root: fetch or find the archive, check it, unpack it into a temporary folder, check
/// the files, rename the folder into place.
/// </summary>
internal sealed class Cifar10Installation
{
    private static readonly TimeSpan LookAgain = TimeSpan.FromMilliseconds(200);

    private readonly string _root,
        _byHand,
        _partial,
        _version,
        _unpacking;
    private readonly Cifar10Archive _archive;
    private readonly Cifar10Folder _target;

    public Cifar10Installation(string root, Cifar10Archive archive)
    {
        _archive = archive;
        _target = new Cifar10Folder(root, archive.RecordsPerFile);
        _root = Path.GetFullPath(root);
        _byHand = Path.Combine(_root, Cifar10Archive.FileName);
        _partial = $"{_byHand}.partial";
        _version = $"{_partial}.version";
        _unpacking = Path.Combine(_root, $".{Cifar10Folder.Name}.unpacking");
    }

    public async Task RunAsync(HttpClient client, IProgress<DownloadProgress>? progress, CancellationToken cancellationToken)
    {
        if (_target.Defect() is null)
        {
            DeleteLeftBehind();
            return;
        }

        Directory.CreateDirectory(_root);

        // Open to nobody else, the unfinished download is also the lock. It is deleted only once the set is in place, so
        // a process that waited and holds a deleted file finds nothing left to do.
        await using (FileStream partial = await OpenAloneAsync(cancellationToken).ConfigureAwait(false))
        {
            if (_target.Defect() is { } defect)
            {
                RefuseToReplace(defect);
                if (File.Exists(_byHand))
                {
                    await UnpackByHandAsync(cancellationToken).ConfigureAwait(false);
                }
                else
                {
                    await FetchAsync(partial, client, progress, cancellationToken).ConfigureAwait(false);
                    await UnpackAsync(partial, cancellationToken).ConfigureAwait(false);
                }
            }

            File.Delete(_version);
        }

        try
        {
            File.Delete(_partial);
        }
        catch (IOException)
        {
            // On Windows: another process got hold of it, sees that the set is there, and deletes it in turn.
        }
    }

    /// <summary>
    /// A process that was killed between putting the set in place and tidying up leaves its download and what it unpacked.
    /// </summary>
    private void DeleteLeftBehind()
    {
        if (!File.Exists(_partial) && !File.Exists(_version) && !Directory.Exists(_unpacking))
        {
            return;
        }

        try
        {
            using var alone = new FileStream(
                _partial,
                FileMode.OpenOrCreate,
                FileAccess.ReadWrite,
                FileShare.None,
                bufferSize: 1,
                FileOptions.DeleteOnClose
            );
            File.Delete(_version);
            DeleteUnpacking();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // Another process works there, or the folder is only to be read: the set itself is whole.
        }
    }

    private async Task<FileStream> OpenAloneAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            try
            {
                return new FileStream(
                    _partial,
                    FileMode.OpenOrCreate,
                    FileAccess.ReadWrite,
                    FileShare.None,
                    bufferSize: 0,
                    useAsync: true
                );
            }
            catch (IOException e) when (SharingViolation.Is(e))
            {
                await Task.Delay(LookAgain, cancellationToken).ConfigureAwait(false);
            }
        }
    }

    /// <summary>Before anything is fetched: what somebody put at the target is not ours to delete.</summary>
    private void RefuseToReplace(string defect)
    {
        if (
            File.Exists(_target.Path)
            || (Directory.Exists(_target.Path) && Directory.EnumerateFileSystemEntries(_target.Path).Any())
        )
        {
            throw new IOException(
                $"{_target.Path} is there, but not whole: {defect} Delete it or move it away, then call again."
            );
        }
    }

    private async Task FetchAsync(
        FileStream partial,
        HttpClient client,
        IProgress<DownloadProgress>? progress,
        CancellationToken cancellationToken
    )
    {
        var download = new ResumableDownload(client, _archive.Source, _archive.Length, _version)
        {
            FirstPause = _archive.FirstPause,
        };
        while (true)
        {
            bool fresh = partial.Length == 0;
            try
            {
                await download.RunAsync(partial, progress, cancellationToken).ConfigureAwait(false);
            }
            catch (HttpRequestException e)
            {
                throw new HttpRequestException(
                    $"CIFAR-10 could not be downloaded from {_archive.Source}: {e.Message} Call again to continue from "
                        + $"{partial.Length} of {_archive.Length} bytes, or fetch it on another machine and put either "
                        + $"{Cifar10Archive.FileName} or the unpacked folder {Cifar10Folder.Name} into {_root}.",
                    e,
                    e.StatusCode
                );
            }

            string md5 = await Md5Async(partial, cancellationToken).ConfigureAwait(false);
            if (md5 == _archive.Md5)
            {
                return;
            }

            // A continued download may have joined two versions: then, once, everything anew.
            partial.SetLength(0);
            if (fresh)
            {
                throw new InvalidDataException(
                    $"What {_archive.Source} sent has MD5 {md5}, published is {_archive.Md5}. It was thrown away. Call again; "
                        + "if that does not help, something between here and there changes the file: fetch it over another "
                        + $"network and put {Cifar10Archive.FileName} into {_root}."
                );
            }
        }
    }

    private async Task UnpackByHandAsync(CancellationToken cancellationToken)
    {
        string md5;
        await using (
            var archive = new FileStream(_byHand, FileMode.Open, FileAccess.Read, FileShare.Read, bufferSize: 0, useAsync: true)
        )
        {
            md5 = await Md5Async(archive, cancellationToken).ConfigureAwait(false);
            if (md5 == _archive.Md5)
            {
                await UnpackAsync(archive, cancellationToken).ConfigureAwait(false);
                return;
            }
        }

        long length = new FileInfo(_byHand).Length;
        string aside = $"{_byHand}.bad";
        Patience.Replace(() => File.Move(_byHand, aside, overwrite: true), aside);
        throw new InvalidDataException(
            $"{_byHand} is not the published archive: it has {length} bytes and MD5 {md5}, published are {_archive.Length} "
                + $"bytes and {_archive.Md5}. It was renamed to {aside}. Call again to download the archive, or put a whole copy "
                + "there."
        );
    }

    private async Task UnpackAsync(Stream archive, CancellationToken cancellationToken)
    {
        DeleteUnpacking();
        try
        {
            Directory.CreateDirectory(_unpacking);
            archive.Position = 0;
            await SafeTarExtraction.ExtractAsync(archive, _unpacking, LargestFiles(), cancellationToken).ConfigureAwait(false);
            var unpacked = new Cifar10Folder(_unpacking, _archive.RecordsPerFile)
            {
                Advice = "So what the archive holds is not CIFAR-10, and was not kept.",
            };
            if (unpacked.Defect() is { } defect)
            {
                throw new InvalidDataException($"{defect} {unpacked.Advice}");
            }

            unpacked.Load();

            if (Directory.Exists(_target.Path))
            {
                Directory.Delete(_target.Path);
            }

            Patience.Replace(() => Directory.Move(unpacked.Path, _target.Path), _target.Path);
        }
        finally
        {
            DeleteUnpacking();
        }
    }

    private void DeleteUnpacking()
    {
        if (Directory.Exists(_unpacking))
        {
            Directory.Delete(_unpacking, recursive: true);
        }
    }

    private Dictionary<string, long> LargestFiles()
    {
        var largest = Cifar10Folder
            .TrainFiles.Append(Cifar10Folder.TestFile)
            .ToDictionary(n => $"{Cifar10Folder.Name}/{n}", _ => _target.FileSize);
        largest.Add($"{Cifar10Folder.Name}/{Cifar10Folder.NamesFile}", 1 << 12);
        largest.Add($"{Cifar10Folder.Name}/readme.html", 1 << 16);
        return largest;
    }

    // MD5 is what is published. It tells damage, not malice; against that stand https and the checks of what is unpacked.
    private static async Task<string> Md5Async(FileStream archive, CancellationToken cancellationToken)
    {
        archive.Position = 0;
#pragma warning disable CA5351
        return Convert.ToHexStringLower(await MD5.HashDataAsync(archive, cancellationToken).ConfigureAwait(false));
#pragma warning restore CA5351
    }
}
