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

    /// <summary>What is explained, in words: "predicted class".</summary>
    public required string Target { get; init; }

    /// <summary>The class explained of each picture; −1 where it is not a single class.</summary>
    public required int[] Classes { get; init; }

    /// <summary>The class predicted for each picture.</summary>
    public required int[] Predictions { get; init; }

    /// <summary>What the model's output means: stated in the options, or derived.</summary>
    public OutputKind Output { get; init; } = OutputKind.Logits;

    /// <summary>What the model put out, N×K, as it is; <see cref="Output"/> says what it means.</summary>
    public required float[,] Logits { get; init; }

    /// <summary>
    /// The maps, N×h×w at the layer's size: unscaled, in the method's own units, signed unless the method's definition cuts at
    /// zero.
    /// </summary>
    public required float[,,] Maps { get; init; }

    /// <summary>Of the library, TorchSharp, libtorch and .NET that made the maps.</summary>
    public IReadOnlyDictionary<string, string> Versions { get; init; } = CurrentVersions;

    /// <summary>
    /// Pictures whose map is zero everywhere: nothing at this layer speaks for what is explained. <see cref="Notes"/> says it in
    /// words.
    /// </summary>
    public IReadOnlyList<int> Blank =>
        [.. Enumerable.Range(0, Maps.GetLength(0)).Where(picture => MapOf(picture).Cast<float>().All(value => value == 0))];

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

    /// <summary>One picture's map, h×w.</summary>
    /// <exception cref="ArgumentOutOfRangeException">There is no such picture.</exception>
    public float[,] MapOf(int picture)
    {
        if (picture < 0 || picture >= Maps.GetLength(0))
        {
            throw new ArgumentOutOfRangeException(
                nameof(picture),
                picture,
                $"There are maps of pictures 0 to {Maps.GetLength(0) - 1}."
            );
        }

        var map = new float[Maps.GetLength(1), Maps.GetLength(2)];
        Buffer.BlockCopy(Maps, picture * map.Length * sizeof(float), map, 0, map.Length * sizeof(float));
        return map;
    }

    /// <summary>
    /// One picture's map to lay over it: enlarged by <see cref="BilinearZoom"/>, then scaled to [0, 1] by
    /// <see cref="MapScaling.MinMax"/>, as pytorch-grad-cam has it.
    /// </summary>
    /// <param name="picture">Which of the N pictures.</param>
    /// <param name="height">Rows of the picture.</param>
    /// <param name="width">Columns of the picture.</param>
    /// <exception cref="ArgumentOutOfRangeException">There is no such picture, or a side is not positive.</exception>
    public float[,] ToHeatMap(int picture, int height = 32, int width = 32) =>
        MapScaling.MinMax(BilinearZoom.Resize(MapOf(picture), height, width));

    /// <summary>
    /// One map of several layers' maps of the same pictures: each scaled to [0, 1], enlarged to the largest of them by
    /// <see cref="BilinearZoom"/>, and averaged. No longer raw. Its layer's name joins theirs by <c>+</c>.
    /// </summary>
    /// <exception cref="ArgumentException">There is no map, or they differ in method, target or pictures.</exception>
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

        int pictures = layers[0].Maps.GetLength(0),
            height = layers.Max(layer => layer.Maps.GetLength(1)),
            width = layers.Max(layer => layer.Maps.GetLength(2));
        var fused = new float[pictures, height, width];
        foreach (Explanation layer in layers)
        {
            for (int picture = 0; picture < pictures; picture++)
            {
                float[,] map = BilinearZoom.Resize(MapScaling.MinMax(layer.MapOf(picture)), height, width);
                for (int i = 0; i < map.Length; i++)
                {
                    fused[picture, i / width, i % width] += map[i / width, i % width] / layers.Count;
                }
            }
        }

        return layers[0] with
        {
            Layer = string.Join('+', layers.Select(layer => layer.Layer)),
            Maps = fused,
        };
    }

    private static string VersionOf(Type type) =>
        type.Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion
        ?? type.Assembly.GetName().Version?.ToString()
        ?? "unknown";
}
