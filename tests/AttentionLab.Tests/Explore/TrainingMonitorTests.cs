using System.Globalization;
using System.Text.RegularExpressions;
using AttentionLab.Data;
using AttentionLab.Explain;
using AttentionLab.Explore;
using AttentionLab.Imaging;
using AttentionLab.Models;
using AttentionLab.Training;
using Microsoft.DotNet.Interactive.Formatting;
using SkiaSharp;

namespace AttentionLab.Tests.Explore;

[Trait("Kind", "Numeric")]
public sealed class TrainingMonitorTests : IDisposable
{
    private static readonly EpochRecord Record = new(
        2,
        0.5,
        0.75,
        0.6,
        0.625,
        null,
        null,
        0.001,
        TimeSpan.FromSeconds(3),
        1234.4
    );

    private readonly DataSet _set = ShapeSet.Create(32, 8);
    private readonly TrainedNetwork _network;

    public TrainingMonitorTests() => _network = new(new SeCnn(seed: 1), _set.ClassNames, _set.Preprocessing);

    public void Dispose() => _network.Dispose();

    [Fact]
    public void The_maps_after_each_epoch_are_the_librarys_at_that_epochs_weights()
    {
        TrainingMonitor monitor = Monitor(pictures: 2);
        var expected = new List<Explanation>();

        Train(
            _network,
            report =>
            {
                monitor.View(report);
                if (report.Finished is not null)
                {
                    // The same question asked anew.
                    expected.Add(
                        new GradCam().Explain(
                            _network,
                            [_set.Test.PictureOf(0), _set.Test.PictureOf(1)],
                            new() { Target = Target.Classes(_set.Test.Labels[0], _set.Test.Labels[1]) }
                        )[0]
                    );
                }
            }
        );

        Assert.Equal([1, 2, 3], monitor.Epochs.Select(epoch => epoch.Epoch));
        foreach ((ExplorerEpoch epoch, Explanation map) in monitor.Epochs.Zip(expected))
        {
            Assert.Equal(map[0].Values, epoch.Explanations[0][0].Values);
            Assert.Equal(map[1].Values, epoch.Explanations[0][1].Values);
        }

        Assert.NotEqual(expected[0][0].Values.ToArray(), expected[2][0].Values.ToArray());
        Assert.Contains("\"epochs\":[1,2,3]", monitor.Explore().ToDisplayString("text/html"), StringComparison.Ordinal);
    }

    [Fact]
    public void Watching_changes_nothing()
    {
        using var other = new TrainedNetwork(new SeCnn(seed: 1), _set.ClassNames, _set.Preprocessing);
        TrainingMonitor monitor = Monitor(pictures: 2);

        TrainingHistory watched = Train(_network, report => monitor.View(report)),
            alone = Train(other, null);

        Assert.Equal(alone.IterationLosses, watched.IterationLosses);
        Assert.Equal(alone.Epochs.Select(epoch => epoch.TestLoss), watched.Epochs.Select(epoch => epoch.TestLoss));
    }

    [Fact]
    public void A_view_says_the_reports_numbers()
    {
        TrainingMonitor monitor = Monitor(pictures: 1);

        Assert.Equal(
            "Epoch 2 of 5 · loss 0.513 · accuracy 71.9 % · 1,234 images/s · 1:05 left",
            monitor.View(Report(null))!.Status
        );
        TrainingView after = monitor.View(Report(Record))!;
        Assert.Equal(
            "Epoch 2 of 5 · loss 0.513 · accuracy 71.9 % · 1,234 images/s · 1:05 left · test accuracy 62.5 %",
            after.Status
        );
        Assert.Contains(after.Status, after.AltText, StringComparison.Ordinal);
        Assert.Contains(
            "2:03:04 left",
            monitor.View(Report(null) with { TimeLeft = new(2, 3, 4) })!.Status,
            StringComparison.Ordinal
        );

        var chinese = new TrainingMonitor(_network, [.. _set.Test.Take(1)])
        {
            Interval = TimeSpan.Zero,
            Culture = CultureInfo.GetCultureInfo("zh-CN"),
        };
        Assert.Equal(
            "第 2 轮，共 5 轮 · 损失 0.513 · 准确率 71.9 % · 每秒 1,234 幅图片 · 剩余时间 1:05 · 测试准确率 62.5 %",
            chinese.View(Report(Record))!.Status
        );
    }

    [Fact]
    public void The_picture_under_the_numbers_shows_the_last_epochs_maps()
    {
        TrainingMonitor monitor = Monitor(pictures: 1);
        string html = monitor.View(Report(Record))!.ToDisplayString("text/html");

        Match image = Regex.Match(html, "<img width=\"(\\d+)\" height=\"(\\d+)\" .*src=\"data:image/png;base64,([^\"]+)\">");
        using SKBitmap pixels = SKBitmap.Decode(Convert.FromBase64String(image.Groups[3].Value));
        Assert.Equal(
            (2 * int.Parse(image.Groups[1].Value, CultureInfo.InvariantCulture), pixels.Height / 2),
            (pixels.Width, int.Parse(image.Groups[2].Value, CultureInfo.InvariantCulture))
        );

        // The picture with its map, enlarged thrice and drawn at scale 2: its pixels stand somewhere below the curves.
        Explanation map = monitor.Epochs[0].Explanations[0];
        Image blended = _set.Test.PictureOf(0).Blend(map.ToHeatMap(0, 32, 32));
        Assert.True(Contains(pixels, blended, factor: 6), "The map is not where the view draws it.");
    }

    [Fact]
    [Trait("Takes", "long")]
    public void Views_do_not_grow_with_the_epochs()
    {
        TrainingMonitor monitor = Monitor(pictures: 2);
        var bytes = new List<int>();
        Train(
            _network,
            report =>
            {
                if (monitor.View(report) is { } view && report.Finished is not null)
                {
                    bytes.Add(view.ToDisplayString("text/html").Length);
                }
            },
            epochs: 12
        );

        // A longer curve is a little more picture, as another map is.
        Assert.InRange(bytes[^1], 0.7 * bytes[1], 1.3 * bytes[1]);
    }

    [Fact]
    public void Between_two_views_there_is_time_except_after_an_epoch()
    {
        var monitor = new TrainingMonitor(_network, [.. _set.Test.Take(1)]) { Interval = TimeSpan.FromHours(1) };
        Assert.Null(monitor.View(Report(null)));
        Assert.NotNull(monitor.View(Report(Record)));
        Assert.Null(monitor.View(Report(null)));
    }

    [Fact]
    public void What_cannot_be_watched_is_refused()
    {
        Assert.Contains(
            "1 to 12 pictures",
            Assert.Throws<ArgumentException>(() => new TrainingMonitor(_network, [])).Message,
            StringComparison.Ordinal
        );
        Assert.Contains(
            "of class 10, plane",
            Assert
                .Throws<ArgumentException>(() => new TrainingMonitor(_network, [new(_set.Test.PictureOf(0), 10, "plane")]))
                .Message,
            StringComparison.Ordinal
        );
        using var plain = new TrainedNetwork(new Cnn(), _set.ClassNames, _set.Preprocessing);
        Assert.Contains(
            "se-map cannot explain this network",
            Assert.Throws<ArgumentException>(() => new TrainingMonitor(plain, [.. _set.Test.Take(1)], "se-map")).Message,
            StringComparison.Ordinal
        );
        Assert.Throws<InvalidOperationException>(() => Monitor(pictures: 1).Explore());
    }

    private TrainingMonitor Monitor(int pictures) =>
        new(_network, [.. _set.Test.Take(pictures)]) { Interval = TimeSpan.Zero, Culture = CultureInfo.InvariantCulture };

    private TrainingHistory Train(TrainedNetwork network, Action<TrainingProgress>? report, int epochs = 3) =>
        new Trainer(
            new TrainingOptions
            {
                Epochs = epochs,
                BatchSize = 16,
                Device = TorchSharp.torch.CPU,
            }
        ).Fit(network.Module, _set, report, TestContext.Current.CancellationToken);

    private static TrainingProgress Report(EpochRecord? finished) =>
        new(
            2,
            5,
            3,
            4,
            7,
            0.4,
            0.5129,
            0.7188,
            1234.4,
            TimeSpan.FromSeconds(65),
            finished,
            new([], finished is null ? [] : [finished], false, "cpu")
        );

    /// <summary>Whether an enlarged picture stands anywhere in another one.</summary>
    private static bool Contains(SKBitmap all, Image part, int factor)
    {
        for (int y = 0; y + (factor * part.Height) <= all.Height; y++)
        {
            for (int x = 0; x + (factor * part.Width) <= all.Width; x++)
            {
                if (StandsAt(x, y))
                {
                    return true;
                }
            }
        }

        return false;

        bool StandsAt(int left, int top)
        {
            for (int i = 0; i < part.Height * part.Width; i++)
            {
                SKColor color = all.GetPixel(
                    left + (factor * (i % part.Width)) + (factor / 2),
                    top + (factor * (i / part.Width)) + (factor / 2)
                );
                if (color.Red != part.Rgb[3 * i] || color.Green != part.Rgb[(3 * i) + 1] || color.Blue != part.Rgb[(3 * i) + 2])
                {
                    return false;
                }
            }

            return true;
        }
    }
}
