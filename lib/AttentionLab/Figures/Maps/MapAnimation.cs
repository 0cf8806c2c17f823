using System.Globalization;
using AttentionLab.Core;
using AttentionLab.Imaging;

namespace AttentionLab.Figures;

/// <summary>
/// How the maps of fixed pictures move while a network learns: a PNG that moves (APNG), which every browser and notebook plays,
/// over and over. What shows no motion shows the last frame. Each frame has its epoch under the title.
/// </summary>
public sealed class MapAnimation : MapFigure
{
    private readonly MapFrame[] _frames;

    /// <summary>Makes the animation.</summary>
    /// <param name="pictures">The pictures, the same in all frames.</param>
    /// <param name="frames">In the order in which they are shown, each with one map for each picture.</param>
    /// <exception cref="ArgumentException">
    /// The list of pictures or of frames is empty, a frame has another number of maps or captions, or a map is not of its
    /// picture's size.
    /// </exception>
    public MapAnimation(IReadOnlyList<Image> pictures, params IReadOnlyList<MapFrame> frames)
        : base(tileSize: 128)
    {
        ArgumentNullException.ThrowIfNull(pictures);
        ArgumentNullException.ThrowIfNull(frames);
        if (pictures.Count == 0 || frames.Count == 0)
        {
            throw new ArgumentException(
                $"An animation needs a picture and a frame; there are {pictures.Count} and {frames.Count}.",
                pictures.Count == 0 ? nameof(pictures) : nameof(frames)
            );
        }

        foreach (MapFrame frame in frames)
        {
            if (frame.Maps.Count != pictures.Count || (frame.Captions.Count > 0 && frame.Captions.Count != pictures.Count))
            {
                throw new ArgumentException(
                    $"The frame of epoch {frame.Epoch} has {frame.Maps.Count} maps and {frame.Captions.Count} captions for "
                        + $"{pictures.Count} pictures: one for each, or no caption.",
                    nameof(frames)
                );
            }

            for (int i = 0; i < pictures.Count; i++)
            {
                HeatmapImage.ThrowUnlessFits(frame.Maps[i], pictures[i], nameof(frames));
            }
        }

        Pictures = [.. pictures];
        _frames = [.. frames];
    }

    /// <summary>The pictures.</summary>
    public IReadOnlyList<Image> Pictures { get; }

    /// <summary>The frames, the first one first.</summary>
    public IReadOnlyList<MapFrame> Frames => _frames;

    /// <summary>How long a frame is shown; the last one three times as long. At least 0.02 s, at most a minute.</summary>
    /// <exception cref="ArgumentOutOfRangeException">It is shorter or longer.</exception>
    public TimeSpan FrameTime
    {
        get;
        init =>
            field = value.TotalSeconds is >= 0.02 and <= 60
                ? value
                : throw new ArgumentOutOfRangeException(nameof(value), value, "A frame is shown for 0.02 to 60 seconds.");
    } = TimeSpan.FromSeconds(0.7);

    /// <summary>
    /// Each map on its own scale shows where; one scale for all frames (<see cref="MapScale.Common"/>) shows how much, too.
    /// </summary>
    public MapScale Scale { get; init; } = MapScale.Own;

    /// <summary>How many pictures stand side by side, at least 1.</summary>
    public int Columns
    {
        get;
        init
        {
            ArgumentOutOfRangeException.ThrowIfNegativeOrZero(value);
            field = value;
        }
    } = 6;

    /// <inheritdoc/>
    public override IReadOnlyList<string> FileExtensions => [Png, Apng, Gif];

    /// <inheritdoc/>
    public override string AltText => FigureText.AnimationAlt.In(Culture, Pictures.Count, _frames[0].Epoch, _frames[^1].Epoch);

    /// <summary>
    /// The frames to step through by mouse or arrow keys, as HTML without a script, to show in a notebook:
    /// <c>display(HTML(animation.ToHtml()))</c>. Where HTML is not shown, the moving PNG stands in.
    /// </summary>
    public string ToHtml()
    {
        Drawing[] drawings = FrameDrawings();
        return FrameSteps.ToHtml(
            [
                .. drawings.Zip(
                    _frames,
                    (drawing, frame) =>
                        (
                            Rasterize(drawing, scale: 1),
                            frame.Epoch.ToString(CultureInfo.InvariantCulture),
                            FigureText.EpochNumber.In(Culture, frame.Epoch)
                        )
                ),
            ],
            AltText,
            (int)Math.Ceiling(drawings[0].Width)
        );
    }

    private protected override byte[] Render(double scale)
    {
        IReadOnlyList<(byte[] Png, TimeSpan Time)> frames = RenderFrames(scale);
        return AnimatedPng.Join(frames[^1].Png, frames);
    }

    private protected override byte[] Encode(string extension) =>
        extension == Gif ? AnimatedGif.Join(RenderFrames(scale: 2)) : base.Encode(extension);

    private (byte[] Png, TimeSpan Time)[] RenderFrames(double scale)
    {
        Drawing[] drawings = FrameDrawings();
        return
        [
            .. drawings.Select((drawing, i) => (Rasterize(drawing, scale), i == drawings.Length - 1 ? 3 * FrameTime : FrameTime)),
        ];
    }

    private protected override Drawing Compose() => FrameDrawings()[^1];

    // Captions may wrap in one frame and not in another: all frames are as large as the largest.
    private Drawing[] FrameDrawings()
    {
        ValueRange? range = Scale.RangeOf([.. _frames.SelectMany(frame => frame.Maps)]);
        Drawing[] drawings =
        [
            .. _frames.Select(frame =>
            {
                string epoch = FigureText.EpochNumber.In(Culture, frame.Epoch);
                Tile[] tiles =
                [
                    .. Pictures.Select(
                        (picture, i) =>
                            new Tile(
                                picture.Blend(frame.Maps[i], ColorMap, Opacity, range),
                                frame.Captions.Count > 0 ? frame.Captions[i] : ""
                            )
                    ),
                ];
                return new TileGrid(
                    tiles,
                    Columns,
                    TileSize,
                    12,
                    Title.Length > 0 ? $"{Title}\n{epoch}" : epoch,
                    Scale.Note(Culture),
                    Scale.Bar(ColorMap, range, Culture)
                ).Compose();
            }),
        ];
        return
        [
            .. drawings.Select(drawing =>
                drawing with
                {
                    Width = drawings.Max(d => d.Width),
                    Height = drawings.Max(d => d.Height),
                }
            ),
        ];
    }
}
