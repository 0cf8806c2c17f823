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
/// <param name="Normalization">How pixels became the network's input; null where the file does not say.</param>
/// <param name="Height">Rows of its pictures; null where the file does not say.</param>
/// <param name="Width">Columns of its pictures; null where the file does not say.</param>
internal sealed record NetworkMetadata(
    string? Architecture,
    IReadOnlyList<string>? ClassNames,
    Normalization? Normalization,
    int? Height,
    int? Width
)
{
    private const string ArchitectureKey = "model",
        ClassesKey = "classes",
        NormalizationKey = "normalization",
        SizeKey = "input_size";

    /// <summary>Reads the text. A value of another program's under one of the keys counts as not there.</summary>
    public static NetworkMetadata Of(IReadOnlyDictionary<string, string> text)
    {
        string[]? classes = Value<string[]>(text, ClassesKey);
        ChannelStatistics? statistics = Value<ChannelStatistics>(text, NormalizationKey);
        float[]? deviation = statistics?.Deviation ?? statistics?.StandardDeviation;
        int[]? size = Value<int[]>(text, SizeKey);
        bool sized = size is [> 0, > 0];
        return new NetworkMetadata(
            text.GetValueOrDefault(ArchitectureKey),
            classes is { Length: > 0 } && !classes.Contains(null) ? classes : null,
            statistics?.Mean is { Length: 3 } mean
            && mean.All(float.IsFinite)
            && deviation is { Length: 3 }
            && deviation.All(value => float.IsFinite(value) && value > 0)
                ? new Normalization(mean, deviation)
                : null,
            sized ? size![0] : null,
            sized ? size![1] : null
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
        text[NormalizationKey] = JsonSerializer.Serialize(
            Normalization is null ? null : new ChannelStatistics(Normalization.Mean, Normalization.StandardDeviation)
        );
        text[SizeKey] = string.Create(CultureInfo.InvariantCulture, $"[{Height},{Width}]");
        return text;
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
