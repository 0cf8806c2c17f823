using AttentionLab.Data;
using CsCheck;

namespace AttentionLab.Tests.Data;

[Trait("Kind", "Numeric")]
public sealed class ShapeTests
{
    private static readonly Gen<(double X, double Y)> Point = Gen.Select(Gen.Double[-1.5, 1.5], Gen.Double[-1.5, 1.5]);

    public static TheoryData<string> Names => [.. Shape.All.Select(shape => shape.Name)];

    [Theory]
    [InlineData("disc", 0, 0, -0.86)]
    [InlineData("disc", 0.6, 0.8, 0.14)]
    [InlineData("ring", 0, 0, 0.48)]
    [InlineData("ring", 0, 0.69, -0.21)]
    [InlineData("square", 1, 0, 0.28)]
    [InlineData("square", 0, 0, -0.72)]
    [InlineData("square", 0.96, 1.06, 0.44)] // 0.3 and 0.4 beyond the corner, less its rounding of 0.06
    [InlineData("triangle", 0, 0.97, 0.43)] // below the base at 0.47, rounded by 0.07
    [InlineData("triangle", 0, -1.43, 0.43)] // above the top at −0.93
    [InlineData("star", 0, -1.45, 0.46)] // above the upper point at −0.95, rounded by 0.04
    [InlineData("star", 0, 0, -0.5)] // the notches are 0.46 away
    [InlineData("cross", 0, 0, -0.29)]
    [InlineData("cross", 1.01, 0, 0.1)]
    [InlineData("heart", 0, 1.42, 0.5)] // below the tip at 0.92
    [InlineData("heart", 0, -0.6, 0)] // the notch, one diagonal of 1.52 above the tip
    [InlineData("moon", -0.92, 0, 0)]
    [InlineData("moon", 0, 0, 0.26)] // in the bite, whose edge is at −0.26
    [InlineData("drop", 0, 0.32, -0.64)]
    [InlineData("drop", 0, -1.48, 0.5)] // above the tip at −0.98
    [InlineData("arrow", 0, -1.45, 0.46)]
    [InlineData("arrow", 0.5, 0.6, 0.21)] // right of the shaft, whose edge is at 0.25
    public void The_distance_is_the_one_worked_out_by_hand(string name, double x, double y, double expected) =>
        Assert.Equal(expected, Named(name).Distance(x, y), Tolerance.RoundingInDouble(32));

    [Theory]
    [MemberData(nameof(Names))]
    public void Moving_a_point_changes_its_distance_by_no_more_than_the_way(string name) =>
        Gen.Select(Point, Point)
            .Sample(
                (a, b) =>
                    Math.Abs(Named(name).Distance(a.X, a.Y) - Named(name).Distance(b.X, b.Y))
                    <= Math.Sqrt(Square(a.X - b.X) + Square(a.Y - b.Y)) + Tolerance.RoundingInDouble(64)
            );

    [Theory]
    [MemberData(nameof(Names))]
    public void A_shape_fits_into_the_unit_circle(string name) =>
        Point.Where(p => Square(p.X) + Square(p.Y) > 1.05).Sample((x, y) => Named(name).Distance(x, y) > 0);

    [Theory]
    [MemberData(nameof(Names))]
    public void A_shape_is_its_own_mirror_image(string name) =>
        Point.Sample(
            (x, y) =>
                Math.Abs(
                    Named(name).Distance(x, y) - (name == "moon" ? Named(name).Distance(x, -y) : Named(name).Distance(-x, y))
                ) < Tolerance.RoundingInDouble(64)
        );

    private static Shape Named(string name) => Shape.All.Single(shape => shape.Name == name);

    private static double Square(double x) => x * x;
}
