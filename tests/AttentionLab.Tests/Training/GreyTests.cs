using AttentionLab.Core;
using AttentionLab.Data;
using AttentionLab.Explain;
using AttentionLab.Figures;
using AttentionLab.Imaging;
using AttentionLab.Models;
using AttentionLab.Tests.Data;
using AttentionLab.Training;
using TorchSharp;
using static TorchSharp.torch;

namespace AttentionLab.Tests.Training;

/// <summary>Pictures of one channel from the file to the map.</summary>
[Trait("Kind", "Numeric")]
public sealed class GreyTests : IDisposable
{
    private static readonly LabeledImages Two = new("two", 1, 2, [0, 255, 51, 204], [0, 1], ["a", "b"], channels: 1);

    private readonly TemporaryFolder _folder = new();
    private readonly DisposeScope _scope = NewDisposeScope();

    public void Dispose()
    {
        _scope.Dispose();
        _folder.Dispose();
    }

    /// <summary>(value / 255 − 0.5) / 0.25: −2, 2, −1.2, 1.2; the mean of 0, 1, 0.2, 0.8 is 0.5, the deviation √0.17.</summary>
    [Fact]
    public void One_channel_is_normalised_and_comes_back()
    {
        var normalization = new Normalization([0.5f], [0.25f]);
        Tensor input = normalization.ToTensor(Two, [0, 1]);
        Assert.Equal([2, 1, 1, 2], input.shape);
        Assert.Equal([-2, 2, -1.2, 1.2], input.contiguous().data<float>().ToArray().Select(v => (double)v), Close);
        Assert.Equal([0, 0, 0, 255, 255, 255], normalization.ToPicture(input[0]).Rgb);
        Assert.Equal([51, 51, 51, 204, 204, 204], Two.PictureOf(1).Rgb);
        Assert.True(normalization.ToTensor(Two.PictureOf(0), Two.PictureOf(1)).Equals(input)); // grey has its value as luma

        Normalization own = Normalization.Of(Two);
        Assert.Equal(0.5f, Assert.Single(own.Mean), Tolerance.Rounding(4));
        Assert.Equal((float)Math.Sqrt(0.17), Assert.Single(own.StandardDeviation), Tolerance.Rounding(4));

        // A division, a difference, a division by 1/4; values below 2.
        static bool Close(double a, double b) => Math.Abs(a - b) <= 4 * Tolerance.Rounding(3);
    }

    [Fact]
    public void Batches_and_subsets_have_the_channel_and_another_number_of_channels_is_refused()
    {
        var batches = new Batches(Two.Select(1, 0), new Normalization([0], [1]), batchSize: 2);
        using Batch batch = batches.Epoch(0).Single();
        Assert.Equal([2, 1, 1, 2], batch.Images.shape);
        Assert.Equal([51 / 255f, 204 / 255f, 0, 1], batch.Images.contiguous().data<float>().ToArray());
        Assert.Contains(
            "have one channel, and the normalisation has 3 means",
            Assert.Throws<ArgumentException>(() => new Batches(Two, Normalization.Tutorial)).Message,
            StringComparison.Ordinal
        );
        Assert.Throws<ArgumentException>(() => Normalization.Tutorial.ToTensor(Two, [0]));
        Assert.Throws<ArgumentOutOfRangeException>(() => new LabeledImages("x", 1, 1, [1, 2], [0], ["a"], channels: 2));
        Assert.Throws<ArgumentException>(() => new LabeledImages("x", 1, 1, [1, 2, 3], [0], ["a"], channels: 1));
    }

    /// <summary>Luma of red, green and blue by BT.601: 76, 150, 29, as PIL has them.</summary>
    [Fact]
    public void Colours_become_luma_and_masks_stay()
    {
        var colours = new LabeledImages("c", 1, 3, [255, 0, 0, 0, 255, 0, 0, 0, 255], [0], ["a"], [9, 8, 7]);
        LabeledImages grey = colours.ToGrey();
        Assert.Equal([76, 150, 29], grey.PlanesOf(0).ToArray());
        Assert.Equal([9, 8, 7], grey.MaskOf(0).ToArray());
        Assert.Same(grey, grey.ToGrey());
        var set = new DataSet("c", colours, colours, Normalization.Of(colours));
        Assert.Equal(85 / 255f, Assert.Single(set.ToGrey().Normalization.Mean), Tolerance.Rounding(4)); // (76 + 150 + 29) / 3
        Assert.Equal(1, set.ToGrey().Preprocessing.Channels);
    }

    [Fact]
    public void Grey_is_augmented_as_a_colour_picture_of_equal_planes()
    {
        byte[] grey = [.. Enumerable.Range(0, 64).Select(i => (byte)(i * 37))],
            one = new byte[64],
            three = new byte[192];
        for (long seed = 0; seed < 20; seed++)
        {
            RandomStream ofOne = new(seed),
                ofThree = new(seed);
            var flip = new Augmentation(new RandomHorizontalFlip(0.5), new RandomCrop(2));
            flip.Apply(grey, 8, 8, one, ref ofOne);
            flip.Apply([.. grey, .. grey, .. grey], 8, 8, three, ref ofThree);
            Assert.Equal(three[..64], one);
        }
    }

    [Fact]
    public void A_network_of_one_channel_learns_grey_files_is_saved_asked_and_explained()
    {
        for (int i = 0; i < 10; i++)
        {
            Save($"digits/down/{i}.png", i, (x, y) => x is > 12 and < 19);
            Save($"digits/across/{i}.png", i, (x, y) => y is > 12 and < 19);
        }

        DataSet data = ImageFolder.Load(_folder["digits"]).ToGrey();
        Assert.Equal(1, data.Train.Channels);
        using var network = new TrainedNetwork(new SeCnn(2, seed: 1, channels: 1), data.ClassNames, data.Preprocessing)
        {
            Architecture = NetworkArchitecture.Get("se"),
        };
        new Trainer(TrainingOptions.Fast with { Epochs = 6, BatchSize = 8 }).Fit(network, data);
        network.Save(_folder["grey.safetensors"]);

        using TrainedNetwork loaded = TrainedNetwork.Load(_folder["grey.safetensors"]);
        Assert.Equal([32, 1, 3, 3], ((SeCnn)loaded.Module).conv1.weight.shape);
        Image picture = ImageFile.Load(_folder["digits/down/3.png"]);
        Assert.Equal(network.Predict(picture).Output, loaded.Predict(picture).Output);
        Assert.Equal("down", loaded.Predict(picture).Top(1)[0].Name);
        Assert.Equal("across", loaded.Predict(_folder["digits/across/4.png"]).Top(1)[0].Name);
        Explanation map = new Gradients().Explain(loaded, picture);
        Assert.Equal((28, 28), (map.Over(picture).Picture.Height, map.Over(picture).Picture.Width));
        Assert.All(
            ExplanationMethods.Names,
            name =>
            {
                ExplanationMethod method = Explain.FewSamples.Get(name);
                if (method.AppliesTo(loaded.Module).IsApplicable)
                {
                    Assert.All(
                        method.Explain(loaded, [picture]).SelectMany(each => each.Maps),
                        its => Assert.True(its.Values.ToArray().All(float.IsFinite), name)
                    );
                }
            }
        );

        Assert.Contains(
            "takes pictures N×1×H×W, and those of digits are N×3×H×W",
            Assert.Throws<ArgumentException>(() => new Trainer().Fit(loaded, ImageFolder.Load(_folder["digits"]))).Message,
            StringComparison.Ordinal
        );
        Assert.Contains("N×1×32×32", Assert.Throws<ArgumentException>(() => loaded.Module.call(zeros(1, 3, 32, 32))).Message);
    }

    public static TheoryData<string> Own => [.. NetworkArchitecture.Names];

    [Theory]
    [MemberData(nameof(Own))]
    public void Every_network_of_one_channel_comes_back_from_its_file_and_under_a_new_last_layer(string name)
    {
        NetworkArchitecture architecture = NetworkArchitecture.Get(name);
        var preprocessing = Preprocessing.Of(new Normalization([0.4f], [0.3f]), 32, 32);
        using var network = new TrainedNetwork(architecture.CreateFor(1, 3, 5), ["a", "b", "c"], preprocessing)
        {
            Architecture = architecture,
        };
        network.Module.eval();
        PngFile.Save(new Image(40, 50, [.. Enumerable.Range(0, 6000).Select(i => (byte)(i * i / 7))]), _folder["0/0.png"]);
        PngFile.Save(new Image(40, 50, [.. Enumerable.Range(0, 6000).Select(i => (byte)(i * i / 11))]), _folder["0/1.png"]);
        PngFile.Save(new Image(40, 50, [.. Enumerable.Range(0, 6000).Select(i => (byte)(i / 23))]), _folder["1/0.png"]);
        PngFile.Save(new Image(40, 50, [.. Enumerable.Range(0, 6000).Select(i => (byte)(255 - (i / 29)))]), _folder["1/1.png"]);
        network.Save(_folder["grey.safetensors"]);
        using TrainedNetwork loaded = TrainedNetwork.Load(_folder["grey.safetensors"]);
        Assert.Equal(network.Predict(_folder["0/0.png"]).Output, loaded.Predict(_folder["0/0.png"]).Output);
        Assert.Equal([0.4f], loaded.Preprocessing.Mean);

        var options = new LinearHeadOptions
        {
            Folds = 2,
            FineTuning = new FineTuning { Epochs = 1, Layers = [name is "plain" or "se" ? "conv3" : "layer3"] },
        };
        TrainedNetwork head = LinearHead.Fit(loaded, LabeledPhotographs.Find(_folder.Path), options).Network;
        head.Save(_folder["head.safetensors"]);
        using TrainedNetwork its = TrainedNetwork.Load(_folder["head.safetensors"]);
        Assert.Equal(head.Predict(_folder["0/1.png"]).Output, its.Predict(_folder["0/1.png"]).Output);
        head.Dispose();
    }

    [Fact]
    public void Bare_weights_of_one_channel_take_grey_pictures_between_0_and_1_unless_their_preprocessing_is_named()
    {
        using (var model = new SeResNet(2, seed: 1, channels: 1))
        {
            WeightFile.Save(model, _folder["bare.safetensors"]);
        }

        using TrainedNetwork network = TrainedNetwork.Load(_folder["bare.safetensors"], "se-resnet");
        Assert.Equal(
            (1, 0f, 1f, 32),
            (
                network.Preprocessing.Channels,
                network.Preprocessing.Mean[0],
                network.Preprocessing.StandardDeviation[0],
                network.Preprocessing.Height
            )
        );
        Assert.Contains(network.Notes, note => note.Contains("grey ones in [0, 1] are taken", StringComparison.Ordinal));
        Assert.Contains(
            "pictures of 1 channel, and the preprocessing gives 3×32×32",
            Assert
                .Throws<ArgumentException>(() =>
                    TrainedNetwork.Load(_folder["bare.safetensors"], "se-resnet", preprocessing: Preprocessing.Cifar10)
                )
                .Message,
            StringComparison.Ordinal
        );
    }

    /// <summary>As for a network of one channel that was read from ONNX.</summary>
    [Fact]
    public void A_folder_is_read_in_the_channels_of_a_networks_preprocessing()
    {
        foreach ((string picture, byte[] rgb) in new[] { ("a/0", (byte[])[255, 0, 0]), ("b/0", [0, 255, 0]) })
        {
            foreach (string split in (string[])["train", "test"])
            {
                PngFile.Save(new Image(1, 1, rgb), _folder[$"mine/{split}/{picture}.png"]);
            }
        }

        var preprocessing = new Preprocessing
        {
            Height = 1,
            Width = 1,
            Mean = [0],
            StandardDeviation = [1],
        };
        DataSet data = ImageFolder.Load(_folder["mine"], new ImageFolderOptions { Preprocessing = preprocessing });
        Assert.Equal((1, 2), (data.Train.Channels, data.Train.Count));
        Assert.Equal([76, 76, 76, 150, 150, 150], [.. data.Train.PictureOf(0).Rgb, .. data.Train.PictureOf(1).Rgb]);
    }

    private void Save(string name, int shade, Func<int, int, bool> isInk)
    {
        byte[] pixels =
        [
            .. Enumerable.Range(0, 28 * 28).Select(i => (byte)(isInk(i % 28, i / 28) ? 255 - (5 * shade) : 5 * shade)),
        ];
        PngFile.Save(28, 28, pixels, _folder[name]);
    }
}
