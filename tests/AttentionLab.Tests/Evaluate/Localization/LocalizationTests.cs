using AttentionLab.Evaluate;
using static TorchSharp.torch;

namespace AttentionLab.Tests.Evaluate.Localization;

[Trait("Kind", "Numeric")]
public sealed class LocalizationTests
{
    private static readonly float[,] Map =
    {
        { 1, 2 },
        { 3, 4 },
    };

    public static TheoryData<string> Names => ["pointing-game", "energy-pointing-game", "iou"];

    [Theory]
    [InlineData(new byte[] { 0, 0, 0, 255 }, 1)]
    [InlineData(new byte[] { 0, 0, 0, 128 }, 1)]
    [InlineData(new byte[] { 255, 255, 255, 0 }, 0)]
    [InlineData(new byte[] { 255, 0, 0, 127 }, 0)]
    public void The_maximum_lies_on_the_object_or_not(byte[] mask, double expected) =>
        Assert.Equal(expected, new PointingGame().Of(Map, mask));

    [Fact]
    public void Of_several_maxima_the_share_on_the_object_counts()
    {
        Assert.Equal(
            1.0 / 3,
            new PointingGame().Of(
                new float[,]
                {
                    { 5, 5 },
                    { 0, 5 },
                },
                [255, 0, 255, 0]
            ),
            Tolerance.RoundingInDouble(8)
        );
        Assert.Equal(0.5, new PointingGame().Of(new float[2, 2], [255, 0, 255, 0]));
    }

    [Theory]
    [InlineData(0, 0)]
    [InlineData(2, 0)]
    [InlineData(2.3, 1)]
    [InlineData(3, 1)]
    public void A_tolerance_is_a_distance_in_pixels(double tolerance, double expected)
    {
        // The maximum at (0, 0), the object at (1, 2): √5 = 2.236 apart.
        var map = new float[3, 3];
        map[0, 0] = 1;
        Assert.Equal(expected, new PointingGame { Tolerance = tolerance }.Of(map, [0, 0, 0, 0, 0, 255, 0, 0, 0]));
    }

    [Fact]
    public void Energy_is_the_positive_maps_share_weighed_by_coverage()
    {
        Assert.Equal(0.7, new EnergyPointingGame().Of(Map, [0, 0, 255, 255]), Tolerance.RoundingInDouble(8));
        Assert.Equal(
            (4 + (3 * 51 / 255.0)) / 10,
            new EnergyPointingGame().Of(Map, [0, 0, 51, 255]),
            Tolerance.RoundingInDouble(8)
        );
        Assert.Equal(
            0.75,
            new EnergyPointingGame().Of(
                new float[,]
                {
                    { -9, 1 },
                    { -9, 3 },
                },
                [0, 0, 255, 255]
            ),
            Tolerance.RoundingInDouble(8)
        );
    }

    [Fact]
    public void IoU_is_of_what_reaches_the_threshold()
    {
        // At 0.5 the map marks 2, 3 and 4; at 0.75 it marks 3 and 4; at 1 it marks 4.
        byte[] mask = [255, 0, 255, 255];
        Assert.Equal(2.0 / 4, new IntersectionOverUnion().Of(Map, mask));
        Assert.Equal(2.0 / 3, new IntersectionOverUnion { Threshold = 0.75 }.Of(Map, mask));
        Assert.Equal(1.0 / 3, new IntersectionOverUnion { Threshold = 1 }.Of(Map, mask));
        Assert.Throws<InvalidOperationException>(() => new IntersectionOverUnion { Threshold = 0 }.Of(Map, mask));
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void What_says_nothing_scores_chance_and_what_cannot_be_judged_has_no_score(string name)
    {
        var measure = (LocalizationMeasure)EvaluationMeasures.Get(name);
        Assert.Equal(
            0.25,
            measure.Of(
                new float[,]
                {
                    { 7, 7 },
                    { 7, 7 },
                },
                [255, 0, 0, 0]
            )
        );
        Assert.Equal(0.25, measure.Of(new float[2, 2], [255, 0, 0, 0]));
        Assert.Equal(double.NaN, measure.Of(Map, [0, 0, 0, 0]));
        Assert.Equal(double.NaN, measure.Of(Map, [127, 0, 0, 0]));
        Assert.Equal(
            0.25,
            measure.Of(
                new float[,]
                {
                    { -1, -1 },
                    { -1, -1 },
                },
                [255, 0, 0, 0]
            )
        );
        Assert.Contains(
            "row 1, column 0",
            Assert
                .Throws<ArgumentException>(() =>
                    measure.Of(
                        new float[,]
                        {
                            { 1, 2 },
                            { float.NaN, 4 },
                        },
                        [255, 0, 0, 0]
                    )
                )
                .Message,
            StringComparison.Ordinal
        );
        Assert.Contains(
            "resize",
            Assert.Throws<ArgumentException>(() => measure.Of(Map, new byte[9])).Message,
            StringComparison.Ordinal
        );
    }

    [Fact]
    public void A_map_at_the_layers_size_is_enlarged_as_figures_show_it()
    {
        // One bright cell of 4×4 in 8×8: a quarter and three quarters of the way between centres, in both directions.
        var raw = new float[4, 4];
        raw[1, 1] = 1;
        double[] line = [0, 0.25, 0.75, 0.75, 0.25, 0, 0, 0];

        using nn.Module<Tensor, Tensor> model = Trials.Linear(new float[64]);
        using Tensor picture = zeros(1, 1, 8, 8);
        EvaluationTrial trial = Trials.Of(model, picture, raw, [.. Enumerable.Repeat((byte)255, 64)]);
        Assert.Equal(line.SelectMany(_ => line, (y, x) => (float)(y * x)), trial.MapOf(0).Flat());
        Assert.Equal(1, new EnergyPointingGame().Score(trial)[0]);
    }

    [Fact]
    public void Without_masks_the_measure_says_so()
    {
        using nn.Module<Tensor, Tensor> model = Trials.Linear(1, 2, 3, 4);
        using Tensor picture = ones(1, 1, 2, 2);
        Assert.Contains(
            "masks",
            Assert.Throws<ArgumentException>(() => new EnergyPointingGame().Score(Trials.Of(model, picture, Map))).Message,
            StringComparison.Ordinal
        );
        Assert.Contains(
            "4 bytes",
            Assert.Throws<ArgumentException>(() => Trials.Of(model, picture, Map, new byte[3])).Message,
            StringComparison.Ordinal
        );
    }
}
