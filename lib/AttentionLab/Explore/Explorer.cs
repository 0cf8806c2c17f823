using System.Text;
using System.Text.Json.Nodes;
using AttentionLab.Data;
using AttentionLab.Explain;
using AttentionLab.Figures;
using AttentionLab.Imaging;
using AttentionLab.Models;

namespace AttentionLab.Explore;

/// <summary>
/// An interactive figure in a cell: choose a picture, a class, a method, a layer and an epoch, compare two methods across a
/// divider, point at a pixel for its values. All data are inside, so that it needs neither a kernel nor the internet: in VS Code,
/// Jupyter, an exported page, a saved notebook. Where scripts are blocked its picture is shown.
/// </summary>
/// <remarks>
/// <code>
/// new Explorer(network, data.Test.Take(6))
/// </code>
/// Everything is computed by the constructor; the network may be disposed afterwards. At most 1.5 MB:
/// <see cref="ExplorerOptions"/> says what is computed.
/// </remarks>
[TypeFormatterSource(
    typeof(FigureFormatterSource),
    PreferredMimeTypes = [FigureFormatterSource.Html, FigureFormatterSource.Png, FigureFormatterSource.Text],
    HtmlNeedsPlotly = false
)]
public sealed class Explorer : Figure
{
    private const int MostBytes = 1_500_000,
        MostPictures = 24,
        MostRows = 4,
        MostColumns = 6;

    private readonly IReadOnlyList<ExplorerEpoch> _epochs;
    private readonly IReadOnlyList<Image> _pictures;
    private readonly IReadOnlyList<string> _classNames;
    private readonly IReadOnlyList<int>? _labels;

    /// <summary>Explores what a network sees in pictures of any size.</summary>
    /// <param name="network">Is asked here and not kept.</param>
    /// <param name="pictures">1 to 24.</param>
    /// <param name="options">What is computed.</param>
    /// <exception cref="ArgumentException">There are no or too many pictures, a method or layer is unknown, or the network has no
    /// layer with height and width for a method that needs one; or the figure would exceed 1.5 MB.</exception>
    /// <exception cref="InvalidDataException">The network's weights are broken.</exception>
    /// <exception cref="OperationCanceledException">It was stopped.</exception>
    public Explorer(TrainedNetwork network, IReadOnlyList<Image> pictures, ExplorerOptions? options = null)
        : this([(0, network)], pictures, null, options) { }

    /// <summary>Explores what a network sees in pictures whose class is known.</summary>
    /// <inheritdoc cref="Explorer(TrainedNetwork, IReadOnlyList{Image}, ExplorerOptions)"/>
    public Explorer(TrainedNetwork network, IReadOnlyList<LabeledImage> pictures, ExplorerOptions? options = null)
        : this([(0, network)], PicturesOf(pictures), LabelsOf(pictures), options) { }

    /// <summary>Explores several states of a network, such as its checkpoints: a slider chooses the epoch.</summary>
    /// <param name="checkpoints">Each with the number of its epoch, which rises; the last one decides which classes can be asked
    /// for.</param>
    /// <param name="pictures">1 to 24.</param>
    /// <param name="options">What is computed.</param>
    /// <inheritdoc cref="Explorer(TrainedNetwork, IReadOnlyList{Image}, ExplorerOptions)" path="/exception"/>
    public Explorer(
        IReadOnlyList<(int Epoch, TrainedNetwork Network)> checkpoints,
        IReadOnlyList<LabeledImage> pictures,
        ExplorerOptions? options = null
    )
        : this(checkpoints, PicturesOf(pictures), LabelsOf(pictures), options) { }

    /// <summary>Shows maps that are computed already.</summary>
    /// <param name="epochs">At least one, in rising order; all of the same pictures.</param>
    /// <param name="pictures">The pictures explained, in the order of the explanations' maps; 1 to 24.</param>
    /// <param name="classNames">In the order of the outputs.</param>
    /// <exception cref="ArgumentException">There is nothing to show, an explanation has another number of maps than there are
    /// pictures, or the figure would exceed 1.5 MB.</exception>
    public Explorer(IReadOnlyList<ExplorerEpoch> epochs, IReadOnlyList<Image> pictures, IReadOnlyList<string> classNames)
        : this(epochs, pictures, classNames, null) { }

    /// <summary>Shows maps that are computed already, of pictures whose class is known.</summary>
    internal Explorer(IReadOnlyList<ExplorerEpoch> epochs, IReadOnlyList<LabeledImage> pictures, IReadOnlyList<string> classNames)
        : this(epochs, PicturesOf(pictures), classNames, LabelsOf(pictures)) { }

    private Explorer(
        IReadOnlyList<(int Epoch, TrainedNetwork Network)> checkpoints,
        IReadOnlyList<Image> pictures,
        IReadOnlyList<int>? labels,
        ExplorerOptions? options
    )
        : this(
            ExplorerComputation.Of(checkpoints, CheckedPictures(pictures), labels, options ?? new ExplorerOptions()),
            pictures,
            checkpoints[^1].Network.ClassNames,
            labels
        ) { }

    private Explorer(
        IReadOnlyList<ExplorerEpoch> epochs,
        IReadOnlyList<Image> pictures,
        IReadOnlyList<string> classNames,
        IReadOnlyList<int>? labels
    )
    {
        ArgumentNullException.ThrowIfNull(epochs);
        ArgumentNullException.ThrowIfNull(classNames);
        CheckedPictures(pictures);
        if (epochs.Count == 0 || epochs.Any(epoch => epoch.Explanations.Count == 0))
        {
            throw new ArgumentException("An explorer shows at least one explanation of each epoch.", nameof(epochs));
        }

        if (epochs.SelectMany(epoch => epoch.Explanations).FirstOrDefault(one => one.Maps.Count != pictures.Count) is { } other)
        {
            throw new ArgumentException(
                $"{other.Method} at {other.Layer} has maps of {other.Maps.Count} pictures, and {pictures.Count} are given: give "
                    + "those that were explained, in the same order.",
                nameof(pictures)
            );
        }

        _epochs = [.. epochs];
        _pictures = [.. pictures.Select(picture => ImageFile.Within(picture, ExplorerData.LongestSide))];
        _classNames = [.. classNames];
        _labels = labels;
        int bytes = Encoding.UTF8.GetByteCount(ToOwnHtml());
        if (bytes > MostBytes)
        {
            throw new ArgumentException(
                $"The explorer would take {bytes / 1e6:0.0} MB in the notebook, and {MostBytes / 1e6:0.0} are the most: name fewer "
                    + "pictures, methods, layers, classes or channels."
            );
        }
    }

    /// <inheritdoc/>
    public override string AltText =>
        ExplorerText.Alt.In(
            Culture,
            _pictures.Count,
            FigureText.And.Join(Culture, First.Select(one => one.Method).Distinct()),
            FigureText.And.Join(Culture, First.Select(one => one.Layer).Distinct())
        );

    /// <inheritdoc/>
    public override IReadOnlyList<string> FileExtensions => [Html, Png];

    private IReadOnlyList<Explanation> First => _epochs[^1].Explanations;

    internal override string ToOwnHtml() => ExplorerHtml.Cell(ExplorerData.ForScript(Data()), ToPng(), AltText);

    private protected override byte[] Encode(string extension) =>
        extension == Html
            ? Encoding.UTF8.GetBytes(ExplorerHtml.Page(ToOwnHtml(), AltText, Culture.TwoLetterISOLanguageName))
            : ToPng();

    /// <summary>The first pictures under the first methods, each at its last layer, for the predicted class.</summary>
    private protected override Drawing Compose()
    {
        Explanation[] columns = [.. First.GroupBy(one => one.Method).Take(MostColumns).Select(group => DefaultOf([.. group]))];
        IEnumerable<ImageWithMaps> rows = _pictures
            .Take(MostRows)
            .Select(
                (picture, n) =>
                    new ImageWithMaps(
                        picture,
                        _labels is null ? null : NameOf(_labels[n]),
                        NameOf(columns[0].Predictions[n]),
                        [.. columns.Select(one => new MapPanel(one[n].Place(picture.Height, picture.Width).MinMax()))]
                    )
            );
        string[] names = [.. columns.Select(one => $"{one.Method}\n{one.Layer}")];
        return new MethodGrid(names, [.. rows]) { Culture = Culture }.Draw();
    }

    /// <summary>A method's last layer, for the most probable class where several were explained.</summary>
    private static Explanation DefaultOf(IReadOnlyList<Explanation> ofMethod) =>
        ofMethod.First(one => one.Layer == ofMethod[^1].Layer);

    private string NameOf(int index) => index < _classNames.Count ? _classNames[index] : $"output {index}";

    private JsonObject Data()
    {
        var values = new List<string>(); // a map that is the same for every class travels once
        var places = new Dictionary<string, int>();
        JsonObject[] maps =
        [
            .. from e in Enumerable.Range(0, _epochs.Count)
            from one in _epochs[e].Explanations
            from n in Enumerable.Range(0, _pictures.Count)
            select MapOf(e, one, n, values, places),
        ];
        return new JsonObject
        {
            ["words"] = new JsonObject(
                ExplorerText.Of(Culture).Select(word => KeyValuePair.Create(word.Key, (JsonNode?)word.Value))
            ),
            ["colors"] = ExplorerData.Colors(),
            ["classes"] = new JsonArray([.. _classNames.Select(name => JsonValue.Create(name))]),
            ["epochs"] = new JsonArray([.. _epochs.Select(epoch => JsonValue.Create(epoch.Epoch))]),
            ["pictures"] = new JsonArray([.. Enumerable.Range(0, _pictures.Count).Select(PictureOf)]),
            ["maps"] = new JsonArray([.. maps]),
            ["values"] = new JsonArray([.. values.Select(value => JsonValue.Create(value))]),
            ["channels"] = new JsonArray([.. ChannelsOf()]),
        };
    }

    private JsonObject PictureOf(int n)
    {
        Image picture = _pictures[n];
        return new JsonObject
        {
            ["address"] = ExplorerData.Address(picture),
            ["height"] = picture.Height,
            ["width"] = picture.Width,
            ["label"] = _labels?[n],
            ["probabilities"] = new JsonArray([
                .. _epochs.Select(epoch =>
                {
                    Explanation one = epoch.Explanations[0];
                    float[] output = [.. Enumerable.Range(0, one.Logits.GetLength(1)).Select(k => one.Logits[n, k])];
                    return ExplorerData.Probabilities(one.Output, output);
                }),
            ]),
        };
    }

    private JsonObject MapOf(int epoch, Explanation one, int n, List<string> values, Dictionary<string, int> places)
    {
        JsonObject map = ExplorerData.Map(one[n], _pictures[n].Height, _pictures[n].Width);
        string text = ExplorerData.Floats(one[n]);
        if (!places.TryGetValue(text, out int place))
        {
            places[text] = place = values.Count;
            values.Add(text);
        }

        map["values"] = place;
        map["epoch"] = epoch;
        map["picture"] = n;
        map["class"] = one.Classes[n];
        map["method"] = one.Method;
        map["layer"] = one.Layer;
        return map;
    }

    private IEnumerable<JsonObject> ChannelsOf() =>
        from e in Enumerable.Range(0, _epochs.Count)
        from layer in _epochs[e].Channels
        from n in Enumerable.Range(0, Math.Min(_pictures.Count, layer.Value.Count))
        select new JsonObject
        {
            ["epoch"] = e,
            ["picture"] = n,
            ["layer"] = layer.Key,
            ["maps"] = new JsonArray([.. layer.Value[n].Select(ExplorerData.Channel)]),
        };

    private static IReadOnlyList<Image> PicturesOf(IReadOnlyList<LabeledImage> pictures)
    {
        ArgumentNullException.ThrowIfNull(pictures);
        ThrowUnlessShowable(pictures.Count);
        return [.. pictures.Select(each => each.Picture)];
    }

    private static IReadOnlyList<int> LabelsOf(IReadOnlyList<LabeledImage> pictures) => [.. pictures.Select(each => each.Label)];

    private static IReadOnlyList<Image> CheckedPictures(IReadOnlyList<Image> pictures)
    {
        ArgumentNullException.ThrowIfNull(pictures);
        ThrowUnlessShowable(pictures.Count);
        return pictures;
    }

    private static void ThrowUnlessShowable(int pictures)
    {
        if (pictures is 0 or > MostPictures)
        {
            throw new ArgumentException(
                $"An explorer shows 1 to {MostPictures} pictures, and {pictures} were given: choose some, such as "
                    + "data.Test.Take(6).",
                nameof(pictures)
            );
        }
    }
}
