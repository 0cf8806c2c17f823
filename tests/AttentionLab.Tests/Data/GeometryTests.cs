using System.Security.Cryptography;
using System.Text.Json;
using AttentionLab.Data;
using AttentionLab.Imaging;
using CsCheck;

namespace AttentionLab.Tests.Data;

[Trait("Kind", "Numeric")]
public sealed class GeometryTests
{
    private static readonly Gen<(byte[] Planes, int Height, int Width)> AnyPicture = Gen.Select(Gen.Int[1, 40], Gen.Int[1, 40])
        .SelectMany((height, width) => Gen.Byte.Array[3 * height * width].Select(planes => (planes, height, width)));

    [Fact]
    public void A_crop_brings_black_in_on_the_side_it_moves_to()
    {
        // Each plane is 2×3; two rows up and one column left of the untouched place.
        byte[] source = [1, 2, 3, 4, 5, 6, 11, 12, 13, 14, 15, 16, 21, 22, 23, 24, 25, 26],
            target = new byte[18];
        Geometry.Crop(source, target, 2, 3, top: 1, left: 1, padding: 2);
        Assert.Equal([0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 11, 12, 0, 0, 0, 0, 21, 22], target);

        Geometry.Crop(source, target, 2, 3, top: 3, left: 4, padding: 2);
        Assert.Equal([6, 0, 0, 0, 0, 0, 16, 0, 0, 0, 0, 0, 26, 0, 0, 0, 0, 0], target);
    }

    [Fact]
    public void A_crop_of_padding_alone_is_black()
    {
        byte[] source = [.. Enumerable.Repeat((byte)9, 12)],
            target = [.. source];
        Geometry.Crop(source, target, 2, 2, top: 0, left: 5, padding: 5);
        Assert.All(target, value => Assert.Equal(0, value));
        Geometry.Crop(source, target, 2, 2, top: 10, left: 10, padding: 5);
        Assert.All(target, value => Assert.Equal(0, value));
    }

    [Fact]
    public void A_crop_from_the_middle_changes_nothing() =>
        Gen.Select(AnyPicture, Gen.Int[0, 50])
            .Sample(
                (picture, padding) =>
                {
                    var target = new byte[picture.Planes.Length];
                    Geometry.Crop(picture.Planes, target, picture.Height, picture.Width, padding, padding, padding);
                    Assert.Equal(picture.Planes, target);
                }
            );

    [Fact]
    public void A_crop_takes_each_pixel_from_the_padded_picture() =>
        Gen.Select(
                AnyPicture,
                Gen.Int[0, 10]
                    .SelectMany(padding => Gen.Select(Gen.Int[0, 2 * padding], Gen.Int[0, 2 * padding], Gen.Const(padding)))
            )
            .Sample(
                (picture, place) =>
                {
                    ((byte[] planes, int height, int width), (int top, int left, int padding)) = (picture, place);
                    byte[] target = [.. planes];
                    Geometry.Crop([.. planes], target, height, width, top, left, padding);
                    for (int i = 0; i < target.Length; i++)
                    {
                        int y = (i / width % height) + top - padding,
                            x = (i % width) + left - padding,
                            plane = i / (height * width);
                        bool inside = y >= 0 && y < height && x >= 0 && x < width;
                        Assert.Equal(inside ? planes[(((plane * height) + y) * width) + x] : 0, target[i]);
                    }
                }
            );

    [Fact]
    public void A_flip_turns_each_row_round()
    {
        byte[] planes = [1, 2, 3, 4, 5, 6, 11, 12, 13, 14, 15, 16, 21, 22, 23, 24, 25, 26];
        Geometry.FlipHorizontally(planes, 2, 3);
        Assert.Equal([3, 2, 1, 6, 5, 4, 13, 12, 11, 16, 15, 14, 23, 22, 21, 26, 25, 24], planes);
    }

    [Fact]
    public void Two_flips_are_none() =>
        AnyPicture.Sample(picture =>
        {
            byte[] planes = [.. picture.Planes];
            Geometry.FlipHorizontally(planes, picture.Height, picture.Width);
            Geometry.FlipHorizontally(planes, picture.Height, picture.Width);
            Assert.Equal(picture.Planes, planes);
        });

    [Fact]
    public void A_quarter_turn_is_counter_clockwise()
    {
        byte[] source = [1, 2, 3, 4, 11, 12, 13, 14, 21, 22, 23, 24],
            target = new byte[12];
        Geometry.Rotate(source, target, 2, 2, 90);
        Assert.Equal([2, 4, 1, 3, 12, 14, 11, 13, 22, 24, 21, 23], target);
    }

    [Fact]
    public void Half_an_eighth_of_a_turn_leaves_black_corners()
    {
        byte[] source = [.. Enumerable.Repeat((byte)200, 3 * 16)],
            target = new byte[3 * 16];
        Geometry.Rotate(source, target, 4, 4, 45);
        byte[] plane = [0, 200, 200, 0, 200, 200, 200, 200, 200, 200, 200, 200, 0, 200, 200, 0];
        Assert.Equal([.. plane, .. plane, .. plane], target);
    }

    [Fact]
    public void Whole_turns_change_nothing() =>
        Gen.Select(AnyPicture, Gen.Int[-3, 3])
            .Sample(
                (picture, turns) =>
                {
                    var target = new byte[picture.Planes.Length];
                    Geometry.Rotate(picture.Planes, target, picture.Height, picture.Width, 360.0 * turns);
                    Assert.Equal(picture.Planes, target);
                }
            );

    [Fact]
    public void Half_a_turn_reverses_each_plane() =>
        AnyPicture.Sample(picture =>
        {
            var target = new byte[picture.Planes.Length];
            Geometry.Rotate(picture.Planes, target, picture.Height, picture.Width, 180);
            Assert.Equal(picture.Planes.Chunk(picture.Height * picture.Width).SelectMany(plane => plane.Reverse()), target);
        });

    [Fact]
    public void A_rotation_moves_whole_pixels_and_makes_no_colour() =>
        Gen.Select(AnyPicture, Gen.Double[-720, 720])
            .Sample(
                (picture, degrees) =>
                {
                    (byte[] planes, int height, int width) = picture;
                    var target = new byte[planes.Length];
                    Geometry.Rotate(planes, target, height, width, degrees);
                    HashSet<(byte, byte, byte)> colours = [.. Colours(planes)];
                    Assert.All(Colours(target), colour => Assert.True(colour == (0, 0, 0) || colours.Contains(colour)));

                    static IEnumerable<(byte, byte, byte)> Colours(byte[] planes)
                    {
                        int area = planes.Length / 3;
                        return Enumerable.Range(0, area).Select(p => (planes[p], planes[area + p], planes[(2 * area) + p]));
                    }
                }
            );

    [Fact]
    public void Rotations_of_any_sides_are_PILs()
    {
        JsonElement cases = JsonDocument.Parse(File.ReadAllText(Fixture.Path("rotate1.json"))).RootElement;
        Assert.Equal(16, cases.GetArrayLength());
        foreach (JsonElement one in cases.EnumerateArray())
        {
            int height = one.GetProperty("height").GetInt32(),
                width = one.GetProperty("width").GetInt32();
            byte[] rgb =
            [
                .. Enumerable
                    .Range(0, 3 * height * width)
                    .Select(i => (byte)(256 * Fixture.Uniform((uint)(9000 + height), (uint)i))),
            ];
            byte[] planes = Planes.Of(new Image(height, width, rgb)),
                turned = new byte[planes.Length];
            Geometry.Rotate(planes, turned, height, width, one.GetProperty("degrees").GetDouble());
            byte[] result = Image.FromPlanes(height, width, turned).Rgb;
            Assert.Equal(one.GetProperty("sha256").GetString(), Convert.ToHexStringLower(SHA256.HashData(result)));
        }
    }

    [Fact]
    public void Bad_arguments_are_refused()
    {
        byte[] source = new byte[12],
            target = new byte[12];
        Assert.Throws<ArgumentException>(() => Geometry.Rotate(source, source, 2, 2, 10));
        Assert.Throws<ArgumentException>(() => Geometry.Rotate(source, new byte[11], 2, 2, 10));
        Assert.Throws<ArgumentOutOfRangeException>(() => Geometry.Rotate(source, target, 2, 2, double.NaN));
        Assert.Throws<ArgumentOutOfRangeException>(() => Geometry.Rotate(new byte[3 * 20000], new byte[3 * 20000], 1, 20000, 1));
        Assert.Throws<ArgumentException>(() => Geometry.Crop(source, source, 2, 2, 0, 0, 1));
        Assert.Throws<ArgumentOutOfRangeException>(() => Geometry.Crop(source, target, 2, 2, 3, 0, 1));
        Assert.Throws<ArgumentOutOfRangeException>(() => Geometry.Crop(source, target, 2, 2, 0, -1, 1));
        Assert.Throws<ArgumentException>(() => Geometry.FlipHorizontally(source, 2, 3));
        Assert.Throws<ArgumentOutOfRangeException>(() => Geometry.FlipHorizontally(source, 0, 3));
    }
}
