using System.Runtime.InteropServices;
using System.Text.Json;
using System.Text.Json.Nodes;
using AttentionLab.Core;
using AttentionLab.Explain;
using AttentionLab.Figures;
using AttentionLab.Imaging;
using AttentionLab.Models;
using SkiaSharp;

namespace AttentionLab.Explore;

/// <summary>
/// Maps and pictures as the explorer's scripts read them. A map's values travel as float32, little-endian, in base64, so that
/// what is shown is the library's number to the last bit; a channel's as 65,536 steps from its lowest to its highest value,
/// within half a step.
/// </summary>
internal static class ExplorerData
{
    /// <summary>Photographs are reduced to this side: an explorer is looked at, and travels in a notebook.</summary>
    public const int LongestSide = 256;

    private const int LongestExactSide = 96,
        JpegQuality = 88;

    /// <summary>A map on a picture of H×W pixels, without its <see cref="Floats"/>: its size, and the part of the picture that it
    /// covers.</summary>
    public static JsonObject Map(Heatmap map, int height, int width) =>
        new()
        {
            ["height"] = map.Height,
            ["width"] = map.Width,
            ["part"] = map.Part is { } part ? Part(part.On(height, width)) : null,
        };

    /// <summary>A channel, in steps.</summary>
    public static JsonObject Channel(ChannelMap channel)
    {
        Heatmap map = channel.Map;
        var steps = new ushort[map.Length];
        for (int i = 0; i < steps.Length; i++)
        {
            steps[i] = (ushort)Math.Round(map.Range.Fraction(map.Values[i]) * ushort.MaxValue);
        }

        return new()
        {
            ["channel"] = channel.Channel,
            ["mean"] = channel.Mean,
            ["height"] = map.Height,
            ["width"] = map.Width,
            ["low"] = map.Min,
            ["high"] = map.Max,
            ["steps"] = Convert.ToBase64String(MemoryMarshal.AsBytes<ushort>(steps)),
        };
    }

    /// <summary>Colour maps by name: 256 colours of 3 bytes.</summary>
    public static JsonObject Colors() =>
        new(
            ColorMaps.Select(map =>
                KeyValuePair.Create(
                    map.Name,
                    (JsonNode?)Convert.ToBase64String([.. map.Table.ToArray().Select(value => ColorMap.ToByte(value))])
                )
            )
        );

    /// <summary>Probabilities of all classes, in their order.</summary>
    public static JsonArray Probabilities(OutputKind kind, IReadOnlyList<float> output) =>
        [.. ModelOutput.ProbabilitiesOf(kind, output).Select(value => JsonValue.Create(Math.Round(value, 6)))];

    /// <summary>A picture as an address: a small one pixel for pixel, a photograph as a JPEG.</summary>
    public static string Address(Image picture)
    {
        if (Math.Max(picture.Height, picture.Width) <= LongestExactSide)
        {
            return ImageDataUri.ToDataUri(picture);
        }

        using SKImage pixels = PngFile.ImageOf(picture);
        using SKData jpeg =
            pixels.Encode(SKEncodedImageFormat.Jpeg, JpegQuality)
            ?? throw new InvalidOperationException("SkiaSharp could not encode the picture as JPEG.");
        return $"data:image/jpeg;base64,{Convert.ToBase64String(jpeg.AsSpan())}";
    }

    /// <summary>JSON that can stand inside a script: its "less than" signs are escaped.</summary>
    public static string ForScript(JsonNode node) => node.ToJsonString(JsonSerializerOptions.Default);

    /// <summary>The values, row by row.</summary>
    public static string Floats(Heatmap map) => Convert.ToBase64String(MemoryMarshal.AsBytes(map.Values));

    private static IReadOnlyList<ColorMap> ColorMaps => [ColorMap.Jet, ColorMap.Viridis, ColorMap.Diverging, ColorMap.Grays];

    private static JsonArray Part(ImagePart part) => [part.Top, part.Left, part.Height, part.Width];
}
