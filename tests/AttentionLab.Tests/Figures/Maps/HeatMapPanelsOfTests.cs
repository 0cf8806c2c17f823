using System.Globalization;
using AttentionLab.Data;
using AttentionLab.Explain;
using AttentionLab.Figures;

namespace AttentionLab.Tests.Figures.Maps;

public sealed class HeatMapPanelsOfTests
{
    private static readonly LabeledImages Images = new(
        "three",
        2,
        2,
        [.. Enumerable.Range(0, 36).Select(i => (byte)i)],
        [0, 1, 1],
        ["cat", "dog"]
    );

    [Fact]
    public void Pictures_classes_and_enlarged_maps_stand_where_they_belong()
    {
        Explanation first = Made("grad-cam", "conv3", new float[2, 1, 1]),
            second = Made(
                "gradients",
                "input",
                new float[,,]
                {
                    {
                        { 0, 1 },
                        { 2, 4 },
                    },
                    {
                        { -1, -1 },
                        { -1, 1 },
                    },
                }
            );
        HeatMapPanels figure = HeatMapPanels.Of(Images, [2, 0], first, second);
        Assert.Equal([("dog", "cat"), ("cat", "output 2")], figure.Rows.Select(row => (row.TrueClass!, row.PredictedClass)));
        Assert.Equal(Images.PictureOf(2).Rgb, figure.Rows[0].Picture.Rgb);
        Assert.Equal(["grad-cam\nconv3", "gradients\ninput"], figure.Rows[0].Maps.Select(map => map.Title));
        Assert.Equal([0, 0.25f, 0.5f, 1], figure.Rows[0].Maps[1].Map.Flat());
        Assert.Equal([0, 0, 0, 1], figure.Rows[1].Maps[1].Map.Flat());
        Assert.Equal([0, 0, 0, 0], figure.Rows[1].Maps[0].Map.Flat());
        Assert.Equal(
            new HeatMapPanels(ImageWithMaps.Of(Images, [2, 0], first, second)) { Culture = CultureInfo.CurrentUICulture }.ToPng(),
            figure.ToPng()
        );
    }

    [Fact]
    public void Pictures_that_were_not_explained_are_refused()
    {
        Explanation two = Made("grad-cam", "conv3", new float[2, 1, 1]);
        Assert.Contains(
            "grad-cam at conv3 has maps of 2 pictures, and 1 are named",
            Assert.Throws<ArgumentException>(() => HeatMapPanels.Of(Images, [0], two)).Message,
            StringComparison.Ordinal
        );
        Assert.Throws<ArgumentException>(() => HeatMapPanels.Of(Images, [0]));
        Assert.Throws<ArgumentOutOfRangeException>(() => HeatMapPanels.Of(Images, [0, 3], two));
    }

    private static Explanation Made(string method, string layer, float[,,] maps) =>
        new()
        {
            Method = method,
            Layer = layer,
            Target = "predicted class",
            Classes = [0, 2],
            Predictions = [0, 2],
            Logits = new float[2, 3],
            Maps = Flattened.Maps(maps),
        };
}
