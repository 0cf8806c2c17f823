using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;
using AttentionLab.Data;

namespace AttentionLab.Models;

/// <summary>
/// What a file of weights says of its network, as text beside the tensors: the keys and how their values are written.
/// </summary>
/// <param name="Architecture">Its name, see <see cref="NetworkArchitecture"/>; null where the file does not say.</param>
/// <param name="ClassNames">In the order of the logits; null where the file does not say.</param>
/// <param name="Preprocessing">How photographs became the network's input; null where the file does not say.</param>
/// <param name="Size">Rows and columns of its pictures, of a file that says no more; else null.</param>
internal sealed record NetworkMetadata(
    string? Architecture,
    IReadOnlyList<string>? ClassNames,
    Preprocessing? Preprocessing,
    (int Height, int Width)? Size = null
)
{
    private const string ArchitectureKey = "model",
        ClassesKey = "classes",
        NormalizationKey = "normalization",
        SizeKey = "input_size",
        PreprocessingKey = "preprocessing";

    /// <summary>
    /// Reads the text. A value of another program's under one of the keys counts as not there. Files before the key
    /// <c>preprocessing</c> say mean, deviation and size.
    /// </summary>
    public static NetworkMetadata Of(IReadOnlyDictionary<string, string> text)
    {
        string[]? classes = Value<string[]>(text, ClassesKey);
        (int Height, int Width)? size = Value<int[]>(text, SizeKey) is [> 0 and var height, > 0 and var width]
            ? (height, width)
            : null;
        return new NetworkMetadata(
            text.GetValueOrDefault(ArchitectureKey),
            classes is { Length: > 0 } && !classes.Contains(null) ? classes : null,
            (text.TryGetValue(PreprocessingKey, out string? json) ? PreprocessingText.Read(json) : null)
                ?? (
                    NormalizationOf(text) is { } normalization
                        ? Preprocessing.Of(normalization, size?.Height ?? 32, size?.Width ?? 32)
                        : null
                ),
            size
        );
    }

    /// <summary>The text to keep beside the weights.</summary>
    public Dictionary<string, string> ToText()
    {
        var text = new Dictionary<string, string> { ["format"] = "pt" }; // what PyTorch's own tools ask of a safetensors file
        if (Architecture is not null)
        {
            text[ArchitectureKey] = Architecture;
        }

        text[ClassesKey] = JsonSerializer.Serialize(ClassNames);
        if (Preprocessing is { } preprocessing)
        {
            text[PreprocessingKey] = PreprocessingText.Of(preprocessing);
            AddForOlderVersions(text, preprocessing);
        }

        return text;
    }

    private static void AddForOlderVersions(Dictionary<string, string> text, Preprocessing preprocessing)
    {
        if (
            preprocessing is { Height: { } height, Width: { } width, Channels: 3 }
            && preprocessing.ToNormalization() is { } normalization
        )
        {
            text[NormalizationKey] = JsonSerializer.Serialize(
                new ChannelStatistics(normalization.Mean, normalization.StandardDeviation)
            );
            text[SizeKey] = string.Create(CultureInfo.InvariantCulture, $"[{height},{width}]");
        }
    }

    private static Normalization? NormalizationOf(IReadOnlyDictionary<string, string> text)
    {
        ChannelStatistics? statistics = Value<ChannelStatistics>(text, NormalizationKey);
        float[]? deviation = statistics?.Deviation ?? statistics?.StandardDeviation;
        return
            statistics?.Mean is { Length: 3 } mean
            && mean.All(float.IsFinite)
            && deviation is { Length: 3 }
            && deviation.All(value => float.IsFinite(value) && value > 0)
            ? new Normalization(mean, deviation)
            : null;
    }

    private static T? Value<T>(IReadOnlyDictionary<string, string> text, string key)
        where T : class
    {
        try
        {
            return text.TryGetValue(key, out string? json) ? JsonSerializer.Deserialize<T>(json) : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    /// <summary>
    /// How a normalisation is written: under <c>Deviation</c>, the only name that version 0.1 reads; <c>StandardDeviation</c> is
    /// read too.
    /// </summary>
    private sealed record ChannelStatistics(
        float[]? Mean,
        float[]? Deviation,
        [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] float[]? StandardDeviation = null
    );
}
