using System.Runtime.InteropServices;
using System.Text.Json;
using System.Text.Json.Serialization;
using AttentionLab.Data;
using AttentionLab.Imaging;

namespace AttentionLab.Models;

/// <summary>A preprocessing as JSON beside a network's weights; the mean picture is little-endian float32 in base64.</summary>
internal sealed record PreprocessingText(
    int? Height,
    int? Width,
    int? ShorterSide,
    ImageFit Fit,
    Interpolation Interpolation,
    int[]? Background,
    bool IsBgr,
    float Largest,
    float[]? Mean,
    float[]? StandardDeviation,
    string? MeanImage
)
{
    private static readonly JsonSerializerOptions Options = new() { Converters = { new JsonStringEnumConverter() } };

    /// <summary>The JSON of a preprocessing.</summary>
    public static string Of(Preprocessing from) =>
        JsonSerializer.Serialize(
            new PreprocessingText(
                from.Height,
                from.Width,
                from.ShorterSide,
                from.Fit,
                from.Interpolation,
                [from.Background.Red, from.Background.Green, from.Background.Blue],
                from.IsBgr,
                from.Largest,
                [.. from.Mean],
                [.. from.StandardDeviation],
                from.MeanImage is { } mean ? Convert.ToBase64String(MemoryMarshal.AsBytes<float>(mean.ToArray())) : null
            ),
            Options
        );

    /// <summary>The preprocessing of a JSON; null where it is another program's or contradicts itself.</summary>
    public static Preprocessing? Read(string json)
    {
        try
        {
            return JsonSerializer.Deserialize<PreprocessingText>(json, Options)?.ToPreprocessing();
        }
        catch (Exception e) when (e is JsonException or ArgumentException or FormatException)
        {
            return null;
        }
    }

    private Preprocessing? ToPreprocessing()
    {
        if (Mean is null || StandardDeviation is null || Background is not [_, _, _])
        {
            return null;
        }

        byte[] mean = MeanImage is null ? [] : Convert.FromBase64String(MeanImage);
        var preprocessing = new Preprocessing
        {
            Height = Height,
            Width = Width,
            ShorterSide = ShorterSide,
            Fit = Fit,
            Interpolation = Interpolation,
            Background = ((byte)Background[0], (byte)Background[1], (byte)Background[2]),
            IsBgr = IsBgr,
            Largest = Largest,
            Mean = Mean,
            StandardDeviation = StandardDeviation,
            MeanImage = MeanImage is null ? null : MemoryMarshal.Cast<byte, float>(mean).ToArray(),
        };
        preprocessing.Check();
        return preprocessing;
    }
}
