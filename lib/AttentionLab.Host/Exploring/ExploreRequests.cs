using System.Globalization;
using System.Text.Json.Nodes;
using AttentionLab.Data;
using AttentionLab.Explain;
using AttentionLab.Explore;
using AttentionLab.Imaging;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;

namespace AttentionLab.Host.Exploring;

/// <summary>What the page can ask for. All of it is computed on one thread, one request after the other.</summary>
/// <param name="networks">One, or two to compare.</param>
/// <param name="source">Pictures to choose from; null for none.</param>
internal sealed class ExploreRequests(IReadOnlyList<ExploredNetwork> networks, PictureSource? source) : IDisposable
{
    private const int Channels = 12;
    private const string NoSet = "No set of pictures was named: start explore with --data.";

    private readonly ComputationThread _thread = new();
    private readonly PictureStore _pictures = new();

    /// <summary>Gives each question its path.</summary>
    public void Map(WebApplication application)
    {
        application.MapGet("/start", context => context.Response.WriteAsJsonAsync(Start()));
        application.MapPost("/pictures", UploadAsync);
        application.MapGet("/set/{index:int}", FromSetAsync);
        application.MapPost("/pictures/{id}/hidden", PredictHiddenAsync);
        application.MapGet("/explain", ExplainAsync);
        application.MapGet("/channels", ChannelsAsync);
        application.MapGet("/explanation", ExplanationAsync);
        application.MapGet("/mistakes", MistakesAsync);
    }

    public void Dispose() => _thread.Dispose();

    private JsonObject Start() =>
        new()
        {
            ["words"] = new JsonObject
            {
                ["en"] = Words(CultureInfo.GetCultureInfo("en")),
                ["zh"] = Words(CultureInfo.GetCultureInfo("zh")),
            },
            ["colors"] = ExplorerData.Colors(),
            ["networks"] = Array(networks.Select(AboutNetwork)),
            ["set"] = source is null
                ? null
                : new JsonObject
                {
                    ["name"] = source.Name,
                    ["count"] = source.Count,
                    ["hasClasses"] = source.Set is not null,
                },
            ["mostBytes"] = ExploreServer.MostUploadBytes,
        };

    private static JsonObject AboutNetwork(ExploredNetwork each) =>
        new()
        {
            ["name"] = each.Name,
            ["about"] = each.Exploration.Network.ToString(),
            ["notes"] = Array(each.Exploration.Network.Notes.Select(note => JsonValue.Create(note))),
            ["classes"] = Array(each.Exploration.Network.ClassNames.Select(name => JsonValue.Create(name))),
            ["methods"] = Array(each.Exploration.Methods.Select(name => JsonValue.Create(name))),
            ["loading"] = each.Loading,
            ["hidden"] = Array(HiddenRegion.MeanColor(each.Exploration.Network).Select(value => JsonValue.Create(value))),
        };

    private async Task UploadAsync(HttpContext context)
    {
        using var bytes = new MemoryStream();
        await context.Request.Body.CopyToAsync(bytes, context.RequestAborted).ConfigureAwait(false);
        string name = Uri.UnescapeDataString(context.Request.Headers["X-Name"].ToString());
        name = name.Length is > 0 and <= 200 ? Path.GetFileName(name) : "The picture";
        Image image = ImageFile.Read(bytes.GetBuffer().AsSpan(0, (int)bytes.Length), name);
        await SendPictureAsync(context, _pictures.Add(image, PictureSource.ExpressionOf(name), null)).ConfigureAwait(false);
    }

    private async Task FromSetAsync(HttpContext context)
    {
        int index = int.Parse((string)context.Request.RouteValues["index"]!, CultureInfo.InvariantCulture);
        if (source is null || index < 0 || index >= source.Count)
        {
            throw new ExploreException(
                source is null ? NoSet : $"{source.Name} has pictures 0 to {source.Count - 1}; there is no {index}."
            );
        }

        (Image image, int? label, string expression) = source.Get(index);
        await SendPictureAsync(context, _pictures.Add(image, expression, label)).ConfigureAwait(false);
    }

    /// <summary>A new picture with what each network says of it, or why it cannot.</summary>
    private async Task SendPictureAsync(HttpContext context, StoredPicture stored)
    {
        var answers = new JsonArray();
        foreach (ExploredNetwork each in networks)
        {
            answers.Add(await AnswerAsync(each, stored.Image, withLayers: true, context.RequestAborted).ConfigureAwait(false));
        }

        Image shown = Shown(stored.Image);
        await context
            .Response.WriteAsJsonAsync(
                new JsonObject
                {
                    ["id"] = stored.Id,
                    ["address"] = ExplorerData.Address(shown),
                    ["height"] = shown.Height,
                    ["width"] = shown.Width,
                    ["label"] = stored.Label,
                    ["expression"] = stored.Expression,
                    ["answers"] = answers,
                },
                context.RequestAborted
            )
            .ConfigureAwait(false);
    }

    private async Task PredictHiddenAsync(HttpContext context)
    {
        StoredPicture stored = _pictures.Get((string)context.Request.RouteValues["id"]!);
        using var mask = new MemoryStream();
        await context.Request.Body.CopyToAsync(mask, context.RequestAborted).ConfigureAwait(false);
        Image shown = Shown(stored.Image);
        var answers = new JsonArray();
        foreach (ExploredNetwork each in networks)
        {
            Image hidden = HiddenRegion.Of(stored.Image, mask.ToArray(), shown.Height, shown.Width, each.Exploration.Network);
            answers.Add(await AnswerAsync(each, hidden, withLayers: false, context.RequestAborted).ConfigureAwait(false));
        }

        await context
            .Response.WriteAsJsonAsync(new JsonObject { ["answers"] = answers }, context.RequestAborted)
            .ConfigureAwait(false);
    }

    /// <summary>One network's failure is not the other's.</summary>
    private async Task<JsonObject> AnswerAsync(
        ExploredNetwork each,
        Image image,
        bool withLayers,
        CancellationToken cancellationToken
    )
    {
        try
        {
            return await _thread
                .RunAsync(
                    () =>
                        new JsonObject
                        {
                            ["probabilities"] = Array(
                                each.Exploration.Predict(image)
                                    .Classes.OrderBy(one => one.Index)
                                    .Select(one => JsonValue.Create(one.Probability))
                            ),
                            ["layers"] = withLayers
                                ? Array(each.Exploration.LayersFor(image).Select(layer => JsonValue.Create(layer)))
                                : null,
                        },
                    cancellationToken
                )
                .ConfigureAwait(false);
        }
        catch (Exception e) when (e is not OperationCanceledException && ExploreError.TextOf(e) is { } text)
        {
            return new JsonObject { ["error"] = text };
        }
    }

    private Task ExplainAsync(HttpContext context) =>
        JsonLines.WriteAsync(
            context,
            async write =>
            {
                Question question = Asked(context);
                Explanation explanation = await ExplainAsync(question, write, context.RequestAborted).ConfigureAwait(false);
                Image shown = Shown(question.Picture.Image);
                JsonObject map = ExplorerData.Map(explanation[0], shown.Height, shown.Width);
                map["values"] = ExplorerData.Floats(explanation[0]);
                map["method"] = explanation.Method;
                map["layer"] = explanation.Layer;
                map["class"] = explanation.Classes[0];
                map["notes"] = Array(explanation.Notes.Select(note => JsonValue.Create(note)));
                write(new JsonObject { ["map"] = map });
            }
        );

    private Task<Explanation> ExplainAsync(Question question, Action<JsonObject>? write, CancellationToken cancellationToken) =>
        _thread.RunAsync(
            () =>
                question.Network.Exploration.Explain(
                    question.Picture.Image,
                    question.Method,
                    question.Class,
                    question.Layer,
                    write is null ? null : new Progress(share => write(new JsonObject { ["progress"] = share })),
                    cancellationToken
                ),
            cancellationToken
        );

    private async Task ChannelsAsync(HttpContext context)
    {
        Question question = Asked(context);
        string layer = question.Layer ?? throw new ExploreException("Name a layer.");
        IReadOnlyList<ChannelMap> channels = await _thread
            .RunAsync(
                () => question.Network.Exploration.Channels(question.Picture.Image, layer, Channels),
                context.RequestAborted
            )
            .ConfigureAwait(false);
        await context
            .Response.WriteAsJsonAsync(Array(channels.Select(ExplorerData.Channel)), context.RequestAborted)
            .ConfigureAwait(false);
    }

    /// <summary>The explanations of one or several methods as the file that <see cref="ExplanationFile"/> reads.</summary>
    private async Task ExplanationAsync(HttpContext context)
    {
        Question question = Asked(context);
        var explanations = new List<Explanation>();
        foreach (string method in context.Request.Query["method"].OfType<string>().Distinct())
        {
            explanations.Add(
                await ExplainAsync(question with { Method = method }, null, context.RequestAborted).ConfigureAwait(false)
            );
        }

        string folder = Directory.CreateTempSubdirectory("attentionlab-explore-").FullName;
        try
        {
            string file = Path.Combine(folder, "explanation.safetensors");
            await _thread
                .RunAsync(
                    () =>
                    {
                        ExplanationFile.Save(explanations, file);
                        return true;
                    },
                    context.RequestAborted
                )
                .ConfigureAwait(false);
            context.Response.ContentType = "application/octet-stream";
            await context.Response.SendFileAsync(file, context.RequestAborted).ConfigureAwait(false);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private Task MistakesAsync(HttpContext context) =>
        JsonLines.WriteAsync(
            context,
            async write =>
            {
                LabeledImages images = source?.Set ?? throw new ExploreException(NoSet);
                ExploredNetwork network = NetworkOf(context.Request.Query);
                if (network.Exploration.Network.ClassNames.Count != images.ClassNames.Count)
                {
                    throw new ExploreException(
                        $"The network tells {network.Exploration.Network.ClassNames.Count} classes apart, and {images.Name} has "
                            + $"{images.ClassNames.Count}: it was trained on another set."
                    );
                }

                await new WorstMistakes(network.Exploration, images, _thread)
                    .FindAsync(write, context.RequestAborted)
                    .ConfigureAwait(false);
            }
        );

    private Question Asked(HttpContext context)
    {
        IQueryCollection query = context.Request.Query;
        string layer = query["layer"].ToString();
        return new Question(
            _pictures.Get(query["picture"].ToString()),
            NetworkOf(query),
            query["method"] is [{ Length: > 0 } method, ..] ? method : "grad-cam",
            Number(query["class"].ToString()),
            layer.Length > 0 ? layer : null
        );
    }

    private ExploredNetwork NetworkOf(IQueryCollection query) =>
        Number(query["network"].ToString()) is { } index && index < networks.Count ? networks[index] : networks[0];

    private static int? Number(string text) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int number) ? number : null;

    private static Image Shown(Image image) => ImageFile.Within(image, ExplorerData.LongestSide);

    private static JsonObject Words(CultureInfo culture) =>
        new(ExplorerText.Of(culture).Select(word => KeyValuePair.Create(word.Key, (JsonNode?)word.Value)));

    private static JsonArray Array(IEnumerable<JsonNode?> nodes) => [.. nodes];

    private sealed record Question(StoredPicture Picture, ExploredNetwork Network, string Method, int? Class, string? Layer);

    /// <summary>Reports where it is called: <see cref="System.Progress{T}"/> would report later, out of order.</summary>
    private sealed class Progress(Action<double> report) : IProgress<double>
    {
        public void Report(double value) => report(value);
    }
}
