using System.Net;
using System.Text.Json.Nodes;

namespace AttentionLab.Host.Tests.Lessons;

/// <summary>A training cell's live view, in a notebook that is run.</summary>
public sealed class LiveTrainingTests : IDisposable
{
    private readonly Workspace _workspace = new();

    public void Dispose() => _workspace.Dispose();

    [Fact]
    public async Task The_view_is_replaced_in_place_and_the_notebook_does_not_grow_with_the_epochs()
    {
        _workspace.Notebook(
            "training.ipynb",
            $$"""
            #r "{{Workspace.Library}}"
            using AttentionLab.Data; using AttentionLab.Explore; using AttentionLab.Models; using AttentionLab.Training;
            System.Globalization.CultureInfo.CurrentUICulture = System.Globalization.CultureInfo.InvariantCulture;
            var data = ShapeSet.Create(32, 8);
            void Train(int epochs)
            {
                var cnn = new Cnn(data.ClassNames.Count, seed: 1);
                var monitor = new TrainingMonitor(new TrainedNetwork(cnn, data.ClassNames, data.Preprocessing), data.Test.Take(4));
                var live = display("Starting …");
                new Trainer(new TrainingOptions { Epochs = epochs, BatchSize = 16 }).Fit(cnn, data, report =>
                {
                    if (monitor.View(report) is { } view)
                    {
                        live.Update(view);
                    }
                });
            }
            """,
            "Train(2);",
            "Train(6);"
        );

        Assert.True(await _workspace.RunAll() == 0, _workspace.Output + _workspace.Error);

        (string html, int length) = Shown(cell: 3);
        Assert.Matches(
            @"Epoch 6 of 6 · loss \d+\.\d{3} · accuracy \d+\.\d % · [\d,]+ images/s · 0:00 left · test accuracy",
            html
        );
        Assert.Equal(1, html.Split("<img ").Length - 1);
        Assert.InRange(length, 1, 1.3 * Shown(cell: 2).Length); // by a longer curve's pixels
    }

    /// <summary>A cell's only output, which holds the newest view.</summary>
    private (string Html, int Length) Shown(int cell)
    {
        JsonNode output = Assert.Single(_workspace.Outputs("training.ipynb", cell))!;
        Assert.NotNull(output["data"]!["image/png"]);
        return (WebUtility.HtmlDecode((string)output["data"]!["text/html"]!), output.ToJsonString().Length);
    }
}
