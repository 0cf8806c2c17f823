using System.Runtime.InteropServices;
using System.Text.Json.Nodes;
using AttentionLab.Core;
using AttentionLab.Data;
using AttentionLab.Explain;
using AttentionLab.Explore;
using AttentionLab.Imaging;
using AttentionLab.Models;
using Microsoft.DotNet.Interactive.Formatting;
using SkiaSharp;

namespace AttentionLab.Tests.Explore;

[Trait("Kind", "Numeric")]
public sealed class ExplorerTests : IDisposable
{
    private readonly DataSet _set = ShapeSet.Create(1, 4);
    private readonly TrainedNetwork _network;

    public ExplorerTests() => _network = new(Fixture.WithFormulaWeights(new SeCnn()), _set.ClassNames, _set.Preprocessing);

    public void Dispose() => _network.Dispose();

    [Fact]
    public void What_travels_is_the_librarys_map_to_the_last_bit()
    {
        JsonNode data = DataOf(new Explorer(_network, _set.Test.Take(2), new() { Methods = ["grad-cam", "gradients"] }));

        Assert.Equal(["grad-cam", "gradients"], Maps(data).Select(map => (string)map["method"]!).Distinct());
        foreach (JsonNode map in Maps(data))
        {
            int picture = (int)map["picture"]!;
            Explanation expected = new Exploration(_network).Explain(
                _set.Test.PictureOf(picture),
                (string)map["method"]!,
                (int)map["class"]!,
                (string)map["layer"]! == ActivationExtractor.Input ? null : (string)map["layer"]!
            );
            Assert.Equal(expected.Layer, (string)map["layer"]!);
            Assert.Equal(expected[0].Values, Floats((string)data["values"]![(int)map["values"]!]!));
        }

        // Six digits of each probability travel.
        Prediction prediction = _network.Predict(_set.Test.PictureOf(1));
        JsonArray probabilities = data["pictures"]![1]!["probabilities"]![0]!.AsArray();
        Assert.All(prediction.Classes, each => Assert.Equal(each.Probability, (double)probabilities[each.Index]!, 0.5e-6));
    }

    [Fact]
    public void A_channels_steps_are_within_half_a_step()
    {
        JsonNode data = DataOf(
            new Explorer(
                _network,
                _set.Test.Take(1),
                new()
                {
                    Methods = ["channels"],
                    Layers = ["conv3"],
                    Channels = 2,
                }
            )
        );

        IReadOnlyList<ChannelMap> expected = new Exploration(_network).Channels(_set.Test.PictureOf(0), "conv3", 2);
        JsonArray channels = Assert.Single(data["channels"]!.AsArray())!["maps"]!.AsArray();
        Assert.Equal(expected.Select(channel => channel.Channel), channels.Select(channel => (int)channel!["channel"]!));
        foreach ((ChannelMap channel, JsonNode? json) in expected.Zip(channels))
        {
            ushort[] steps = [.. MemoryMarshal.Cast<byte, ushort>(Convert.FromBase64String((string)json!["steps"]!))];
            double step = ((double)channel.Map.Max - channel.Map.Min) / ushort.MaxValue;
            Assert.All(
                steps.Zip(channel.Map.Values.ToArray()),
                // Half a step, and the rounding of a product and a sum in double precision.
                pair => Assert.Equal(pair.Second, channel.Map.Min + (pair.First * step), 0.5001 * step)
            );
        }
    }

    [Fact]
    public void A_map_that_no_class_changes_travels_once()
    {
        JsonNode data = DataOf(new Explorer(_network, _set.Test.Take(2), new() { Methods = ["eigen-cam"], Layers = ["ca3"] }));

        Assert.Equal(3 * 2, Maps(data).Length);
        Assert.Equal(2, data["values"]!.AsArray().Count);
    }

    [Fact]
    public void The_true_class_can_always_be_asked_for()
    {
        JsonNode data = DataOf(
            new Explorer(
                _network,
                _set.Test,
                new()
                {
                    Methods = ["grad-cam"],
                    Layers = ["ca3"],
                    Classes = 2,
                }
            )
        );

        for (int n = 0; n < _set.Test.Count; n++)
        {
            int[] classes = [.. Maps(data).Where(map => (int)map["picture"]! == n).Select(map => (int)map["class"]!)];
            Assert.Contains(_set.Test.Labels[n], classes);
            Assert.Equal(2, classes.Length);
        }
    }

    [Fact]
    public void Checkpoints_are_epochs()
    {
        using var later = new TrainedNetwork(Fixture.WithFormulaWeights(new SeCnn(), 2), _set.ClassNames, _set.Preprocessing);
        JsonNode data = DataOf(
            new Explorer(
                [(1, _network), (5, later)],
                _set.Test.Take(1),
                new()
                {
                    Methods = ["grad-cam"],
                    Layers = ["ca3"],
                    Classes = 1,
                }
            )
        );

        Assert.Equal([1, 5], data["epochs"]!.AsArray().Select(epoch => (int)epoch!));
        Assert.Equal([0, 1], Maps(data).Select(map => (int)map["epoch"]!));
        int best = later.Predict(_set.Test.PictureOf(0)).Best.Index;
        Assert.All(Maps(data), map => Assert.Equal(best, (int)map["class"]!));
        Assert.Equal(
            new Exploration(_network).Explain(_set.Test.PictureOf(0), "grad-cam", best, "ca3")[0].Values,
            Floats((string)data["values"]![0]!)
        );
    }

    [Fact]
    public void Maps_that_are_given_are_shown_with_their_part_of_the_photograph()
    {
        var photograph = new Image(40, 60, new byte[40 * 60 * 3]);
        Heatmap map = new float[,]
        {
            { 0, 1 },
            { 2, 3 },
        };
        Explanation one = new()
        {
            Method = "mine",
            Layer = "layer",
            Target = "class 0",
            Classes = [0],
            Predictions = [1],
            Logits = new float[,]
            {
                { 0, 1 },
            },
            Maps = [map with { Part = new ImagePart(0, 10, 40, 40, 40, 60) }],
        };
        JsonNode data = DataOf(new Explorer([new ExplorerEpoch(3, [one])], [photograph], ["a", "b"]));

        Assert.Equal([0.0, 10, 40, 40], Maps(data)[0]["part"]!.AsArray().Select(side => (double)side!));
        Assert.Equal(1 / (1 + Math.E), (double)data["pictures"]![0]!["probabilities"]![0]![0]!, 0.5e-6);
    }

    [Fact]
    public void A_notebook_gets_html_first_and_the_picture_inside_it()
    {
        var explorer = new Explorer(_network, _set.Test.Take(2), new() { Methods = ["grad-cam"], Channels = 0 })
        {
            Culture = System.Globalization.CultureInfo.InvariantCulture,
        };
        string html = explorer.ToDisplayString("text/html");

        Assert.Equal(["text/html", "image/png", "text/plain"], Formatter.GetPreferredMimeTypesFor(typeof(Explorer)));
        Assert.Contains($"src=\"data:image/png;base64,{explorer.ToDisplayString("image/png")}\"", html, StringComparison.Ordinal);
        Assert.DoesNotContain("http", html, StringComparison.Ordinal);
        Assert.DoesNotContain("import ", html, StringComparison.Ordinal);
        Assert.Equal("Explorer of pictures (2): maps by grad-cam at ca1, ca2, ca3.", explorer.AltText);
        using SKBitmap bitmap = SKBitmap.Decode(explorer.ToPng());
        Assert.True(bitmap.Width > 100);
        Assert.Equal(html, explorer.ToDisplayString("text/html"));
    }

    [Fact]
    public void Names_cannot_break_out_of_the_script()
    {
        string[] names = [.. Enumerable.Range(0, 10).Select(k => $"</script><b>{k}'\"")];
        using var network = new TrainedNetwork(Fixture.WithFormulaWeights(new SeCnn()), names, _set.Preprocessing);
        string html = new Explorer(network, [_set.Test.PictureOf(0)], new() { Methods = ["grad-cam"] }).ToDisplayString(
            "text/html"
        );

        Assert.Equal(2, html.Split("</script>").Length);
    }

    [Fact]
    public void What_cannot_be_shown_is_told()
    {
        Assert.Contains("1 to 24 pictures, and 0", Message(() => new Explorer(_network, _set.Test.Take(0))));
        Assert.Contains("1 to 24 pictures, and 25", Message(() => new Explorer(_network, ShapeSet.Create(1, 25).Test)));
        Assert.Contains("'grad' is not a known method", Message(() => Of(new() { Methods = ["grad"] })));
        Assert.Contains("at least one method", Message(() => Of(new() { Methods = [] })));
        Assert.Contains("no layer 'conv9'", Message(() => Of(new() { Layers = ["conv9"] })));
        Assert.Contains("no height and width", Message(() => Of(new() { Layers = ["fc1"], Methods = ["grad-cam"] })));
        Assert.Contains(
            "1.5 are the most",
            Message(() =>
                new Explorer(
                    _network,
                    ShapeSet.Create(1, 24).Test,
                    new()
                    {
                        Methods = ["grad-cam"],
                        Layers = ["conv?"],
                        Channels = 32,
                    }
                )
            )
        );

        Explorer Of(ExplorerOptions options) => new(_network, _set.Test.Take(1), options);
        static string Message(Func<Explorer> make) => Assert.ThrowsAny<ArgumentException>(make).Message;
    }

    private static JsonNode[] Maps(JsonNode data) => [.. data["maps"]!.AsArray().Select(map => map!)];

    private static float[] Floats(string base64) => [.. MemoryMarshal.Cast<byte, float>(Convert.FromBase64String(base64))];

    /// <summary>The data in a cell's script.</summary>
    private static JsonNode DataOf(Explorer explorer)
    {
        string call = explorer
            .ToDisplayString("text/html")
            .Split('\n')
            .Single(line => line.StartsWith("startCells", StringComparison.Ordinal));
        string json = call[
            (call.IndexOf('{', StringComparison.Ordinal))..(call.LastIndexOf("}, \"", StringComparison.Ordinal) + 1)
        ];
        return JsonNode.Parse(json)!;
    }
}
