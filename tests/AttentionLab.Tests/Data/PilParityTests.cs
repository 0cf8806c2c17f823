using System.Globalization;
using AttentionLab.Data;
using AttentionLab.Models;
using static TorchSharp.torch;

namespace AttentionLab.Tests.Data;

/// <summary>
/// Every operation against torchvision on PIL pictures (Fixtures/README.md, augment1.safetensors): equal to the bit.
/// </summary>
[Trait("Kind", "Numeric")]
public sealed class PilParityTests
{
    private const int Side = 32;

    private static readonly Dictionary<string, byte[]> Expected = Load();

    public static TheoryData<string> Entries =>
        [.. Expected.Keys.Where(name => !name.EndsWith("/input", StringComparison.Ordinal)).Order()];

    [Theory]
    [MemberData(nameof(Entries))]
    public void Every_operation_gives_torchvisions_bytes(string name)
    {
        string[] parts = name[(name.IndexOf('/', StringComparison.Ordinal) + 1)..].Split(' ');
        double[] arguments = [.. parts.Skip(1).Select(a => double.Parse(a, CultureInfo.InvariantCulture))];
        byte[] planes = Expected[$"{name[0]}/input"].ToArray();
        switch (parts[0])
        {
            case "crop":
                planes = Crop(planes, (int)arguments[0], (int)arguments[1]);
                break;
            case "flip":
                Geometry.FlipHorizontally(planes, Side, Side);
                break;
            case "brightness":
                ColorAdjustment.AdjustBrightness(planes, arguments[0]);
                break;
            case "contrast":
                ColorAdjustment.AdjustContrast(planes, arguments[0]);
                break;
            case "saturation":
                ColorAdjustment.AdjustSaturation(planes, arguments[0]);
                break;
            case "hue":
                ColorAdjustment.AdjustHue(planes, arguments[0]);
                break;
            case "rotate":
                planes = Rotate(planes, arguments[0]);
                break;
            case "chain":
                planes = Crop(planes, 2, 6);
                Geometry.FlipHorizontally(planes, Side, Side);
                ColorAdjustment.AdjustContrast(planes, 1.1);
                ColorAdjustment.AdjustHue(planes, 0.05);
                ColorAdjustment.AdjustBrightness(planes, 0.9);
                ColorAdjustment.AdjustSaturation(planes, 1.15);
                planes = Rotate(planes, -11);
                break;
            default:
                Assert.Fail($"No operation for {name}.");
                break;
        }

        Assert.Equal(Expected[name], planes);
    }

    private static byte[] Crop(byte[] planes, int top, int left)
    {
        var target = new byte[planes.Length];
        Geometry.Crop(planes, target, Side, Side, top, left, padding: 4);
        return target;
    }

    private static byte[] Rotate(byte[] planes, double degrees)
    {
        var target = new byte[planes.Length];
        Geometry.Rotate(planes, target, Side, Side, degrees);
        return target;
    }

    private static Dictionary<string, byte[]> Load() =>
        Safetensors
            .Load(Fixture.Path("augment1.safetensors"))
            .ToDictionary(
                entry => entry.Key,
                entry =>
                {
                    using Tensor pixels = entry.Value;
                    using Tensor planes = pixels.permute(2, 0, 1).contiguous();
                    return planes.data<byte>().ToArray();
                }
            );
}
