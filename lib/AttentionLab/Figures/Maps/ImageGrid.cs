using AttentionLab.Imaging;

namespace AttentionLab.Figures;

/// <summary>Pictures in rows, each under its caption.</summary>
public sealed class ImageGrid : Figure
{
    private readonly string[] _captions;

    /// <summary>Shows pictures with captions.</summary>
    /// <param name="pictures">Row by row; of any sizes.</param>
    /// <param name="captions">One for each picture, in the same order; null: none.</param>
    /// <exception cref="ArgumentException">The list of pictures is empty, or the number of captions differs from that of the
    /// pictures.</exception>
    public ImageGrid(IReadOnlyList<Image> pictures, IReadOnlyList<string>? captions = null)
    {
        ArgumentNullException.ThrowIfNull(pictures);
        if (pictures.Count == 0)
        {
            throw new ArgumentException("The list of pictures is empty: give at least one.", nameof(pictures));
        }

        if (captions is not null && captions.Count != pictures.Count)
        {
            throw new ArgumentException(
                $"{pictures.Count} pictures need as many captions; there are {captions.Count}.",
                nameof(captions)
            );
        }

        Pictures = [.. pictures];
        _captions = captions is null ? [] : [.. captions];
    }

    /// <summary>The pictures, row by row.</summary>
    public IReadOnlyList<Image> Pictures { get; }

    /// <summary>Their captions; empty when there are none.</summary>
    public IReadOnlyList<string> Captions => [.. _captions.Select(Label)];

    /// <summary>Above all pictures.</summary>
    public string Title
    {
        get => Label(field);
        init;
    } = "";

    /// <summary>How many pictures stand side by side, at least 1.</summary>
    public int Columns
    {
        get;
        init
        {
            ArgumentOutOfRangeException.ThrowIfNegativeOrZero(value);
            field = value;
        }
    } = 8;

    /// <summary>About how wide and high a picture is, in logical pixels.</summary>
    public int TileSize
    {
        get;
        init
        {
            ArgumentOutOfRangeException.ThrowIfNegativeOrZero(value);
            field = value;
        }
    } = 96;

    /// <inheritdoc/>
    public override string AltText
    {
        get
        {
            string names =
                Captions.Count > 0
                    ? FigureText.And.Join(Culture, Captions.Select(c => c.ReplaceLineEndings(" ")).Distinct())
                    : Title;
            return names.Length > 0
                ? FigureText.PicturesAlt.In(Culture, Pictures.Count, names)
                : FigureText.UnnamedPicturesAlt.In(Culture, Pictures.Count);
        }
    }

    private protected override Drawing Compose() =>
        new TileGrid(
            [.. Pictures.Select((p, i) => new Tile(p, _captions.Length > 0 ? Label(_captions[i]) : ""))],
            Columns,
            TileSize,
            12,
            Title
        ).Compose();
}
