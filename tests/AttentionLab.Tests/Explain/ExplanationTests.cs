using AttentionLab.Explain;
using AttentionLab.Models;
using CsCheck;
using TorchSharp;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace AttentionLab.Tests.Explain;

[Trait("Kind", "Numeric")]
public sealed class ExplanationTests : IDisposable
{
    private readonly DisposeScope _scope = NewDisposeScope();
    private readonly string _folder = Directory.CreateTempSubdirectory("explanations").FullName;

    public void Dispose()
    {
        _scope.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public void Results_come_back_from_a_file_as_they_were()
    {
        using var model = new SeCnn(seed: 3);
        string path = Path.Combine(_folder, "maps.safetensors");
        Explanation[] saved =
        [
            .. new GradCam().Explain(model, Fixture.FormulaInput(), new() { Layers = ["conv*"] }),
            .. new HiResCam().Explain(model, Fixture.FormulaInput(), new() { Target = Target.Difference(1, 2) }),
        ];
        ExplanationFile.Save(saved, path);
        IReadOnlyList<Explanation> loaded = ExplanationFile.Load(path);

        Assert.Equal(saved.Length, loaded.Count);
        foreach ((Explanation a, Explanation b) in saved.Zip(loaded))
        {
            Assert.Equal((a.Method, a.Layer, a.Target), (b.Method, b.Layer, b.Target));
            Assert.Equal(a.Maps, b.Maps);
            Assert.Equal((32, 32), b.InputSize);
            Assert.Equal(a.Logits, b.Logits);
            Assert.Equal(a.Classes, b.Classes);
            Assert.Equal(a.Predictions, b.Predictions);
            Assert.Equal(a.Versions, b.Versions);
        }

        Assert.Equal(["AttentionLab", "TorchSharp", "libtorch", ".NET"], loaded[0].Versions.Keys);
        Dictionary<string, Tensor> file = Safetensors.Load(path);
        Assert.Equal([4, 16, 16], file["grad-cam/conv2"].shape);
        Assert.Equal([4, 10], file["logits"].shape);
        Assert.Equal([4], file["pred"].shape);
        foreach (Tensor tensor in file.Values)
        {
            tensor.Dispose();
        }
    }

    [Fact]
    public void Files_of_something_else_and_damaged_ones_are_refused()
    {
        string path = Path.Combine(_folder, "other.safetensors");
        Assert.Throws<FileNotFoundException>(() => ExplanationFile.Load(path));
        Safetensors.Save(new Dictionary<string, Tensor> { ["logits"] = zeros(1, 2) }, path);
        Assert.Contains(
            "no 'explanations' in its metadata",
            Assert.Throws<InvalidDataException>(() => ExplanationFile.Load(path)).Message,
            StringComparison.Ordinal
        );
        foreach (
            string about in new[] { "null", "{", "[null]", "[{}]", """[{"Method":"a","Layer":"b","Target":"c","Versions":{}}]""" }
        )
        {
            Safetensors.Save(
                new Dictionary<string, Tensor> { ["logits"] = zeros(1, 2), ["pred"] = zeros(1, dtype: int64) },
                path,
                new Dictionary<string, string> { ["explanations"] = about }
            );
            Assert.Throws<InvalidDataException>(() => ExplanationFile.Load(path));
        }

        using var model = new HandMade();
        Explanation one = new GradCam().Explain(model, HandMade.Picture)[0];
        Assert.Throws<ArgumentException>(() => ExplanationFile.Save([], path));
        Assert.Throws<ArgumentException>(() => ExplanationFile.Save([one, one], path));
        Assert.Throws<ArgumentException>(() =>
            ExplanationFile.Save([one], path, new Dictionary<string, Tensor> { ["logits"] = zeros(1) })
        );
        Assert.Throws<ArgumentException>(() =>
            ExplanationFile.Save([one, one with { Layer = "other", Logits = new float[1, 2] }], path)
        );
    }

    [Fact]
    public void A_description_damaged_at_random_is_read_or_refused()
    {
        string path = Path.Combine(_folder, "damaged.safetensors");
        using var model = new HandMade();
        ExplanationFile.Save([new GradCam().Explain(model, HandMade.Picture)[0]], path);
        Dictionary<string, Tensor> tensors = Safetensors.Load(path);
        string about;
        using (TensorFile file = Safetensors.Open(path))
        {
            about = file.Metadata["explanations"];
        }

        DamagedJson
            .Of(about)
            .Sample(
                damaged =>
                {
                    Safetensors.Save(tensors, path, new Dictionary<string, string> { ["explanations"] = damaged });
                    try
                    {
                        Assert.NotEmpty(ExplanationFile.Load(path));
                    }
                    catch (InvalidDataException) { }
                },
                iter: 300,
                threads: 1
            );
    }

    [Fact]
    public void Files_that_do_not_know_the_pictures_size_are_read_too()
    {
        string path = Path.Combine(_folder, "old.safetensors");
        using var model = new HandMade();
        Explanation one = new GradCam().Explain(model, HandMade.Picture)[0];
        Assert.Equal(((int)HandMade.Picture.shape[2], (int)HandMade.Picture.shape[3]), one.InputSize);
        Assert.Equal((one.InputSize!.Value.Height, one.InputSize.Value.Width), (one.ToHeatMap(0).Height, one.ToHeatMap(0).Width));

        ExplanationFile.Save([one], path);
        Dictionary<string, Tensor> tensors = Safetensors.Load(path);
        string about;
        using (TensorFile file = Safetensors.Open(path))
        {
            about = file.Metadata["explanations"];
        }

        string old = System.Text.RegularExpressions.Regex.Replace(about, ",\"(Height|Width)\":\\d+", "");
        Assert.NotEqual(about, old);
        Safetensors.Save(tensors, path, new Dictionary<string, string> { ["explanations"] = old });
        Explanation loaded = Assert.Single(ExplanationFile.Load(path));
        Assert.Equal(one.Maps, loaded.Maps);
        Assert.Null(loaded.InputSize);
        Assert.Contains(
            "name the size",
            Assert.Throws<InvalidOperationException>(() => loaded.ToHeatMap(0)).Message,
            StringComparison.Ordinal
        );
        Assert.Equal(one.ToHeatMap(0, 5, 7), loaded.ToHeatMap(0, 5, 7));
    }

    [Fact]
    public void Every_map_says_what_it_is_of()
    {
        using var model = new HandMade();
        Explanation one = new GradCam().Explain(model, HandMade.Picture, new() { Target = Target.Class(1) })[0];
        Assert.Equal(("grad-cam", one.Layer, "class 1"), (one[0].Method, one[0].Layer, one[0].Target));
        Explanation other = new GradCam().Explain(model, HandMade.Picture, new() { Target = Target.Difference(1, 0) })[0];
        Assert.Equal("class 1 and not 0", other[0].Target);
    }

    [Fact]
    public void Maps_of_several_layers_fuse_into_one()
    {
        Explanation fine = Sample(
            new float[,,]
            {
                {
                    { 0, 2 },
                    { 4, 8 },
                },
            }
        ) with
        {
            Layer = "fine",
        };
        Explanation coarse = Sample(
            new float[,,]
            {
                {
                    { 5 },
                },
            }
        ) with
        {
            Layer = "coarse",
        };
        Explanation fused = Explanation.Fuse([fine, coarse]);
        Assert.Equal("fine+coarse", fused.Layer);
        Assert.Equal([0, 0.125f, 0.25f, 0.5f], fused.Flat(), (a, b) => Math.Abs(a - b) <= Tolerance.Rounding(8));
        Assert.Throws<ArgumentException>(() => Explanation.Fuse([]));
        Assert.Throws<ArgumentException>(() => Explanation.Fuse([fine, coarse with { Target = "class 1" }]));
    }

    [Fact]
    public void Blank_maps_are_named_in_words()
    {
        Explanation result = Sample(
            new float[,,]
            {
                {
                    { 0, 0 },
                },
                {
                    { 0, 1 },
                },
            }
        );
        Assert.Equal([0], result.Blank);
        Assert.Contains("map of picture 0 is zero everywhere", Assert.Single(result.Notes), StringComparison.Ordinal);
        Assert.Throws<ArgumentOutOfRangeException>(() => result[2]);
    }

    [Fact]
    public void A_map_that_is_not_finite_is_an_error()
    {
        using var huge = new Composed(x => x * 1e30f);
        using var model = new Composed(x => huge.call(x).flatten(1) * 1e-30f, ("huge", huge));
        string message = Assert
            .Throws<InvalidOperationException>(() => new Overflowing().Explain(model, ones(1, 1, 2, 2)))
            .Message;
        Assert.Contains(
            "overflowing at huge: the map of picture 0 is not finite at row 0, column 0",
            message,
            StringComparison.Ordinal
        );
    }

    [Fact]
    public void A_model_whose_output_is_no_logits_is_refused()
    {
        using var part = Identity();
        using var model = new Composed(x => part.call(x), ("part", part));
        Assert.Contains(
            "a classifier outputs logits, pictures × classes",
            Assert.Throws<InvalidOperationException>(() => new GradCam().Explain(model, ones(1, 1, 2, 2))).Message,
            StringComparison.Ordinal
        );
        Assert.Contains(
            "a classifier outputs logits, pictures × classes",
            Assert.Throws<InvalidOperationException>(() => new ActivationMap().Explain(model, ones(1, 1, 2, 2))).Message,
            StringComparison.Ordinal
        );
    }

    [Fact]
    public void Logits_that_are_not_finite_are_an_error_even_where_they_play_no_part()
    {
        using var part = Identity();
        using var model = new Composed(x => part.call(x).flatten(1) / 0, ("part", part));
        Assert.Contains(
            "logits hold NaN",
            Assert.Throws<InvalidOperationException>(() => new ActivationMap().Explain(model, ones(1, 1, 2, 2))).Message,
            StringComparison.Ordinal
        );
    }

    [Theory]
    [InlineData(0.09)]
    [InlineData(double.NaN)]
    [InlineData(11)]
    public void Zooms_out_of_all_proportion_are_refused(double zoom)
    {
        using var model = new HandMade();
        Assert.Throws<ArgumentException>(() =>
            new GradCam().Explain(model, HandMade.Picture, new() { Smoothing = new() { Zooms = [zoom] } })
        );
    }

    [Fact]
    public void A_zoomed_picture_turned_back_is_the_picture_again()
    {
        Tensor ramp = linspace(0, 1, 16).reshape(1, 1, 16, 1).expand(1, 1, 16, 16) + linspace(0, 1, 16);
        foreach (double zoom in new[] { 0.8, 1.25 })
        {
            Tensor there = TestTimeSmoothing.Change(ramp, (true, zoom)),
                back = TestTimeSmoothing.TurnBack(there.squeeze(1), (true, zoom));
            // A place among 16 is off by 16·u, the ramp by 1/15 of that in each direction; twice, and the weights' products.
            Fixture.AssertClose(
                ramp[0, 0, 4..12, 4..12],
                back[0, 4..12, 4..12],
                Tolerance.Rounding(4 * (16 + 8)),
                $"zoom {zoom}"
            );
        }

        // Twice as large about the centre: pixel 4 of 8 (centre 4.5) comes from 0.25 beyond the middle.
        Tensor row = arange(0, 8, dtype: float32).reshape(1, 1, 1, 8);
        Assert.Equal(3.75f, TestTimeSmoothing.Change(row, (false, 2))[0, 0, 0, 4].item<float>(), 8 * Tolerance.Rounding(8));
    }

    private static Explanation Sample(float[,,] maps) =>
        new()
        {
            Method = "sample",
            Layer = "layer",
            Target = "class 0",
            Classes = [.. Enumerable.Repeat(0, maps.GetLength(0))],
            Predictions = [.. Enumerable.Repeat(0, maps.GetLength(0))],
            Logits = new float[maps.GetLength(0), 2],
            Maps = Flattened.Maps(maps),
        };

    private sealed class Overflowing : ClassActivationMap
    {
        public override string Name => "overflowing";

        protected override Tensor Weights(Tensor activation, Tensor gradient) => activation;
    }
}
