using System.Buffers.Binary;
using System.Globalization;
using System.Net;
using AttentionLab.Data;
using AttentionLab.Explain;
using AttentionLab.Figures;
using AttentionLab.Imaging;
using AttentionLab.Training;
using SkiaSharp;

namespace AttentionLab.Explore;

/// <summary>
/// A training at a moment: epoch, loss, accuracy, images a second and time left in a line, the curves of the epochs so far, and
/// the maps of a few pictures after the last of them. <see cref="TrainingMonitor"/> makes one after the other, each of about the
/// same size, for a cell that shows the newest.
/// </summary>
[TypeFormatterSource(
    typeof(FigureFormatterSource),
    PreferredMimeTypes = [FigureFormatterSource.Html, FigureFormatterSource.Png, FigureFormatterSource.Text],
    HtmlNeedsPlotly = false
)]
public sealed class TrainingView : Figure
{
    private const int LongestSide = 256,
        TileSize = 96,
        TilesInRow = 8;
    private const float Margin = 12,
        StatusSize = 15,
        Width = 932; // of the curves

    private readonly TrainingProgress _report;
    private readonly EpochRecord[] _epochs;
    private readonly IReadOnlyList<Tile> _tiles;

    internal TrainingView(
        TrainingProgress report,
        IReadOnlyList<LabeledImage> pictures,
        ExplorerEpoch? seen,
        IReadOnlyList<string> classNames
    )
    {
        _report = report;
        _epochs = [.. report.History.Epochs];
        _tiles = seen is null ? [] : [.. pictures.SelectMany((each, n) => TilesOf(each, n, seen.Explanations[^1], classNames))];
    }

    /// <summary>The numbers in a line. Loss and accuracy are the epoch's means so far, in train mode and augmented.</summary>
    public string Status
    {
        get
        {
            string line = ExplorerText.Status.In(
                Culture,
                _report.Epoch,
                _report.Epochs,
                Invariant($"{_report.RunningLoss:0.000}"),
                Invariant($"{100 * _report.RunningAccuracy:0.0}"),
                Invariant($"{_report.ImagesPerSecond:#,0}"),
                _report.TimeLeft.ToString(_report.TimeLeft.TotalHours < 1 ? @"m\:ss" : @"h\:mm\:ss", CultureInfo.InvariantCulture)
            );
            return _report.Finished is { } last
                ? line + ExplorerText.TestStatus.In(Culture, Invariant($"{100 * last.TestAccuracy:0.0}"))
                : line;
        }
    }

    /// <inheritdoc/>
    public override string AltText => _epochs.Length == 0 ? Status : $"{Status} {Curves().AltText}";

    /// <summary>Words as words; the picture has its size before it is decoded, so that nothing moves when the next view
    /// comes.</summary>
    internal override string ToOwnHtml()
    {
        string words = $"<p style=\"margin:0.2em 0\"><strong>{WebUtility.HtmlEncode(Status)}</strong></p>";
        if (_epochs.Length == 0)
        {
            return words;
        }

        byte[] png = Rasterize(Below([]), 2);
        int width = BinaryPrimitives.ReadInt32BigEndian(png.AsSpan(16)) / 2,
            height = BinaryPrimitives.ReadInt32BigEndian(png.AsSpan(20)) / 2; // of its header
        return $"<div>{words}<img width=\"{width}\" height=\"{height}\" decoding=\"sync\" style=\"max-width:100%;height:auto\" "
            + $"alt=\"{WebUtility.HtmlEncode(Curves().AltText)}\" src=\"data:image/png;base64,{Convert.ToBase64String(png)}\"></div>";
    }

    private protected override Drawing Compose()
    {
        var status = new TextBlock(Status, StatusSize, Width - (2 * Margin));
        return Below([
            new Drawing(
                Width,
                status.Height + Margin,
                canvas => status.Draw(canvas, Margin, Margin / 2, SKColors.Black, SKTextAlign.Left)
            ),
        ]);
    }

    /// <summary>Some drawings, then curves and maps, one below the other.</summary>
    private Drawing Below(IReadOnlyList<Drawing> first)
    {
        Drawing[] all =
        [
            .. first,
            .. _epochs.Length == 0 ? Array.Empty<Drawing>() : [Curves().Draw()],
            .. _tiles.Count == 0 ? Array.Empty<Drawing>() : [Maps()],
        ];
        return new Drawing(
            all.Max(drawing => drawing.Width),
            all.Sum(drawing => drawing.Height),
            canvas =>
            {
                canvas.Save();
                foreach (Drawing drawing in all)
                {
                    drawing.Draw(canvas);
                    canvas.Translate(0, drawing.Height);
                }

                canvas.Restore();
            }
        );
    }

    private ChartPanels Curves() => TrainingCharts.Epochs(_epochs, Culture);

    /// <summary>Each picture with its map right of it.</summary>
    private Drawing Maps() =>
        new TileGrid(
            [.. _tiles],
            TilesInRow,
            TileSize,
            12,
            FigureText.EpochNumber.In(Culture, _epochs[^1].Epoch),
            FigureText.OwnScale.In(Culture)
        ).Compose();

    private static IEnumerable<Tile> TilesOf(LabeledImage each, int n, Explanation explanation, IReadOnlyList<string> classNames)
    {
        Image picture = ImageFile.Within(each.Picture, LongestSide);
        yield return new Tile(picture, each.ClassName);
        yield return new Tile(
            picture.Blend(explanation.ToHeatMap(n, picture.Height, picture.Width)),
            classNames[explanation.Predictions[n]]
        );
    }

    private static string Invariant(FormattableString text) => FormattableString.Invariant(text);
}
