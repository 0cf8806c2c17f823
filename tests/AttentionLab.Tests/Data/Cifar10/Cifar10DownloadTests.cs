using System.Formats.Tar;
using System.Net;
using AttentionLab.Data;

namespace AttentionLab.Tests.Data;

public sealed class Cifar10DownloadTests : IDisposable
{
    private const string Partial = "cifar-10-binary.tar.gz.partial";

    private static readonly byte[] Whole = TestArchive.Pack(TestArchive.WholeSet());

    private readonly TemporaryFolder _root = new();
    private readonly ArchiveServer _server = new(Whole);
    private readonly HttpClient _client = new();

    [Fact]
    public async Task Downloads_unpacks_and_leaves_nothing_else()
    {
        var reports = new Reports();
        await DownloadAsync(progress: reports);

        AssertInPlace();
        Assert.Equal([Cifar10Folder.Name], _root.Names);
        Assert.Null(Assert.Single(_server.Requests).Range);
        Assert.Equal((Whole.Length, (long)Whole.Length), (reports.All[^1].Bytes, reports.All[^1].TotalBytes));
        Assert.All(reports.All, r => Assert.True(r.BytesPerSecond > 0));
        Assert.Equal(reports.All.Select(r => r.Bytes).Order(), reports.All.Select(r => r.Bytes));
    }

    [Fact]
    public async Task Makes_the_root()
    {
        string root = _root["not", "yet"];
        await Cifar10.DownloadAsync(
            root,
            TestArchive.Describe(Whole, _server.Source),
            _client,
            null,
            TestContext.Current.CancellationToken
        );
        Assert.Null(new Cifar10Folder(root, TestArchive.Records).Defect());
    }

    [Fact]
    public async Task Asks_no_server_when_the_set_is_there()
    {
        await DownloadAsync();
        await DownloadAsync();
        Assert.Single(_server.Requests);
    }

    [Fact]
    public async Task What_a_process_killed_at_its_very_end_left_is_deleted_by_the_next()
    {
        await DownloadAsync();
        File.WriteAllBytes(_root[Partial], new byte[100]);
        File.WriteAllText(_root[Partial + ".version"], "\"tag\"");
        Directory.CreateDirectory(_root[".cifar-10-batches-bin.unpacking", "x"]);
        using (new FileStream(_root[Partial], FileMode.Open, FileAccess.ReadWrite, FileShare.None))
        {
            await DownloadAsync(); // another process is at work
            Assert.Equal(4, _root.Names.Length);
        }

        await DownloadAsync();
        Assert.Equal([Cifar10Folder.Name], _root.Names);
        AssertInPlace();
    }

    [Fact]
    public async Task A_cancelled_run_leaves_nothing_that_looks_complete_and_the_next_one_resumes()
    {
        _server.SilentAfter = 100_000;
        using (var cancellation = new CancellationTokenSource())
        {
            var reports = new Reports { OnReport = _ => cancellation.Cancel() };
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() =>
                DownloadAsync(progress: reports, token: cancellation.Token)
            );
        }

        Assert.False(Cifar10.IsPresent(_root.Path));
        Assert.Throws<FileNotFoundException>(() => new Cifar10Folder(_root.Path, TestArchive.Records).Load());
        Assert.False(Directory.Exists(_root[Cifar10Folder.Name]));
        long had = new FileInfo(_root[Partial]).Length;
        Assert.InRange(had, 1, 100_000);

        _server.SilentAfter = null;
        await DownloadAsync();

        AssertInPlace();
        Assert.Equal(new ArchiveServer.Request($"bytes={had}-", "\"one\""), _server.Requests[1]);
        Assert.Equal([Cifar10Folder.Name], _root.Names);
    }

    [Fact]
    public async Task A_run_killed_while_unpacking_leaves_nothing_in_the_way()
    {
        Directory.CreateDirectory(_root[".cifar-10-batches-bin.unpacking", Cifar10Folder.Name]);
        File.WriteAllBytes(_root[".cifar-10-batches-bin.unpacking", Cifar10Folder.Name, "data_batch_1.bin"], [1, 2, 3]);
        File.WriteAllBytes(_root[Partial], Whole);

        Assert.NotNull(new Cifar10Folder(_root.Path, TestArchive.Records).Defect());
        await DownloadAsync();

        AssertInPlace();
        Assert.Empty(_server.Requests);
        Assert.Equal([Cifar10Folder.Name], _root.Names);
    }

    [Fact]
    public async Task A_broken_connection_is_resumed_in_the_same_run()
    {
        _server.Breaks.Enqueue(50_000);
        _server.Breaks.Enqueue(0);
        _server.Breaks.Enqueue(70_000);
        await DownloadAsync();

        AssertInPlace();
        Assert.Equal(4, _server.Requests.Count);
        Assert.StartsWith("bytes=", _server.Requests[3].Range, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_server_without_range_begins_anew()
    {
        _server.KnowsRange = false;
        File.WriteAllBytes(_root[Partial], TestArchive.Bytes(1000, seed: 7));
        await DownloadAsync();

        AssertInPlace();
        Assert.Equal("bytes=1000-", Assert.Single(_server.Requests).Range);
    }

    [Fact]
    public async Task Another_version_on_the_server_is_not_appended()
    {
        File.WriteAllBytes(_root[Partial], TestArchive.Bytes(1000, seed: 7));
        File.WriteAllText(_root[Partial + ".version"], "\"older\"");
        await DownloadAsync();

        AssertInPlace();
        Assert.Equal(new ArchiveServer.Request("bytes=1000-", "\"older\""), Assert.Single(_server.Requests));
    }

    [Fact]
    public async Task What_was_resumed_wrongly_is_fetched_once_more_as_a_whole()
    {
        _server.ETag = null;
        File.WriteAllBytes(_root[Partial], TestArchive.Bytes(1000, seed: 7));
        await DownloadAsync();

        AssertInPlace();
        Assert.Equal(["bytes=1000-", null], _server.Requests.Select(r => r.Range));
    }

    [Fact]
    public async Task A_wrong_checksum_throws_the_archive_away_and_says_what_to_do()
    {
        _server.File = [.. Whole];
        _server.File[1000] ^= 1;
        var e = await Assert.ThrowsAsync<InvalidDataException>(() => DownloadAsync());

        Assert.Contains("published is " + TestArchive.Describe(Whole, _server.Source).Md5, e.Message, StringComparison.Ordinal);
        Assert.Contains($"put cifar-10-binary.tar.gz into {_root.Path}", e.Message, StringComparison.Ordinal);
        Assert.Equal(0, new FileInfo(_root[Partial]).Length);
        Assert.False(Directory.Exists(_root[Cifar10Folder.Name]));

        _server.File = Whole;
        await DownloadAsync();
        AssertInPlace();
    }

    [Fact]
    public async Task Without_a_network_the_error_says_where_to_put_the_files()
    {
        var e = await Assert.ThrowsAsync<HttpRequestException>(() => DownloadAsync(source: ArchiveServer.Nowhere()));
        Assert.Contains(
            $"put either cifar-10-binary.tar.gz or the unpacked folder cifar-10-batches-bin into {_root.Path}",
            e.Message,
            StringComparison.Ordinal
        );
        Assert.False(Directory.Exists(_root[Cifar10Folder.Name]));
    }

    [Fact]
    public async Task A_server_in_trouble_is_asked_again()
    {
        _server.Refusals.Enqueue(HttpStatusCode.ServiceUnavailable);
        _server.Refusals.Enqueue(HttpStatusCode.TooManyRequests);
        await DownloadAsync();
        AssertInPlace();
        Assert.Equal(3, _server.Requests.Count);
    }

    [Fact]
    public async Task A_server_in_lasting_trouble_is_asked_four_times()
    {
        for (int i = 0; i < 10; i++)
        {
            _server.Refusals.Enqueue(HttpStatusCode.BadGateway);
        }

        var e = await Assert.ThrowsAsync<HttpRequestException>(() => DownloadAsync());
        Assert.Equal(HttpStatusCode.BadGateway, e.StatusCode);
        Assert.Equal(4, _server.Requests.Count);
    }

    [Fact]
    public async Task A_refusal_is_not_asked_again()
    {
        _server.Refusals.Enqueue(HttpStatusCode.NotFound);
        var e = await Assert.ThrowsAsync<HttpRequestException>(() => DownloadAsync());
        Assert.Contains("404", e.Message, StringComparison.Ordinal);
        Assert.Single(_server.Requests);
    }

    [Fact]
    public async Task A_part_that_the_server_cannot_give_is_fetched_from_the_beginning()
    {
        File.WriteAllBytes(_root[Partial], Whole[..1000]);
        _server.Refusals.Enqueue(HttpStatusCode.RequestedRangeNotSatisfiable);
        await DownloadAsync();
        AssertInPlace();
        Assert.Equal(["bytes=1000-", null], _server.Requests.Select(r => r.Range));
    }

    [Fact]
    public async Task A_page_in_place_of_the_archive_is_told_and_does_not_destroy_what_was_fetched()
    {
        File.WriteAllBytes(_root[Partial], Whole[..1000]);
        (_server.File, _server.KnowsRange) = ([.. "<html>Please sign in</html>"u8], false);
        var e = await Assert.ThrowsAsync<HttpRequestException>(() => DownloadAsync());
        Assert.Contains($"offers 27 bytes where {Whole.Length} are expected", e.Message, StringComparison.Ordinal);
        Assert.Equal(1000, new FileInfo(_root[Partial]).Length);
        Assert.Single(_server.Requests);
    }

    [Fact]
    public async Task A_silent_server_counts_as_broken()
    {
        _server.SilentAfter = 1000;
        var download = new ResumableDownload(_client, _server.Source, Whole.Length, _root["version"])
        {
            FirstPause = TimeSpan.FromMilliseconds(1),
            Patience = TimeSpan.FromMilliseconds(200),
        };
        await using var target = new FileStream(
            _root["file"],
            FileMode.CreateNew,
            FileAccess.ReadWrite,
            FileShare.None,
            bufferSize: 0
        );
        _server.KnowsRange = false;
        var e = await Assert.ThrowsAsync<HttpRequestException>(() =>
            download.RunAsync(target, null, TestContext.Current.CancellationToken)
        );
        Assert.Contains("silent for 0.2 s", e.Message, StringComparison.Ordinal);
        Assert.Equal(1000, target.Length);
    }

    [Fact]
    public async Task An_archive_put_there_by_hand_is_used_and_kept()
    {
        File.WriteAllBytes(_root[Cifar10Archive.FileName], Whole);
        await DownloadAsync(source: ArchiveServer.Nowhere());
        AssertInPlace();
        Assert.Equal([Cifar10Folder.Name, Cifar10Archive.FileName], _root.Names);
    }

    [Fact]
    public async Task A_bad_archive_put_there_by_hand_is_set_aside()
    {
        File.WriteAllBytes(_root[Cifar10Archive.FileName], Whole[..^1]);
        var e = await Assert.ThrowsAsync<InvalidDataException>(() => DownloadAsync());
        Assert.Contains($"It was renamed to {_root[Cifar10Archive.FileName + ".bad"]}", e.Message, StringComparison.Ordinal);
        Assert.Equal(Whole[..^1], File.ReadAllBytes(_root[Cifar10Archive.FileName + ".bad"]));
        Assert.Empty(_server.Requests);

        await DownloadAsync();
        AssertInPlace();
    }

    [Fact]
    public async Task A_folder_that_is_not_whole_is_left_alone_and_nothing_is_fetched()
    {
        Directory.CreateDirectory(_root[Cifar10Folder.Name]);
        File.WriteAllBytes(_root[Cifar10Folder.Name, "data_batch_1.bin"], [1, 2, 3]);
        var e = await Assert.ThrowsAsync<IOException>(() => DownloadAsync());
        Assert.Contains($"{_root[Cifar10Folder.Name]} is there, but not whole", e.Message, StringComparison.Ordinal);
        Assert.Contains("data_batch_1.bin holds 3 bytes", e.Message, StringComparison.Ordinal);
        Assert.Equal([1, 2, 3], File.ReadAllBytes(_root[Cifar10Folder.Name, "data_batch_1.bin"]));
        Assert.Empty(_server.Requests);
    }

    [Fact]
    public async Task An_empty_folder_is_not_in_the_way()
    {
        Directory.CreateDirectory(_root[Cifar10Folder.Name]);
        await DownloadAsync();
        AssertInPlace();
    }

    [Fact]
    public async Task Two_at_once_fetch_it_once()
    {
        await Task.WhenAll(DownloadAsync(), DownloadAsync(), DownloadAsync());
        AssertInPlace();
        Assert.Single(_server.Requests);
        Assert.Equal([Cifar10Folder.Name], _root.Names);
    }

    [Fact]
    public async Task Whoever_waits_for_another_can_be_cancelled()
    {
        using var another = new FileStream(_root[Partial], FileMode.Create, FileAccess.ReadWrite, FileShare.None);
        using var cancellation = new CancellationTokenSource(TimeSpan.FromMilliseconds(300));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => DownloadAsync(token: cancellation.Token));
        Assert.Empty(_server.Requests);
    }

    public static TheoryData<string> Defects => ["missing", "short", "label", "intruder"];

    [Theory]
    [MemberData(nameof(Defects))]
    public async Task An_archive_with_a_defect_never_gets_its_final_name(string defect)
    {
        byte[] badLabel = TestArchive.BatchFile(9);
        badLabel[3073] = 10;
        IEnumerable<TarEntry> others = TestArchive
            .WholeSet()
            .Where(e => !e.Name.EndsWith("test_batch.bin", StringComparison.Ordinal));
        string name = "cifar-10-batches-bin/test_batch.bin";
        byte[] archive = TestArchive.Pack(
            defect switch
            {
                "missing" => others,
                "short" => others.Append(TestArchive.FileEntry(name, TestArchive.BatchFile(9)[..^1])),
                "label" => others.Append(TestArchive.FileEntry(name, badLabel)),
                _ => TestArchive.WholeSet().Append(TestArchive.FileEntry("../evil", [1])),
            }
        );
        _server.File = archive;

        await Assert.ThrowsAsync<InvalidDataException>(() =>
            Cifar10.DownloadAsync(
                _root.Path,
                TestArchive.Describe(archive, _server.Source),
                _client,
                null,
                TestContext.Current.CancellationToken
            )
        );
        Assert.Equal([Partial, Partial + ".version"], _root.Names);
        Assert.False(File.Exists(Path.Combine(_root.Path, "..", "evil")));
    }

    public void Dispose()
    {
        _client.Dispose();
        _server.Dispose();
        _root.Dispose();
    }

    private Task DownloadAsync(
        Uri? source = null,
        IProgress<DownloadProgress>? progress = null,
        CancellationToken? token = null
    ) =>
        Cifar10.DownloadAsync(
            _root.Path,
            TestArchive.Describe(Whole, source ?? _server.Source),
            _client,
            progress,
            token ?? TestContext.Current.CancellationToken
        );

    private void AssertInPlace()
    {
        DataSet set = new Cifar10Folder(_root.Path, TestArchive.Records).Load();
        Assert.Equal((100, 20), (set.Train.Count, set.Test.Count));
        Assert.Equal(TestArchive.BatchFile(5)[^3072..], set.Test.PlanesOf(19).ToArray());
    }

    private sealed class Reports : IProgress<DownloadProgress>
    {
        public List<DownloadProgress> All { get; } = [];

        public Action<DownloadProgress>? OnReport { get; init; }

        public void Report(DownloadProgress value)
        {
            All.Add(value);
            OnReport?.Invoke(value);
        }
    }
}
