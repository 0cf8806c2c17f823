using System.Text.Json;
using System.Text.Json.Serialization;
using AttentionLab.Core;
using AttentionLab.Models;
using TorchSharp;
using static TorchSharp.torch;

namespace AttentionLab.Explain;

/// <summary>
/// Explanations of one batch in one safetensors file: <c>logits</c> (N×K), <c>pred</c> (N), and for each method and layer
/// <c>METHOD/LAYER</c>, the raw maps N×h×w, and <c>METHOD/LAYER/classes</c> (N). Targets and versions are JSON in the metadata,
/// under <c>explanations</c>.
/// </summary>
public static class ExplanationFile
{
    private const string Logits = "logits",
        Predictions = "pred",
        AboutName = "explanations";

    /// <summary>Writes explanations; an existing file is replaced.</summary>
    /// <param name="path">Where to write.</param>
    /// <param name="explanations">Of one batch.</param>
    /// <param name="more">Further tensors for other readers of the file; <see cref="Load"/> passes over them.</param>
    /// <exception cref="ArgumentException">The list of explanations is empty, they are not of one batch, two have one method and
    /// layer, or a further tensor has the name of one of theirs.</exception>
    public static void Save(
        IReadOnlyList<Explanation> explanations,
        string path,
        IReadOnlyDictionary<string, Tensor>? more = null
    )
    {
        using DisposeScope scope = NewDisposeScope();
        ArgumentNullException.ThrowIfNull(explanations);
        if (
            explanations.Count == 0
            || explanations.Any(e => !e.Logits.Cast<float>().SequenceEqual(explanations[0].Logits.Cast<float>()))
        )
        {
            throw new ArgumentException(
                "A file holds one or more explanations of one batch, with the same logits.",
                nameof(explanations)
            );
        }

        if (explanations.GroupBy(NameOf).FirstOrDefault(group => group.Count() > 1) is { } twice)
        {
            throw new ArgumentException(
                $"Two explanations are named {twice.Key}: save those of another target in another file.",
                nameof(explanations)
            );
        }

        About[] about =
        [
            .. explanations.Select(e => new About(
                e.Method,
                e.Layer,
                e.Target,
                e.Versions,
                e.Output,
                e.Remarks,
                e.InputSize?.Height,
                e.InputSize?.Width,
                e.Maps.Any(map => map.Part is not null) ? [.. e.Maps.Select(map => NumbersOf(map.Part))] : null,
                e.Layout == SpatialLayout.ChannelsFirst ? null : e.Layout
            )),
        ];
        var tensors = new Dictionary<string, Tensor>
        {
            [Logits] = tensor(
                [.. explanations[0].Logits.Cast<float>()],
                [explanations[0].Logits.GetLength(0), explanations[0].Logits.GetLength(1)]
            ),
            [Predictions] = tensor([.. explanations[0].Predictions.Select(index => (long)index)]),
        };
        foreach (Explanation e in explanations)
        {
            tensors.Add(
                NameOf(e),
                tensor([.. e.Maps.SelectMany(map => map.Values.ToArray())], [e.Maps.Count, e.Maps[0].Height, e.Maps[0].Width])
            );
            tensors.Add($"{NameOf(e)}/classes", tensor([.. e.Classes.Select(index => (long)index)]));
        }

        foreach ((string name, Tensor tensor) in more ?? new Dictionary<string, Tensor>())
        {
            if (!tensors.TryAdd(name, tensor))
            {
                throw new ArgumentException($"'{Excerpt.Of(name)}' is the name of a tensor of the explanations.", nameof(more));
            }
        }

        Safetensors.Save(tensors, path, new Dictionary<string, string> { [AboutName] = JsonSerializer.Serialize(about) });
    }

    /// <summary>Reads what <see cref="Save"/> wrote, in the same order.</summary>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="InvalidDataException">The file is damaged, or holds something else.</exception>
    public static IReadOnlyList<Explanation> Load(string path)
    {
        using TensorFile file = Safetensors.Open(path);
        About[] about = AboutOf(file, path);
        float[,] logits = Read<float, float[,]>(file, path, Logits, 2, tensor => tensor.ToMatrix());
        int[] predictions = Read<long, int[]>(file, path, Predictions, 1, Indices);
        return [.. about.Select(each => ReadOne(file, path, each, logits, predictions))];
    }

    private static About[] AboutOf(TensorFile file, string path)
    {
        string json = file.Metadata.TryGetValue(AboutName, out string? text)
            ? text
            : throw Broken(path, $"it has no '{AboutName}' in its metadata");
        try
        {
            About[] about = JsonSerializer.Deserialize<About[]>(json) is { Length: > 0 } some
                ? some
                : throw Broken(path, "its description is empty");
            return about.All(a => a is { Method: not null, Layer: not null, Target: not null, Versions: not null })
                ? about
                : throw Broken(path, "its description lacks a method, layer, target or versions");
        }
        catch (JsonException e)
        {
            throw Broken(path, "its description is not the JSON of explanations", e);
        }
    }

    private static Explanation ReadOne(TensorFile file, string path, About about, float[,] logits, int[] predictions)
    {
        string name = $"{about.Method}/{about.Layer}";
        int[] classes = Read<long, int[]>(file, path, $"{name}/classes", 1, Indices);
        try
        {
            Heatmap[] maps = Read<float, Heatmap[]>(file, path, name, 3, MapsOf);
            int pictures = logits.GetLength(0);
            return maps.Length == pictures && classes.Length == pictures && predictions.Length == pictures
                ? new Explanation
                {
                    Method = about.Method,
                    Layer = about.Layer,
                    Target = about.Target,
                    Versions = about.Versions,
                    Output = about.Output,
                    Remarks = about.Remarks ?? [],
                    Layout = about.Layout ?? SpatialLayout.ChannelsFirst,
                    Logits = logits,
                    Predictions = predictions,
                    Maps = maps,
                    Classes = classes,
                    InputSize = about is { Height: { } height, Width: { } width } ? (height, width) : null,
                }
                    .WithNamedMaps()
                    .WithParts([.. maps.Select((_, i) => PartOf(about.Parts?.ElementAtOrDefault(i)))])
                : throw Broken(path, $"'{Excerpt.Of(name)}' is of another number of pictures than the logits");
        }
        catch (ArgumentException e)
        {
            throw Broken(path, $"a map of '{Excerpt.Of(name)}' is empty, not finite, or of no part of a picture", e);
        }
    }

    private static TResult Read<T, TResult>(TensorFile file, string path, string name, int dimensions, Func<Tensor, TResult> read)
        where T : unmanaged
    {
        if (!file.Tensors.TryGetValue(name, out TensorInfo? info) || info.Shape.Count != dimensions || info.Type != TypeOf<T>())
        {
            throw Broken(path, $"it has no '{Excerpt.Of(name)}' of {dimensions} dimensions and type {TypeOf<T>()}");
        }

        using Tensor tensor = file.Read(name);
        return read(tensor);
    }

    private static InvalidDataException Broken(string path, string what, Exception? inner = null) =>
        new($"{path} is not a file of explanations: {what}.", inner);

    private static string NameOf(Explanation e) => $"{e.Method}/{e.Layer}";

    private static ScalarType TypeOf<T>() => typeof(T) == typeof(long) ? ScalarType.Int64 : ScalarType.Float32;

    private static int[] Indices(Tensor tensor) => [.. tensor.data<long>().Select(index => (int)index)];

    private static Heatmap[] MapsOf(Tensor maps)
    {
        (int height, int width) = ((int)maps.shape[1], (int)maps.shape[2]);
        return [.. maps.ToFloats().Chunk(Math.Max(1, height * width)).Select(map => new Heatmap((height, width), map))];
    }

    private static double[]? NumbersOf(ImagePart? part) =>
        part is null ? null : [part.Top, part.Left, part.Height, part.Width, part.ImageHeight, part.ImageWidth];

    /// <exception cref="ArgumentException">The numbers are those of no part of a picture.</exception>
    private static ImagePart? PartOf(double[]? numbers) =>
        numbers switch
        {
            null => null,
            [var top, var left, var height, var width, var imageHeight, var imageWidth] => new ImagePart(
                top,
                left,
                height,
                width,
                (int)imageHeight,
                (int)imageWidth
            ),
            _ => throw new ArgumentException("A part of a picture has six numbers."),
        };

    private sealed record About(
        string Method,
        string Layer,
        string Target,
        IReadOnlyDictionary<string, string> Versions,
        [property: JsonConverter(typeof(JsonStringEnumConverter))] OutputKind Output = OutputKind.Logits,
        IReadOnlyList<string>? Remarks = null,
        int? Height = null,
        int? Width = null,
        [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] double[]?[]? Parts = null,
        [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] SpatialLayout? Layout = null
    );
}
