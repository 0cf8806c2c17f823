using System.Globalization;
using System.Reflection;
using AttentionLab.Core;
using AttentionLab.Models;
using TorchSharp;

namespace AttentionLab.Explain;

/// <summary>Where a model looked in a batch of N pictures, by one method at one layer: plain numbers.</summary>
public sealed record Explanation
{
    /// <summary>The method's name, in kebab case: <c>grad-cam</c>.</summary>
    public required string Method { get; init; }

    /// <summary>
    /// The layer's path: <c>conv3</c>; <see cref="ActivationExtractor.Input"/> for methods that explain pixels.
    /// </summary>
    public required string Layer { get; init; }

    /// <summary>Where the layer's output has height and width: stated in the options, or found.</summary>
    public SpatialLayout Layout { get; init; } = SpatialLayout.ChannelsFirst;

    /// <summary>What is explained, in words: "predicted class".</summary>
    public required string Target { get; init; }

    /// <summary>The class explained of each picture; −1 where it is not a single class.</summary>
    public required int[] Classes { get; init; }

    /// <summary>The class predicted for each picture.</summary>
    public required int[] Predictions { get; init; }

    /// <summary>What the model's output means: stated in the options, or derived.</summary>
    public OutputKind Output { get; init; } = OutputKind.Logits;

    /// <summary>What the model output, N×K, as it is; <see cref="Output"/> says what it means.</summary>
    public required float[,] Logits { get; init; }

    /// <summary>
    /// A map for each picture, N of one size h×w, the layer's: unscaled, in the method's own units, signed unless the method's
    /// definition cuts at zero.
    /// </summary>
    /// <exception cref="ArgumentException">The list of maps is empty, or they differ in size.</exception>
    public required IReadOnlyList<Heatmap> Maps
    {
        get;
        init
        {
            ArgumentNullException.ThrowIfNull(value);
            field =
                value.Select(map => (map.Height, map.Width)).Distinct().Count() == 1
                    ? [.. value]
                    : throw new ArgumentException("An explanation has one or more maps, all of one size.", nameof(value));
        }
    }

    /// <summary>
    /// The size of the pictures explained, which <see cref="ToHeatMap(int)"/> enlarges a map to; null in files of versions that
    /// did not keep it.
    /// </summary>
    public (int Height, int Width)? InputSize { get; init; }

    /// <summary>Of the library, TorchSharp, libtorch and .NET that made the maps.</summary>
    public IReadOnlyDictionary<string, string> Versions { get; init; } = CurrentVersions;

    /// <summary>
    /// Pictures whose map is zero everywhere: nothing at this layer speaks for what is explained. <see cref="Notes"/> says it in
    /// words.
    /// </summary>
    public IReadOnlyList<int> Blank =>
        [.. Maps.Index().Where(map => map.Item.Range == new ValueRange(0, 0)).Select(map => map.Index)];

    /// <summary>
    /// What the method found worth saying of this run, such as a default layer before a ReLU or an incomplete sum. Part of
    /// <see cref="Notes"/>.
    /// </summary>
    public IReadOnlyList<string> Remarks { get; init; } = [];

    /// <summary>
    /// What a reader of the maps should know: the <see cref="Remarks"/>, and which maps are blank and what to try.
    /// </summary>
    public IReadOnlyList<string> Notes =>
        [
            .. Remarks,
            .. Blank.Select(picture =>
                $"{Method} at {Layer}: the map of picture {picture} is zero everywhere, so nothing there speaks for the "
                + $"{Target}. Try another layer, or a signed map (Rectify = false)."
            ),
        ];

    private static IReadOnlyDictionary<string, string> CurrentVersions { get; } =
        new Dictionary<string, string>
        {
            ["AttentionLab"] = VersionOf(typeof(Explanation)),
            ["TorchSharp"] = VersionOf(typeof(torch)),
            ["libtorch"] = torch.__version__,
            [".NET"] = Environment.Version.ToString(),
        };

    /// <summary>One picture's map, h×w, as the method made it.</summary>
    /// <exception cref="ArgumentOutOfRangeException">There is no such picture.</exception>
    public Heatmap this[int picture] =>
        picture >= 0 && picture < Maps.Count
            ? Maps[picture]
            : throw new ArgumentOutOfRangeException(
                nameof(picture),
                picture,
                $"There are maps of pictures 0 to {Maps.Count - 1}."
            );

    /// <summary>One picture's map to lay over what the network saw, at the size of the pictures explained.</summary>
    /// <inheritdoc cref="ToHeatMap(int, int, int)" path="/remarks"/>
    /// <param name="picture">Which of the N pictures.</param>
    /// <exception cref="ArgumentOutOfRangeException">There is no such picture.</exception>
    /// <exception cref="InvalidOperationException"><see cref="InputSize"/> is not known.</exception>
    public Heatmap ToHeatMap(int picture) =>
        InputSize is var (height, width)
            ? (this[picture] with { Part = null }).Resize(height, width).MinMax()
            : throw new InvalidOperationException(
                "This explanation does not say how large its pictures were: name the size, ToHeatMap(picture, height, width)."
            );

    /// <summary>One picture's map to lay over it: over its part that the network saw, where the map knows it.</summary>
    /// <remarks>
    /// Enlarged by <see cref="Heatmap.Place"/>, then scaled to [0, 1] by <see cref="Heatmap.MinMax()"/>, as pytorch-grad-cam has
    /// it.
    /// </remarks>
    /// <param name="picture">Which of the N pictures.</param>
    /// <param name="height">Rows of the whole picture.</param>
    /// <param name="width">Columns of the whole picture.</param>
    /// <exception cref="ArgumentOutOfRangeException">There is no such picture, or a side is not positive.</exception>
    public Heatmap ToHeatMap(int picture, int height, int width) => this[picture].Place(height, width).MinMax();

    /// <summary>
    /// One map of several layers' maps of the same pictures: each scaled to [0, 1], enlarged to the largest of them by
    /// <see cref="Heatmap.Resize"/>, and averaged. No longer raw. Its layer's name joins theirs by <c>+</c>.
    /// </summary>
    /// <exception cref="ArgumentException">The list of maps is empty, or they differ in method, target or pictures.</exception>
    public static Explanation Fuse(IReadOnlyList<Explanation> layers)
    {
        ArgumentNullException.ThrowIfNull(layers);
        if (
            layers.Count == 0
            || layers.Any(layer =>
                layer.Method != layers[0].Method
                || layer.Target != layers[0].Target
                || !layer.Predictions.SequenceEqual(layers[0].Predictions)
            )
        )
        {
            throw new ArgumentException(
                "Maps to fuse are one method's, of one target and the same pictures, at one or more layers.",
                nameof(layers)
            );
        }

        int height = layers.Max(layer => layer.Maps[0].Height),
            width = layers.Max(layer => layer.Maps[0].Width);
        Explanation fused = layers[0] with
        {
            Layer = string.Join('+', layers.Select(layer => layer.Layer)),
            Maps =
            [
                .. Enumerable
                    .Range(0, layers[0].Maps.Count)
                    .Select(picture => MeanOf([.. layers.Select(layer => layer[picture].MinMax().Resize(height, width))])),
            ],
        };
        return fused.WithNamedMaps();
    }

    /// <summary>The same with maps that say which part of its photograph each covers.</summary>
    internal Explanation WithParts(IReadOnlyList<ImagePart?> parts) =>
        this with
        {
            Maps = [.. Maps.Zip(parts, (map, part) => map with { Part = part })],
        };

    /// <summary>The same with maps that say what they are of: method, layer, and the class of their picture if there is
    /// one.</summary>
    /// <param name="classNames">What the classes are called; null for their numbers.</param>
    internal Explanation WithNamedMaps(IReadOnlyList<string>? classNames = null) =>
        this with
        {
            Maps =
            [
                .. Maps.Select(
                    (map, picture) =>
                        map with
                        {
                            Method = Method,
                            Layer = Layer,
                            Target =
                                Classes[picture] < 0 ? Target
                                : classNames is not null ? classNames[Classes[picture]]
                                : string.Create(CultureInfo.InvariantCulture, $"class {Classes[picture]}"),
                        }
                ),
            ],
        };

    private static Heatmap MeanOf(Heatmap[] maps)
    {
        var mean = new float[maps[0].Length];
        foreach (Heatmap map in maps)
        {
            for (int i = 0; i < mean.Length; i++)
            {
                mean[i] += map.Values[i] / maps.Length;
            }
        }

        return new Heatmap((maps[0].Height, maps[0].Width), mean) { Part = maps[0].Part };
    }

    private static string VersionOf(Type type) =>
        type.Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion
        ?? type.Assembly.GetName().Version?.ToString()
        ?? "unknown";
}
