using System.Text.Json.Nodes;
using AttentionLab.Data;
using AttentionLab.Imaging;
using AttentionLab.Models;
using static TorchSharp.torch;

namespace AttentionLab.Tests.Models;

public sealed class TrainedNetworkTests : IDisposable
{
    private static readonly string[] Three = ["disc", "ring", "star"];
    private readonly string _folder = Directory.CreateTempSubdirectory("attentionlab-network-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [InlineData("plain")]
    [InlineData("se")]
    [InlineData("se-resnet")]
    public void What_was_saved_comes_back_in_one_line(string name)
    {
        NetworkArchitecture architecture = NetworkArchitecture.Get(name);
        var normalization = new Normalization([0.1f, 0.2f, 0.3f], [0.5f, 0.6f, 0.7f]);
        Prediction before;
        Image picture = ShapeSet.Create(1, 1).Test.PictureOf(0);
        using (
            var network = new TrainedNetwork(architecture.Create(3, 7), Three, Preprocessing.Of(normalization, 32, 32))
            {
                Architecture = architecture,
            }
        )
        {
            before = network.Predict(picture);
            network.Save(At("mine.safetensors"), new Dictionary<string, string> { ["note"] = "tried" });
        }

        using var loaded = TrainedNetwork.Load(At("mine.safetensors"));
        Assert.Equal(name, loaded.Architecture!.Name);
        Assert.Equal(Three, loaded.ClassNames);
        Assert.True(loaded.HasClassNames);
        Assert.Equal(normalization.Mean, loaded.Preprocessing.Mean);
        Assert.Equal(normalization.StandardDeviation, loaded.Preprocessing.StandardDeviation);
        Assert.Equal((32, 32), (loaded.Preprocessing.Height, loaded.Preprocessing.Width));
        Assert.Empty(loaded.Notes);
        Assert.False(loaded.Module.training);
        Assert.Equal("tried", WeightFile.Metadata(At("mine.safetensors"))["note"]);
        Assert.Equal(before.Classes, loaded.Predict(picture).Classes);
        Assert.Equal(before.Output, loaded.Predict(picture).Output);
    }

    [Fact]
    public void Probabilities_are_the_softmax_of_the_logits_ranked()
    {
        // Weights of zero leave the last layer's bias: the logits are ln 1, ln 3 and ln 6, so the probabilities are 0.1, 0.3 and
        // 0.6.
        using var network = new TrainedNetwork(new Constant([0, MathF.Log(3), MathF.Log(6)]), Three);
        Prediction prediction = network.Predict(new Image(5, 9, new byte[5 * 9 * 3]));

        Assert.Equal([2, 1, 0], prediction.Classes.Select(each => each.Index));
        Assert.Equal(["star", "ring", "disc"], prediction.Classes.Select(each => each.Name));
        Assert.All(
            prediction.Classes.Zip([0.6, 0.3, 0.1]),
            pair => Assert.Equal(pair.Second, pair.First.Probability, 1.8 * Tolerance.Rounding(4)) // logits of at most ln 6 = 1.8
        );
        Assert.Equal("star 60.0 %, ring 30.0 %, disc 10.0 %", prediction.ToString());
        Assert.Equal("ring", prediction.Top(2)[1].Name);
        Assert.Equal(0, prediction.Of(0).Index);
        Assert.Throws<ArgumentOutOfRangeException>(() => prediction.Of(3));
        Assert.Throws<ArgumentOutOfRangeException>(() => prediction.Top(0));
    }

    [Fact]
    public void One_logit_tells_two_classes_apart()
    {
        // σ(ln 3) = 3/4.
        using var network = new TrainedNetwork(new Constant([MathF.Log(3)]), ["no", "yes"]) { Output = OutputKind.BinaryLogit };
        Prediction prediction = network.Predict(new Image(1, 1, [0, 0, 0]));
        Assert.Equal("yes 75.0 %, no 25.0 %", prediction.ToString());
        Assert.Equal([MathF.Log(3)], prediction.Output);
    }

    [Fact]
    public void Pictures_of_any_size_are_brought_to_the_networks()
    {
        using var network = new TrainedNetwork(
            new Constant([0, 1]),
            ["a", "b"],
            Preprocessing.Of(new([0, 0, 0], [1, 1, 1]), 2, 2)
        );

        // Four quarters of a 4×4 picture, each of one grey: the mean of each quarter is that grey.
        byte[] greys = [0, 0, 51, 51, 0, 0, 51, 51, 102, 102, 255, 255, 102, 102, 255, 255];
        using Tensor input = network.ToInput(new Image(4, 4, [.. greys.SelectMany(grey => new[] { grey, grey, grey })]));
        Assert.Equal([1, 3, 2, 2], input.shape);
        Assert.Equal([0f, 0.2f, 0.4f, 1f], input[0, 1].contiguous().data<float>().ToArray());
    }

    [Fact]
    public void A_file_that_says_nothing_is_not_guessed_at()
    {
        using (var model = new SeCnn(3, seed: 1))
        {
            WeightFile.Save(model, At("bare.safetensors"));
        }

        string message = Assert.Throws<InvalidDataException>(() => TrainedNetwork.Load(At("bare.safetensors"))).Message;
        Assert.Contains("does not say which network", message, StringComparison.Ordinal);
        Assert.Contains("its tensors are those of se", message, StringComparison.Ordinal);

        using var network = TrainedNetwork.Load(At("bare.safetensors"), "se");
        Assert.Equal(["class 0", "class 1", "class 2"], network.ClassNames);
        Assert.False(network.HasClassNames);
        Assert.Contains(network.Notes, note => note.Contains("does not name its 3 classes", StringComparison.Ordinal));
        Assert.Contains(network.Notes, note => note.Contains("normalised", StringComparison.Ordinal));

        Assert.Contains(
            "has weights of the network se, not of se-resnet",
            Assert.Throws<InvalidDataException>(() => TrainedNetwork.Load(At("bare.safetensors"), "se-resnet")).Message,
            StringComparison.Ordinal
        );
        Assert.Throws<ArgumentException>(() => TrainedNetwork.Load(At("bare.safetensors"), "resnet"));
        Assert.Throws<FileNotFoundException>(() => TrainedNetwork.Load(At("none.safetensors")));
    }

    [Theory]
    [InlineData("classes", "[\"a\",\"b\"]")] // two names for three classes
    [InlineData("classes", "not JSON")]
    [InlineData("classes", "[\"a\",null,\"c\"]")]
    [InlineData("normalization", "{\"Mean\":[0,0,0],\"Deviation\":[1,0,1]}")]
    [InlineData("input_size", "[0,32]")]
    public void Another_programs_text_under_our_keys_counts_as_none(string key, string value)
    {
        using (var model = new Cnn(3, seed: 1))
        {
            WeightFile.Save(model, At("odd.safetensors"), new Dictionary<string, string> { ["model"] = "plain", [key] = value });
        }

        using var network = TrainedNetwork.Load(At("odd.safetensors"));
        Assert.Equal(["class 0", "class 1", "class 2"], network.ClassNames);
        Assert.Equal(Normalization.Tutorial.Mean, network.Preprocessing.Mean);
        Assert.Equal(32, network.Preprocessing.Height);
    }

    [Theory]
    [InlineData("Deviation")] // as version 0.1 wrote and reads it
    [InlineData("StandardDeviation")]
    public void A_normalisation_is_read_under_both_of_its_names(string name)
    {
        using (var model = new Cnn(3, seed: 1))
        {
            WeightFile.Save(
                model,
                At("named.safetensors"),
                new Dictionary<string, string>
                {
                    ["model"] = "plain",
                    ["normalization"] = $"{{\"Mean\":[0.1,0.2,0.3],\"{name}\":[0.5,0.25,2]}}",
                }
            );
        }

        using var network = TrainedNetwork.Load(At("named.safetensors"));
        Assert.Equal([0.1f, 0.2f, 0.3f], network.Preprocessing.Mean);
        Assert.Equal([0.5f, 0.25f, 2f], network.Preprocessing.StandardDeviation);
        network.Save(At("again.safetensors"));
        Assert.Equal(
            "{\"Mean\":[0.1,0.2,0.3],\"Deviation\":[0.5,0.25,2]}",
            WeightFile.Metadata(At("again.safetensors"))["normalization"]
        );
    }

    [Fact]
    public void The_networks_that_come_along_bring_their_normalisation()
    {
        string[] files = Directory.GetFiles(Path.Combine(Fixture.Repository, "data", "trained"), "*.safetensors");
        Assert.NotEmpty(files);
        foreach (string file in files)
        {
            using var network = TrainedNetwork.Load(file);
            JsonNode written = JsonNode.Parse(WeightFile.Metadata(file)["normalization"])!;
            Assert.Equal(written["Mean"]!.AsArray().Select(value => (float)value!), network.Preprocessing.Mean);
            Assert.Equal(written["Deviation"]!.AsArray().Select(value => (float)value!), network.Preprocessing.StandardDeviation);
            Assert.Empty(network.Notes);
        }
    }

    [Fact]
    public void A_network_of_your_own_takes_its_names_from_the_file_or_from_you()
    {
        using (var network = new TrainedNetwork(new Constant([1, 2, 3]), Three))
        {
            network.Save(At("own.safetensors"));
        }

        using var loaded = TrainedNetwork.Load(At("own.safetensors"), new Constant([0, 0, 0]));
        Assert.Equal("star", loaded.Predict(new Image(1, 1, [1, 2, 3])).Best.Name);
        using var renamed = TrainedNetwork.Load(At("own.safetensors"), new Constant([0, 0, 0]), ["x", "y", "z"]);
        Assert.Equal("z", renamed.Predict(new Image(1, 1, [1, 2, 3])).Best.Name);
    }

    [Fact]
    public void Broken_weights_and_wrong_names_are_errors()
    {
        using var broken = new TrainedNetwork(new Constant([0, float.NaN]), ["a", "b"]);
        Assert.Contains(
            "its weights are broken",
            Assert.Throws<InvalidDataException>(() => broken.Predict(new Image(1, 1, [0, 0, 0]))).Message,
            StringComparison.Ordinal
        );
        using var other = new TrainedNetwork(new Constant([0, 1]), Three);
        Assert.Contains(
            "should be 1×3",
            Assert.Throws<InvalidDataException>(() => other.Predict(new Image(1, 1, [0, 0, 0]))).Message,
            StringComparison.Ordinal
        );
        Assert.Throws<ArgumentException>(() => new TrainedNetwork(new Constant([0]), []));
    }

    [Fact]
    public void Asking_leaves_every_part_in_its_mode()
    {
        using var model = new Cnn(3, seed: 0);
        model.train();
        model.bn1.eval();
        var network = new TrainedNetwork(model, Three);
        network.Predict(new Image(32, 32, new byte[32 * 32 * 3]));
        Assert.True(model.training);
        Assert.True(model.bn2.training);
        Assert.False(model.bn1.training);
    }

    [Theory]
    [InlineData("CIFAR-10 plain", "plain", "airplane")]
    [InlineData("CIFAR-10 se", "se", "airplane")]
    [InlineData("CIFAR-10 fast-resnet", "fast-resnet", "airplane")]
    [InlineData("Shapes plain", "plain", "disc")]
    [InlineData("Shapes se", "se", "disc")]
    public void Trained_networks_say_what_they_are(string file, string architecture, string firstClass)
    {
        using var network = TrainedNetwork.Load(Path.Combine(Fixture.Repository, "data", "trained", $"{file}.safetensors"));
        Assert.Equal(architecture, network.Architecture!.Name);
        Assert.Equal(firstClass, network.ClassNames[0]);
        Assert.Equal(Normalization.Tutorial.Mean, network.Preprocessing.Mean);
        Assert.Empty(network.Notes);
    }

    private string At(string name) => Path.Combine(_folder, name);

    /// <summary>A network that says the same of every picture.</summary>
    private sealed class Constant : nn.Module<Tensor, Tensor>
    {
#pragma warning disable IDE1006 // torch registers the field under its name
        private readonly TorchSharp.Modules.Parameter bias;
#pragma warning restore IDE1006

        public Constant(float[] logits)
            : base(nameof(Constant))
        {
            bias = new TorchSharp.Modules.Parameter(tensor(logits));
            RegisterComponents();
        }

        public override Tensor forward(Tensor input) => bias.unsqueeze(0).expand(input.shape[0], -1);
    }
}
