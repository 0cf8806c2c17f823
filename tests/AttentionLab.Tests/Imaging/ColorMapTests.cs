using System.Drawing;
using AttentionLab.Imaging;
using AttentionLab.Models;
using TorchSharp;

namespace AttentionLab.Tests.Imaging;

[Trait("Kind", "Numeric")]
public sealed class ColorMapTests
{
    [Theory]
    [InlineData(0, 0, 0, 0.5)]
    [InlineData(31, 0, 0, 1)]
    [InlineData(32, 0, 0.0019607844, 1)]
    [InlineData(64, 0, 0.50392157, 1)]
    [InlineData(96, 0.085388996, 1, 0.88235295)]
    [InlineData(128, 0.49019608, 1, 0.47754586)]
    [InlineData(160, 0.89500314, 1, 0.072738774)]
    [InlineData(200, 1, 0.4655047, 0)]
    [InlineData(255, 0.5, 0, 0)]
    public void Jet_has_matplotlibs_colours(int index, double r, double g, double b)
    {
        ReadOnlySpan<float> color = ColorMap.Jet.Table.Slice(3 * index, 3);
        const double printed = 0.5e-8; // half a unit of the eighth digit
        Assert.Equal(r, color[0], printed + Tolerance.Rounding(1));
        Assert.Equal(g, color[1], printed + Tolerance.Rounding(1));
        Assert.Equal(b, color[2], printed + Tolerance.Rounding(1));
    }

    [Fact]
    public void All_256_colours_of_jet_are_matplotlibs()
    {
        Dictionary<string, torch.Tensor> expected = Safetensors.Load(Fixture.Shared("parity/expected.safetensors"));
        try
        {
            float[] table = expected["jet_lut"].data<float>().ToArray();
            Assert.Equal(table.Length, ColorMap.Jet.Table.Length);
            for (int i = 0; i < table.Length; i++)
            {
                Assert.Equal(table[i], ColorMap.Jet.Table[i], Tolerance.Rounding(2));
            }
        }
        finally
        {
            foreach (torch.Tensor tensor in expected.Values)
            {
                tensor.Dispose();
            }
        }
    }

    [Theory]
    [InlineData(-5, 0)]
    [InlineData(double.NegativeInfinity, 0)]
    [InlineData(0, 0)]
    [InlineData(0.00390624, 0)]
    [InlineData(0.00390625, 1)]
    [InlineData(0.5, 128)]
    [InlineData(0.99999, 255)]
    [InlineData(1, 255)]
    [InlineData(7, 255)]
    [InlineData(double.PositiveInfinity, 255)]
    public void A_value_takes_entry_floor_of_256_v_clipped(double value, int index) =>
        Assert.Equal(index / 255f, ColorMap.Grays.Of(value)[0], Tolerance.Rounding(2));

    [Fact]
    public void NaN_is_refused()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => ColorMap.Jet.Of(double.NaN));
        Assert.Throws<ArgumentOutOfRangeException>(() => ColorMap.Jet[double.NaN]);
    }

    [Fact]
    public void Viridis_goes_from_violet_to_yellow_with_rising_brightness()
    {
        // matplotlib's colours; ScottPlot's table rounds some channels down.
        AssertWithinOneLevel(Color.FromArgb(0x44, 0x01, 0x54), ColorMap.Viridis[0]);
        AssertWithinOneLevel(Color.FromArgb(0x21, 0x91, 0x8c), ColorMap.Viridis[0.5]);
        AssertWithinOneLevel(Color.FromArgb(0xfd, 0xe7, 0x25), ColorMap.Viridis[1]);
        double[] luma =
        [
            .. Enumerable
                .Range(0, 256)
                .Select(i =>
                    ColorMap.Viridis.Table.Slice(3 * i, 3).ToArray() is [var r, var g, var b]
                        ? (0.2126 * r) + (0.7152 * g) + (0.0722 * b)
                        : 0
                ),
        ];
        Assert.All(
            luma.Zip(luma.Skip(1)),
            pair => Assert.True(pair.Second > pair.First - (1 / 255.0), $"{pair.First} falls to {pair.Second}")
        );
        Assert.Equal(luma.Where((_, i) => i % 4 == 0).Order(), luma.Where((_, i) => i % 4 == 0));
    }

    [Fact]
    public void The_diverging_map_is_blue_below_light_in_the_middle_and_red_above()
    {
        Color low = ColorMap.Diverging[0.25],
            middle = ColorMap.Diverging[0.5],
            high = ColorMap.Diverging[0.75];
        Assert.True(low.B > low.R + 60, low.ToString());
        Assert.True(Math.Min(middle.R, Math.Min(middle.G, middle.B)) > 225, middle.ToString());
        Assert.True(high.R > high.B + 60, high.ToString());
    }

    private static void AssertWithinOneLevel(Color expected, Color actual) =>
        Assert.True(
            Math.Max(Math.Abs(expected.R - actual.R), Math.Max(Math.Abs(expected.G - actual.G), Math.Abs(expected.B - actual.B)))
                <= 1,
            $"{actual} is not {expected}."
        );
}
