using System.Text.Json.Nodes;
using AttentionLab.Core;
using AttentionLab.Data;
using AttentionLab.Explore;
using AttentionLab.Imaging;
using AttentionLab.Models;

namespace AttentionLab.Host.Exploring;

/// <summary>
/// The most confident mistakes of a network in a set, each with the map for what it said. Between a few pictures and the next the
/// thread is free for what others ask.
/// </summary>
internal sealed class WorstMistakes(Exploration exploration, LabeledImages images, ComputationThread thread)
{
    private const int MostPictures = 2000,
        AtOnce = 64,
        Most = 12,
        Side = 128;

    /// <summary>Looks through the set's first pictures, and reports progress, then the mistakes.</summary>
    public async Task FindAsync(Action<JsonObject> report, CancellationToken cancellationToken)
    {
        int count = Math.Min(images.Count, MostPictures);
        var mistakes = new List<(int Index, ClassProbability Said)>();
        for (int start = 0; start < count; start += AtOnce)
        {
            int[] part = [.. Enumerable.Range(start, Math.Min(AtOnce, count - start))];
            mistakes.AddRange(
                await thread.RunAsync(() => MistakesIn(part, cancellationToken), cancellationToken).ConfigureAwait(false)
            );
            report(new JsonObject { ["progress"] = (double)(start + part.Length) / count });
        }

        report(new JsonObject { ["looked"] = count, ["wrong"] = mistakes.Count });
        foreach ((int index, ClassProbability said) in mistakes.OrderByDescending(each => each.Said.Probability).Take(Most))
        {
            report(await thread.RunAsync(() => Mistake(index, said, cancellationToken), cancellationToken).ConfigureAwait(false));
        }
    }

    private IReadOnlyList<(int Index, ClassProbability Said)> MistakesIn(int[] part, CancellationToken cancellationToken) =>
        [
            .. part.Zip(
                    exploration.Network.Predict([.. part.Select(images.PictureOf)], cancellationToken),
                    (index, prediction) => (index, prediction.Best)
                )
                .Where(each => each.Best.Index != images.Labels[each.index]),
        ];

    private JsonObject Mistake(int index, ClassProbability said, CancellationToken cancellationToken)
    {
        Image picture = ImageFile.Fit(images.PictureOf(index), new ImageOptions { Side = Side });
        Heatmap map = exploration.Explain(images.PictureOf(index), "grad-cam", said.Index, cancellation: cancellationToken)[0];
        return new JsonObject
        {
            ["index"] = index,
            ["true"] = images.ClassNames[images.Labels[index]],
            ["said"] = said.Name,
            ["probability"] = said.Probability,
            ["address"] = ExplorerData.Address(picture),
            ["mapped"] = ExplorerData.Address(picture.Blend(map.Place(Side, Side))),
        };
    }
}
