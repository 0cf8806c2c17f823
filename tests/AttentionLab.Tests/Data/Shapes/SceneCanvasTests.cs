using AttentionLab.Core;
using AttentionLab.Data;
using CsCheck;

namespace AttentionLab.Tests.Data;

[Trait("Kind", "Numeric")]
public sealed class SceneCanvasTests
{
    private static readonly Direction Upright = new(1, 0);
    private static readonly Rgb Black = new(0, 0, 0),
        White = new(1, 1, 1);

    [Fact]
    public void The_mask_holds_the_objects_coverage_less_what_was_painted_over_it()
    {
        // A box from row 4 to 7.75, column 8 to 10.5, then something over all that lies right of column 9.75.
        var box = new Outline((x, y) => Shape.Box(x, y, 1.25, 1.875), 9.25, 5.875, 1, Upright);
        var over = new Outline((x, _) => -x, 9.75, 0, 1, Upright);
        var canvas = new SceneCanvas();
        canvas.Fill(Texture.Plain(Black));
        canvas.PaintObject(box, Texture.Plain(White));
        byte[] planes = new byte[3 * SceneCanvas.Area],
            mask = new byte[SceneCanvas.Area];
        canvas.CopyTo(planes, mask);
        Assert.Equal([0, 255, 255, 128, 0], mask.AsSpan((5 * 32) + 7, 5).ToArray());
        Assert.Equal([0, 191, 191, 128, 0], mask.AsSpan((7 * 32) + 7, 5).ToArray());
        Assert.Equal(mask, planes.AsSpan(SceneCanvas.Area, SceneCanvas.Area).ToArray());

        double before = mask.Sum(value => value / 255.0);
        double hides = canvas.Hides(over);
        canvas.Paint(over, Texture.Plain(Black));
        canvas.CopyTo(planes, mask);
        Assert.Equal([0, 255, 191, 0, 0], mask.AsSpan((5 * 32) + 7, 5).ToArray());
        Assert.Equal(hides, 1 - (mask.Sum(value => value / 255.0) / before), 0.005);
    }

    [Fact]
    public void Turning_an_outline_turns_the_shape()
    {
        var stick = new Outline((x, y) => Shape.Box(x, y, 4, 0.5), 16.5, 16.5, 1, Upright);
        Assert.Equal([1, 0], [stick.Coverage(16, 19), stick.Coverage(19, 16)]);
        stick = stick with { Turn = new Direction(0, 1) };
        Assert.Equal([0, 1], [stick.Coverage(16, 19), stick.Coverage(19, 16)]);
        Assert.Equal(0.5, (stick with { Inset = 0.5 }).Coverage(19, 16));
    }

    [Fact]
    public void Any_texture_stays_between_its_colours() =>
        Gen.Long.Sample(seed =>
        {
            var random = new RandomStream(seed);
            Texture texture = Texture.Draw(ref random, Black, White, random.Uniform(3, 10));
            for (int p = 0; p < SceneCanvas.Area; p++)
            {
                Rgb colour = texture.At(p / 32, p % 32);
                Assert.InRange(colour.Red, 0, 1);
                Assert.Equal(colour.Red, colour.Blue);
            }
        });

    [Fact]
    public void Directions_have_length_1_and_lean_no_further_than_asked() =>
        Gen.Select(Gen.Long, Gen.Double[-1, 0.9])
            .Sample(
                (seed, least) =>
                {
                    var random = new RandomStream(seed);
                    Direction direction = Direction.Draw(ref random, least);
                    Assert.Equal(1, (direction.X * direction.X) + (direction.Y * direction.Y), Tolerance.RoundingInDouble(8));
                    Assert.True(direction.X >= least);
                }
            );

    // The coordinates of white, of sRGB's red and of its blue are Ottosson's.
    [Theory]
    [InlineData(1, 0, 0, 1, 1, 1)]
    [InlineData(0, 0, 0, 0, 0, 0)]
    [InlineData(0.6279554, 0.2248631, 0.1258463, 1, 0, 0)]
    [InlineData(0.4520137, -0.0324570, -0.3115281, 0, 0, 1)]
    public void Colours_are_OKLabs(double lightness, double a, double b, double red, double green, double blue)
    {
        double chroma = Math.Sqrt((a * a) + (b * b));
        Rgb colour = Rgb.FromOklab(lightness, chroma, chroma > 0 ? new Direction(a / chroma, b / chroma) : Upright);
        Assert.Equal([red, green, blue], [colour.Red, colour.Green, colour.Blue], (x, y) => Math.Abs(x - y) < 0.003);
    }
}
