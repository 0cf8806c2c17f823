using System.Net;
using System.Runtime.InteropServices;
using System.Text.Json.Nodes;
using AttentionLab.Data;
using AttentionLab.Explain;
using AttentionLab.Explore;
using AttentionLab.Host.Exploring;
using AttentionLab.Imaging;
using AttentionLab.Models;
using static TorchSharp.torch;

namespace AttentionLab.Host.Tests.Exploring;

/// <summary>What the page's server answers, whom it refuses, and that it keeps nothing.</summary>
[Trait("Kind", "Numeric")]
public sealed class ExploreServerTests : IAsyncLifetime
{
    private readonly DataSet _set = ShapeSet.Create(1, 8);
    private readonly HttpClient _http = new();
    private TrainedNetwork _network = null!;
    private ExploreRequests _requests = null!;
    private ExploreServer _server = null!;

    public async ValueTask InitializeAsync()
    {
        _network = new(AttentionLab.Tests.Fixture.WithFormulaWeights(new SeCnn()), _set.ClassNames, _set.Preprocessing);
        _requests = new ExploreRequests(
            [new("se", "load", new Exploration(_network))],
            PictureSource.Of(_set.Test, DataSets.Shapes)
        );
        _server = await ExploreServer.StartAsync(_requests, TestContext.Current.CancellationToken);
        _http.BaseAddress = new Uri(_server.Address);
    }

    public async ValueTask DisposeAsync()
    {
        _http.Dispose();
        await _server.DisposeAsync();
        _requests.Dispose();
        _network.Dispose();
    }

    [Fact]
    public async Task Answers_are_the_librarys()
    {
        Image picture = _set.Test.PictureOf(3);
        JsonNode shown = await JsonAsync("set/3");
        Assert.Equal(
            _network.Predict(picture).Classes.OrderBy(each => each.Index).Select(each => each.Probability),
            shown["answers"]![0]!["probabilities"]!.AsArray().Select(value => (double)value!)
        );
        Assert.Equal(["ca1", "ca2", "ca3"], shown["answers"]![0]!["layers"]!.AsArray().Select(layer => (string)layer!));

        JsonNode map = (await LinesAsync($"explain?picture={shown["id"]}&network=0&method=grad-cam&class=4&layer=ca2"))[^1][
            "map"
        ]!;
        Explanation expected = new Exploration(_network).Explain(picture, "grad-cam", 4, "ca2");
        Assert.Equal(expected[0].Values, [.. MemoryMarshal.Cast<byte, float>(Convert.FromBase64String((string)map["values"]!))]);
        Assert.Equal((4, "ca2"), ((int)map["class"]!, (string)map["layer"]!));

        byte[] file = await _http.GetByteArrayAsync(
            $"explanation?picture={shown["id"]}&method=grad-cam&method=eigen-cam&class=4&layer=ca2",
            TestContext.Current.CancellationToken
        );
        using var workspace = new Workspace();
        await File.WriteAllBytesAsync(workspace.At("e.safetensors"), file, TestContext.Current.CancellationToken);
        IReadOnlyList<Explanation> saved = ExplanationFile.Load(workspace.At("e.safetensors"));
        Assert.Equal([("grad-cam", "ca2"), ("eigen-cam", "ca2")], saved.Select(each => (each.Method, each.Layer)));
        Assert.Equal(expected[0].Values, saved[0][0].Values);
    }

    [Fact]
    public async Task A_network_of_torchvisions_answers_about_a_picture_of_another_size()
    {
        NetworkArchitecture architecture = NetworkArchitecture.Get("resnet18");
        using var network = new TrainedNetwork(
            architecture.Create(_set.ClassNames.Count, 1),
            _set.ClassNames,
            Preprocessing.ImageNet.At(64, 64)
        )
        {
            Architecture = architecture,
        };
        network.Module.eval();
        using var requests = new ExploreRequests(
            [new("resnet18", "load", new Exploration(network))],
            PictureSource.Of(_set.Test, DataSets.Shapes)
        );
        await using ExploreServer server = await ExploreServer.StartAsync(requests, TestContext.Current.CancellationToken);
        JsonNode shown = JsonNode.Parse(
            await _http.GetStringAsync(new Uri($"{server.Address}set/3"), TestContext.Current.CancellationToken)
        )!;
        Assert.Equal(
            network.Predict(_set.Test.PictureOf(3)).Classes.OrderBy(each => each.Index).Select(each => each.Probability),
            shown["answers"]![0]!["probabilities"]!.AsArray().Select(value => (double)value!)
        );
        Assert.Contains("layer4", shown["answers"]![0]!["layers"]!.AsArray().Select(layer => (string)layer!));
    }

    [Fact]
    public async Task A_hidden_region_has_the_networks_mean_colour()
    {
        JsonNode shown = await JsonAsync("set/3");
        var mask = new byte[32 * 32];
        mask.AsSpan(0, 16 * 32).Fill(1);

        using HttpResponseMessage response = await _http.PostAsync(
            $"pictures/{shown["id"]}/hidden",
            new ByteArrayContent(mask),
            TestContext.Current.CancellationToken
        );
        JsonNode answer = JsonNode.Parse(await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken))!;

        // An input of zeros, within the half level by which its colour is rounded to bytes.
        Image hidden = HiddenRegion.Of(_set.Test.PictureOf(3), mask, 32, 32, _network);
        using Tensor input = _network.ToInput(hidden);
        using Tensor top = input[.., .., ..16].abs();
        using Tensor largest = top.max();
        double level = 0.5 / 255 / _network.Preprocessing.StandardDeviation.Min();
        Assert.InRange(largest.item<float>(), 0, level * (1 + 1e-5));
        Assert.Equal(_set.Test.PictureOf(3).Rgb[(16 * 32 * 3)..], hidden.Rgb[(16 * 32 * 3)..]);
        Assert.Equal(
            _network.Predict(hidden).Classes.OrderBy(each => each.Index).Select(each => each.Probability),
            answer["answers"]![0]!["probabilities"]!.AsArray().Select(value => (double)value!)
        );
    }

    [Fact]
    public async Task Strangers_are_refused()
    {
        var address = new Uri(_server.Address);
        string root = address.GetLeftPart(UriPartial.Authority);
        Assert.Equal("127.0.0.1", address.Host);
        Assert.Equal(HttpStatusCode.OK, await StatusAsync(_server.Address));
        Assert.Equal(HttpStatusCode.OK, await StatusAsync(_server.Address, request => request.Headers.Add("Origin", root)));

        string token = address.AbsolutePath.Trim('/');
        char other = token[0] == '0' ? '1' : '0';
        foreach (string path in (string[])["/", "/start", $"/{other}{token[1..]}/start", $"/{token}", $"/{token}x/", "/x/start"])
        {
            Assert.Equal(HttpStatusCode.Forbidden, await StatusAsync(root + path));
        }

        foreach (
            string origin in (string[])["http://evil.example", "null", $"https://127.0.0.1:{address.Port}", "http://127.0.0.1:1"]
        )
        {
            Assert.Equal(
                HttpStatusCode.Forbidden,
                await StatusAsync(_server.Address, request => request.Headers.Add("Origin", origin))
            );
        }

        foreach (string host in (string[])["evil.example", $"evil.example:{address.Port}", "127.0.0.1", "127.0.0.1:1"])
        {
            Assert.Equal(HttpStatusCode.Forbidden, await StatusAsync(_server.Address, request => request.Headers.Host = host));
        }

        using HttpResponseMessage page = await _http.GetAsync("", TestContext.Current.CancellationToken);
        Assert.Contains(
            "default-src 'self'",
            page.Headers.GetValues("Content-Security-Policy").Single(),
            StringComparison.Ordinal
        );
        Assert.Equal("no-referrer", page.Headers.GetValues("Referrer-Policy").Single());
    }

    [Fact]
    public async Task Bad_pictures_are_told_and_the_next_one_is_taken()
    {
        Assert.Contains("The picture is empty", await UploadErrorAsync([], HttpStatusCode.BadRequest));
        Assert.Contains(
            "not a picture that can be read",
            await UploadErrorAsync("no picture"u8.ToArray(), HttpStatusCode.BadRequest)
        );
        using var workspace = new Workspace();
        PngFile.Save(_set.Test.PictureOf(0), workspace.At("a.png"));
        byte[] png = await File.ReadAllBytesAsync(workspace.At("a.png"), TestContext.Current.CancellationToken);
        Assert.Contains("damaged", await UploadErrorAsync(png[..(png.Length / 2)], HttpStatusCode.BadRequest));
        Assert.Contains(
            "more than 32 MB",
            await UploadErrorAsync(new byte[ExploreServer.MostUploadBytes + 1], HttpStatusCode.RequestEntityTooLarge)
        );

        string huge = Path.Combine(Workspace.Repository, "tests/AttentionLab.Tests/Fixtures/pictures/huge.png");
        Assert.Contains(
            "pixels",
            await UploadErrorAsync(
                await File.ReadAllBytesAsync(huge, TestContext.Current.CancellationToken),
                HttpStatusCode.BadRequest
            )
        );

        using HttpResponseMessage response = await UploadAsync(png);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
    }

    [Fact]
    public async Task Wrong_questions_are_told()
    {
        JsonNode shown = await JsonAsync("set/0");
        Assert.Contains(
            "'x' is not a known method",
            (string)(await LinesAsync($"explain?picture={shown["id"]}&method=x"))[^1]["error"]!
        );
        Assert.Contains("no class 10", (string)(await LinesAsync($"explain?picture={shown["id"]}&class=10"))[^1]["error"]!);
        Assert.Contains("no longer holds", (string)(await LinesAsync("explain?picture=99"))[^1]["error"]!);
        Assert.Contains(
            "has no height and",
            (string)(await LinesAsync($"explain?picture={shown["id"]}&layer=fc1"))[^1]["error"]!
        );
        using HttpResponseMessage response = await _http.GetAsync("set/8000", TestContext.Current.CancellationToken);
        Assert.Contains("there is no 8000", await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task Broken_weights_and_a_network_without_layers_are_told()
    {
        var broken = new SeCnn();
        using (no_grad())
        {
            broken.get_parameter("fc2.bias")!.fill_(float.NaN);
        }

        nn.Module<Tensor, Tensor> dense = nn.Sequential(("flat", nn.Flatten()), ("fc", nn.Linear(3 * 32 * 32, 10)));
        using var first = new TrainedNetwork(broken, _set.ClassNames, _set.Preprocessing);
        using var second = new TrainedNetwork(dense, _set.ClassNames, _set.Preprocessing);
        using var requests = new ExploreRequests(
            [new("broken", "", new Exploration(first)), new("dense", "", new Exploration(second))],
            PictureSource.Of(_set.Test, DataSets.Shapes)
        );
        await using ExploreServer server = await ExploreServer.StartAsync(requests, TestContext.Current.CancellationToken);
        using var http = new HttpClient { BaseAddress = new Uri(server.Address) };
        JsonNode shown = JsonNode.Parse(await http.GetStringAsync("set/0", TestContext.Current.CancellationToken))!;

        Assert.Contains("its weights are broken", (string)shown["answers"]![0]!["error"]!);
        Assert.Empty(shown["answers"]![1]!["layers"]!.AsArray());
        Assert.Equal(10, shown["answers"]![1]!["probabilities"]!.AsArray().Count);
        string line = await http.GetStringAsync(
            $"explain?picture={shown["id"]}&network=1&method=grad-cam",
            TestContext.Current.CancellationToken
        );
        Assert.Contains("no layer with height and width", line, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_tab_that_closes_keeps_nobody_from_an_answer()
    {
        JsonNode shown = await JsonAsync("set/0");
        using var tab = new CancellationTokenSource();
        using HttpResponseMessage slow = await _http.GetAsync(
            $"explain?picture={shown["id"]}&method=smooth-grad",
            HttpCompletionOption.ResponseHeadersRead,
            tab.Token
        );
        using (var reader = new StreamReader(await slow.Content.ReadAsStreamAsync(tab.Token)))
        {
            Assert.Contains("progress", await reader.ReadLineAsync(tab.Token), StringComparison.Ordinal);
        }

        slow.Dispose();

        JsonObject[] lines = await LinesAsync($"explain?picture={shown["id"]}&method=grad-cam");
        Assert.NotNull(lines[^1]["map"]);
    }

    [Fact]
    public async Task Two_tabs_at_once_get_their_own_answers()
    {
        JsonNode[] shown = await Task.WhenAll(JsonAsync("set/1"), JsonAsync("set/2"));

        JsonObject[][] lines = await Task.WhenAll(
            Enumerable.Range(0, 8).Select(i => LinesAsync($"explain?picture={shown[i % 2]["id"]}&method=grad-cam&class={i}"))
        );

        var exploration = new Exploration(_network);
        for (int i = 0; i < lines.Length; i++)
        {
            Assert.Equal(
                exploration.Explain(_set.Test.PictureOf(1 + (i % 2)), "grad-cam", i)[0].Values,
                [.. MemoryMarshal.Cast<byte, float>(Convert.FromBase64String((string)lines[i][^1]["map"]!["values"]!))]
            );
        }
    }

    [Fact]
    public async Task Mistakes_come_the_most_confident_first()
    {
        JsonObject[] lines = await LinesAsync("mistakes");
        var wrong = Enumerable
            .Range(0, _set.Test.Count)
            .Select(index => (Index: index, _network.Predict(_set.Test.PictureOf(index)).Best))
            .Where(each => each.Best.Index != _set.Test.Labels[each.Index])
            .OrderByDescending(each => each.Best.Probability)
            .ToList();

        Assert.Equal(wrong.Count, (int)lines.Single(line => line.ContainsKey("looked"))["wrong"]!);
        Assert.Equal(
            wrong.Take(12).Select(each => each.Index),
            lines.Where(line => line.ContainsKey("mapped")).Select(line => (int)line["index"]!)
        );
    }

    [Fact]
    [Trait("Takes", "long")]
    public async Task Five_hundred_requests_leave_memory_flat()
    {
        long before = 0;
        for (int i = 0; i < 500; i++)
        {
            JsonNode shown = await JsonAsync($"set/{i % _set.Test.Count}");
            if (i % 2 == 0)
            {
                await LinesAsync($"explain?picture={shown["id"]}&method=grad-cam&class={i % 10}");
            }

            if (i == 100)
            {
                before = Settled();
            }
        }

        // Managed memory, and the tensors that torch keeps for us, in one number: the process's.
        Assert.InRange(Settled() - before, long.MinValue, 60_000_000);

        static long Settled()
        {
            GC.Collect();
            GC.WaitForPendingFinalizers();
            GC.Collect();
            using var process = System.Diagnostics.Process.GetCurrentProcess();
            return process.WorkingSet64;
        }
    }

    private async Task<HttpStatusCode> StatusAsync(string address, Action<HttpRequestMessage>? change = null)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, address);
        change?.Invoke(request);
        using HttpResponseMessage response = await _http.SendAsync(request, TestContext.Current.CancellationToken);
        return response.StatusCode;
    }

    private async Task<HttpResponseMessage> UploadAsync(byte[] bytes)
    {
        // As browsers do not, it asks first: a refused body is not sent.
        using var request = new HttpRequestMessage(HttpMethod.Post, "pictures") { Content = new ByteArrayContent(bytes) };
        request.Headers.ExpectContinue = true;
        return await _http.SendAsync(request, TestContext.Current.CancellationToken);
    }

    private async Task<string> UploadErrorAsync(byte[] bytes, HttpStatusCode status)
    {
        using HttpResponseMessage response = await UploadAsync(bytes);
        Assert.Equal(status, response.StatusCode);
        return (string)JsonNode.Parse(await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken))!["error"]!;
    }

    private async Task<JsonNode> JsonAsync(string path) =>
        JsonNode.Parse(await _http.GetStringAsync(path, TestContext.Current.CancellationToken))!;

    private async Task<JsonObject[]> LinesAsync(string path)
    {
        string lines = await _http.GetStringAsync(path, TestContext.Current.CancellationToken);
        return [.. lines.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => JsonNode.Parse(line)!.AsObject())];
    }
}
