using AttentionLab.Data;
using AttentionLab.Explain;
using AttentionLab.Imaging;
using AttentionLab.Models;
using AttentionLab.Tests.Data;
using AttentionLab.Training;
using TorchSharp;
using static TorchSharp.torch;

namespace AttentionLab.Tests.Training;

/// <summary>Networks from outside whose weights all learn, on photographs as their preprocessing brings them.</summary>
[Trait("Kind", "Numeric")]
public sealed class WholeNetworkTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly DisposeScope _scope = NewDisposeScope();

    public void Dispose()
    {
        _scope.Dispose();
        _folder.Dispose();
    }

    /// <summary>A transformer: without BatchNorm, whose statistics of a few pictures would blur what is tested.</summary>
    [Fact]
    public void An_ONNX_network_learns_whole_with_a_new_last_layer_and_its_file_brings_it_back()
    {
        using TrainedNetwork network = Onnx("vit");
        using TrainedNetwork original = Onnx("vit");
        DataSet data = Photographs(network.Preprocessing);
        TrainedNetwork learner = network.ForClasses(data.ClassNames, seed: 1);
        Assert.Equal("A new last layer of 2 classes stands in place of heads.head, which has 10 outputs.", learner.Notes[^1]);

        var options = new TrainingOptions
        {
            Epochs = 8,
            BatchSize = 4,
            LearningRate = 1e-3,
            Augmentation = null,
        };
        TrainingHistory history = new Trainer(options).Fit(learner, data);
        Assert.True(history.Last.TestAccuracy == 1, string.Join('\n', history.Epochs));
        Assert.True(history.Last.TrainLoss < history.Epochs[0].TrainLoss);

        // Every weight moved, but for those of the layer that is replaced.
        Dictionary<string, Tensor> before = original.Module.state_dict();
        foreach (
            (string name, Tensor weight) in learner.Module.named_parameters().Where(each => HeadedNetwork.IsBackbone(each.name))
        )
        {
            string its = name[(name.IndexOf('.', StringComparison.Ordinal) + 1)..];
            bool moved = (weight != before[its]).any().item<bool>();
            Assert.True(moved != its.StartsWith("heads.head.", StringComparison.Ordinal), its);
        }

        learner.Save(_folder["whole.safetensors"]);
        using TrainedNetwork loaded = TrainedNetwork.Load(_folder["whole.safetensors"]);
        Image picture = ImageFile.Load(_folder["photographs/light/0.png"]);
        Assert.Equal(learner.Predict(picture).Output, loaded.Predict(picture).Output);
        Assert.Equal("light", loaded.Predict(picture).Top(1)[0].Name);
        Assert.Equal("features.encoder.layers.encoder_layer_1", new GradCam().Explain(loaded, picture).Layer);
    }

    [Fact]
    public void A_network_of_as_many_unnamed_classes_goes_on_from_its_own_last_layer()
    {
        using TrainedNetwork network = Onnx("vgg");
        string[] names = [.. Enumerable.Range(0, network.ClassNames.Count).Select(k => $"kind {k}")];
        Image picture = new(50, 40, [.. Enumerable.Range(0, 6000).Select(i => (byte)(i * 7))]);
        float[] output = [.. network.Predict(picture).Output];
        TrainedNetwork same = network.ForClasses(names),
            other = same.ForClasses([.. names.Reverse()], seed: 5);
        Assert.Equal(output, same.Predict(picture).Output); // the same product of the same numbers
        Assert.NotEqual(output, other.Predict(picture).Output);
        Assert.Equal(names, same.ClassNames);
        Assert.Contains("in place of the one of 10.", other.Notes[^1], StringComparison.Ordinal);
    }

    [Fact]
    public void A_network_that_is_known_by_name_is_saved_under_its_name_where_the_classes_are_as_many()
    {
        using var network = new TrainedNetwork(new SeCnn(2, seed: 1), ["dark", "light"])
        {
            Architecture = NetworkArchitecture.Get("se"),
        };
        Assert.Same(network.Module, network.ForClasses(["dark", "light"]).Module);
        Assert.Equal("se", network.ForClasses(["dark", "light"]).Architecture!.Name);
        TrainedNetwork three = network.ForClasses(["a", "b", "c"], seed: 2);
        Assert.Equal(3, three.Predict(new Image(1, 1, [1, 2, 3])).Output.Count);
        Assert.Throws<ArgumentException>(() => network.ForClasses([]));
    }

    /// <summary>One pixel, blue first, minus a mean picture: (255·(b, g, r) / 255 − mean) / deviation.</summary>
    [Fact]
    public void Training_sees_what_the_preprocessing_gives_where_that_is_no_normalisation()
    {
        var preprocessing = new Preprocessing
        {
            Height = 1,
            Width = 2,
            Fit = ImageFit.Squash,
            IsBgr = true,
            Largest = 255,
            StandardDeviation = [2, 4, 8],
            MeanImage = [1, 2, 3, 4, 5, 6],
        };
        using var network = new TrainedNetwork(new Same(), ["a"], preprocessing);
        using var converted = new ConvertedInput(network);
        byte[] rgb = [10, 20, 30, 40, 50, 60];
        Tensor pixels = tensor([.. rgb.Select(value => value / 255f)], [1, 1, 2, 3]).permute(0, 3, 1, 2);
        float[] expected = [(30 - 1) / 2f, (60 - 2) / 2f, (20 - 3) / 4f, (50 - 4) / 4f, (10 - 5) / 8f, (40 - 6) / 8f];
        float[] given = network.ToInput(new Image(1, 2, rgb)).contiguous().data<float>().ToArray(),
            seen = converted.call(pixels).contiguous().data<float>().ToArray();
        Assert.Equal(expected, given);

        // Two roundings of values up to 255, divided by at least 2.
        Assert.All(seen.Zip(expected), pair => Assert.Equal(pair.Second, pair.First, 255 * Tolerance.Float32Unit));
    }

    [Fact]
    public void A_network_that_takes_blue_first_learns_as_its_own_preprocessing_shows_the_pictures()
    {
        Preprocessing preprocessing = Preprocessing.ImageNetBgr255.At(32, 32);
        using var network = new TrainedNetwork(new SeCnn(2, seed: 1), ["dark", "light"], preprocessing);
        DataSet data = Photographs(preprocessing);
        new Trainer(
            new TrainingOptions
            {
                Epochs = 3,
                BatchSize = 4,
                Augmentation = null,
            }
        ).Fit(network, data);
        Assert.Equal("dark", network.Predict(_folder["photographs/dark/1.png"]).Top(1)[0].Name);
        Assert.Equal("light", network.Predict(_folder["photographs/light/1.png"]).Top(1)[0].Name);
    }

    [Fact]
    public void A_set_at_a_networks_size_has_the_means_of_its_pixels()
    {
        var images = new LabeledImages("one", 2, 2, [1, 3, 5, 7, 10, 10, 10, 10, 0, 0, 0, 8], [0], ["only"]);
        var preprocessing = new Preprocessing
        {
            Height = 1,
            Width = 1,
            Interpolation = Interpolation.Area,
            Mean = [0.5f, 0.25f, 0],
            StandardDeviation = [1, 2, 3],
        };
        DataSet set = new DataSet("one", images, images, Normalization.Tutorial).At(preprocessing);
        Assert.Equal([4, 10, 2], set.Train.PlanesOf(0).ToArray());
        Assert.Equal([0.5f, 0.25f, 0], set.Normalization.Mean);
        Assert.Equal([1f, 2, 3], set.Normalization.StandardDeviation);
        Assert.Same(set.Train, set.Train.At(preprocessing));
        Assert.Throws<ArgumentException>(() => images.At(new Preprocessing()));
        var many = new LabeledImages("many", 1, 1, new byte[3 * 40_000], new int[40_000], ["only"]);
        Assert.Contains(
            "40,000 pictures, which at 224×224 take 6.0 GB",
            Assert.Throws<InvalidDataException>(() => many.At(Preprocessing.ImageNet)).Message,
            StringComparison.Ordinal
        );
    }

    private static TrainedNetwork Onnx(string family) =>
        OnnxNetwork.Load(Fixture.Shared($"parity/onnx/{family}.onnx"), Preprocessing.ImageNet.At(64, 64));

    private DataSet Photographs(Preprocessing preprocessing)
    {
        for (int i = 0; i < 10; i++)
        {
            Save($"photographs/dark/{i}.png", (byte)(5 * i));
            Save($"photographs/light/{i}.png", (byte)(255 - (5 * i)));
        }

        return ImageFolder
            .Load(_folder["photographs"], new ImageFolderOptions { Preprocessing = preprocessing })
            .At(preprocessing);
    }

    private void Save(string name, byte grey) =>
        PngFile.Save(new Image(40, 50, [.. Enumerable.Range(0, 6000).Select(i => (byte)(grey ^ (i % 7)))]), _folder[name]);

    private sealed class Same() : nn.Module<Tensor, Tensor>(nameof(Same))
    {
        public override Tensor forward(Tensor input) => input.alias();
    }
}
