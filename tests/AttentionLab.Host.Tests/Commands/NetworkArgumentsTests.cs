using System.Text.Json.Nodes;
using AttentionLab.Data;
using AttentionLab.Imaging;
using AttentionLab.Kernel.Commands;
using AttentionLab.Models;
using AttentionLab.Tests;
using TorchSharp;
using static TorchSharp.torch;

namespace AttentionLab.Host.Tests.Commands;

/// <summary>Networks from outside on the command line: ONNX files, torchvision's by name.</summary>
[Trait("Kind", "Numeric")]
public sealed class NetworkArgumentsTests : IDisposable
{
    private readonly Workspace _workspace = new();

    public void Dispose() => _workspace.Dispose();

    [Fact]
    public async Task An_ONNX_file_names_photographs_and_explains_them()
    {
        string file = Fixture.Shared("parity/onnx/resnet_basic.onnx");
        var photo = new Image(90, 200, [.. Enumerable.Range(0, 54_000).Select(i => (byte)(i / 211))]);
        PngFile.Save(photo, _workspace.At("dog.png"));
        _workspace.Write("names.txt", string.Join('\n', Enumerable.Range(0, 10).Select(k => $"kind {k}")));
        string[] network = ["--model", file, "--classes", _workspace.At("names.txt"), "--preprocessing", "imagenet"];

        Assert.Equal(0, await _workspace.Run(["predict", .. network, "--pictures", _workspace.At("dog.png"), "--json"]));
        JsonNode document = JsonNode.Parse(_workspace.Output)!;
        using TrainedNetwork expected = OnnxNetwork.Load(file, Preprocessing.ImageNet);
        int best = expected.Predict(photo).Best.Index;
        Assert.Equal("resnet_basic.onnx", (string?)document["model"]);
        Assert.Equal($"kind {best}", (string?)document["pictures"]![0]!["predictions"]![0]!["class"]);

        Assert.Equal(
            0,
            await _workspace.Run([
                "explain",
                .. network,
                "--method",
                "grad-cam",
                "--layer",
                "layer4",
                "--pictures",
                _workspace.At("dog.png"),
                "--out",
                _workspace.At("seen"),
                "--raw",
                _workspace.At("raw.safetensors"),
            ])
        );
        using DisposeScope scope = NewDisposeScope();
        Dictionary<string, Tensor> raw = Safetensors.Load(_workspace.At("raw.safetensors"));
        Assert.Equal([1, 10], raw["logits"].shape);
        Assert.Equal(3, raw["grad-cam/layer4"].dim());
        Assert.Equal(best, raw["pred"].item<long>());
        Assert.Contains("kind", File.ReadAllText(_workspace.At("seen/index.html")), StringComparison.Ordinal);
        Assert.True(File.Exists(_workspace.At("seen/dog-grad-cam-layer4.png")));
    }

    [Fact]
    public async Task Torchvisions_are_loaded_by_name()
    {
        using (nn.Module<Tensor, Tensor> module = NetworkArchitecture.Get("resnet18").Create(2, 3))
        {
            WeightFile.Save(module, _workspace.At("resnet18.pth"));
        }

        PngFile.Save(new Image(20, 30, new byte[1800]), _workspace.At("dark.png"));
        string[] words = ["predict", "--model", "resnet18", "--weights", _workspace.At("resnet18.pth")];
        Assert.Equal(
            0,
            await _workspace.Run([.. words, "--pictures", _workspace.At("dark.png"), "--out", _workspace.At("seen")])
        );
        Assert.Contains("class ", _workspace.Output, StringComparison.Ordinal);
        Image seen = ImageFile.Load(_workspace.At("seen/dark.png"));
        Assert.Equal((224, 224), (seen.Height, seen.Width));
    }

    [Fact]
    public async Task A_last_layer_on_the_pretrained_network_is_learned_asked_and_explained()
    {
        Assert.SkipUnless(await _workspace.Run(["pretrained", "resnet18"]) == 0, "The pretrained ResNet-18 cannot be had.");
        for (int i = 0; i < 4; i++)
        {
            PngFile.Save(Plain((byte)(20 * i)), _workspace.At($"mine/dark/{i}.png"));
            PngFile.Save(Plain((byte)(255 - (20 * i))), _workspace.At($"mine/light/{i}.png"));
        }

        string[] learn =
        [
            "train",
            "--model",
            "resnet18",
            "--freeze",
            "--data",
            _workspace.At("mine"),
            "--out",
            _workspace.At("run"),
        ];
        Assert.Equal(0, await _workspace.Run([.. learn, "--json"]));
        JsonNode document = JsonNode.Parse(_workspace.Output)!;
        Assert.Equal(1.0, (double)document["accuracy"]!);
        Assert.True(File.Exists(_workspace.At("run/confusion.png")));

        string[] asked = ["--weights", _workspace.At("run/weights.safetensors"), "--pictures", _workspace.At("mine/light/0.png")];
        Assert.Equal(0, await _workspace.Run(["predict", .. asked]));
        Assert.Contains("light 9", _workspace.Output, StringComparison.Ordinal);
        string[] explained = ["--method", "grad-cam", "--out", _workspace.At("seen")];
        Assert.Equal(0, await _workspace.Run(["explain", .. asked, .. explained]));
        Assert.Contains("grad-cam at features.backbone.ReLU393", _workspace.Output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("--model resnet5 --data shapes", "\"resnet5\" is not a known network. Known are")]
    [InlineData("--model net.onnx --weights w.pth --data shapes", "an ONNX file holds its weights")]
    [InlineData("--model resnet50 --preprocessing imagenet --data shapes", "resnet50 brings its own")]
    [InlineData("--model se --freeze --data shapes", "--weights: name the file of the network's weights")]
    [InlineData("--model resnet18 --freeze --fine-tune --data shapes", "choose one")]
    [InlineData("--model se --preprocessing imagenet --data shapes", "--preprocessing: se brings its own")]
    [InlineData("--data shapes", "name the network to train")]
    [InlineData("--model resnet34 --grey --data shapes", "only plain, fast-resnet, se-resnet, se can be made for one channel")]
    [InlineData("--model resnet18 --from-scratch --freeze --data shapes", "--from-scratch: all weights begin at random")]
    [InlineData("--model resnet18 --from-scratch --weights w.pth --data shapes", "--from-scratch: all weights begin at random")]
    [InlineData("--model net.onnx --from-scratch --data shapes", "--from-scratch: all weights begin at random")]
    [InlineData("--from-scratch --data shapes", "name the network to train")]
    [InlineData("--model resnet5 --from-scratch --data shapes", "\"resnet5\" is not a known network. Known are")]
    [InlineData("--model resnet18 --from-scratch --preprocessing imagenet --data shapes", "resnet18 brings its own")]
    public async Task Training_that_cannot_be_is_wrong_usage(string words, string reason)
    {
        Assert.Equal(ExitCode.Usage, await _workspace.Run(["train", .. words.Split(' ')]));
        Assert.Contains(reason, _workspace.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_colleagues_ONNX_network_gets_a_last_layer_whose_file_is_asked_and_explained()
    {
        string file = Fixture.Shared("parity/onnx/resnet_basic.onnx");
        SavePhotographs();
        string[] learn = ["train", "--model", file, "--freeze", "--data", _workspace.At("mine"), "--out", _workspace.At("run")];
        Assert.Equal(0, await _workspace.Run(learn));
        Assert.Contains("The new layer stands in place of fc.", _workspace.Output, StringComparison.Ordinal);
        Assert.Contains("100.0 % right", _workspace.Output, StringComparison.Ordinal);
        string page = await File.ReadAllTextAsync(_workspace.At("run/index.html"), TestContext.Current.CancellationToken);
        Assert.Contains("features.layer4", page, StringComparison.Ordinal);
        Assert.Contains("The network says: <strong>light</strong>", page, StringComparison.Ordinal);

        string[] asked = ["--weights", _workspace.At("run/weights.safetensors"), "--pictures", _workspace.At("mine/light/0.png")];
        Assert.Equal(0, await _workspace.Run(["predict", .. asked]));
        Assert.Contains("light", _workspace.Output, StringComparison.Ordinal);
        Assert.Equal(0, await _workspace.Run(["explain", .. asked, "--method", "grad-cam", "--out", _workspace.At("seen")]));
        Assert.Contains("grad-cam at features.layer4", _workspace.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_colleagues_ONNX_network_learns_whole_and_is_asked_explained_resumed_and_trained_again()
    {
        SavePhotographs();
        string[] how =
        [
            "--data",
            _workspace.At("mine"),
            "--batch-size",
            "4",
            "--threads",
            "1",
            "--json",
            "--model",
            Fixture.Shared("parity/onnx/resnet_basic.onnx"),
        ];
        Assert.Equal(0, await _workspace.Run(["train", .. how, "--epochs", "2", "--out", _workspace.At("run")]));
        JsonNode document = JsonNode.Parse(_workspace.Output)!;
        Assert.Equal("resnet_basic.onnx", (string?)document["model"]);
        Assert.Equal(1e-4, (double)document["learningRate"]!);
        Assert.Contains(document["notes"]!.AsArray(), note => ((string)note!).Contains("in place of fc, which has 10 outputs"));

        // A run that is resumed after its first epoch ends with the same weights.
        string[] parts = [.. how, "--out", _workspace.At("parts")];
        Assert.Equal(0, await _workspace.Run(["train", .. parts, "--epochs", "1"]));
        Assert.Equal(0, await _workspace.Run(["train", .. parts, "--epochs", "2", "--resume"]));
        Dictionary<string, Tensor> whole = Safetensors.Load(_workspace.At("run/weights.safetensors")),
            resumed = Safetensors.Load(_workspace.At("parts/weights.safetensors"));
        Assert.Equal(whole.Keys.Order(), resumed.Keys.Order());
        Assert.All(whole, weight => Assert.True(weight.Value.Equals(resumed[weight.Key]), weight.Key));

        string weights = _workspace.At("run/weights.safetensors");
        string[] asked = ["--weights", weights, "--pictures", _workspace.At("mine/light/0.png")];
        Assert.Equal(0, await _workspace.Run(["predict", .. asked]));
        Assert.Contains("light", _workspace.Output, StringComparison.Ordinal);
        Assert.Equal(0, await _workspace.Run(["explain", .. asked, "--method", "grad-cam", "--out", _workspace.At("seen")]));
        Assert.Contains("grad-cam at features.layer4", _workspace.Output, StringComparison.Ordinal);

        // Its own file goes on where it stands, with its own layer.
        string[] again = ["--weights", weights, "--data", _workspace.At("mine"), "--batch-size", "4", "--epochs", "1"];
        Assert.Equal(0, await _workspace.Run(["train", .. again, "--out", _workspace.At("again")]));
        Assert.DoesNotContain("A new last layer", _workspace.Output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("plain")]
    [InlineData("fast-resnet")]
    [InlineData("se-resnet")]
    [InlineData("se")]
    public async Task Grey_pictures_train_a_network_of_one_channel_that_is_asked_and_explained(string model)
    {
        SavePhotographs();
        string[] how = ["--data", _workspace.At("mine"), "--epochs", "1", "--batch-size", "2"];
        Assert.Equal(0, await _workspace.Run(["train", "--model", model, "--grey", .. how, "--out", _workspace.At("run")]));
        string weights = _workspace.At("run/weights.safetensors");
        using (TrainedNetwork loaded = TrainedNetwork.Load(weights))
        {
            Assert.Equal((1, model), (loaded.Preprocessing.Channels, loaded.Architecture!.Name));
        }

        string[] asked = ["--weights", weights, "--pictures", _workspace.At("mine/light/0.png")];
        Assert.Equal(0, await _workspace.Run(["predict", .. asked]));
        string[] explained = ["explain", .. asked, "--method", "grad-cam", "gradients", "--out", _workspace.At("seen")];
        Assert.Equal(0, await _workspace.Run(explained));
        string[] again = ["train", "--model", model, "--weights", weights, .. how, "--out", _workspace.At("again")];
        Assert.Equal(0, await _workspace.Run(again));
    }

    [Theory]
    [InlineData("mobilenet_v2")]
    [InlineData("resnet18", "--from-scratch")]
    public async Task A_network_of_torchvisions_learns_from_scratch_and_is_saved_under_its_name(
        string model,
        params string[] words
    )
    {
        SavePhotographs();
        string[] how =
        [
            "--model",
            model,
            .. words,
            "--data",
            _workspace.At("mine"),
            "--limit",
            "4",
            "--batch-size",
            "2",
            "--seed",
            "3",
        ];
        Assert.Equal(0, await _workspace.Run(["train", .. how, "--epochs", "1", "--out", _workspace.At("run")]));
        using TrainedNetwork loaded = TrainedNetwork.Load(_workspace.At("run/weights.safetensors"));
        Assert.Equal(model, loaded.Architecture!.Name);
        Assert.Equal(["dark", "light"], loaded.ClassNames);
        Assert.Equal($"{Preprocessing.ImageNet}", $"{loaded.Preprocessing}");
    }

    [Fact]
    public async Task The_last_stage_of_an_ONNX_network_is_fine_tuned_and_of_a_saved_head_again()
    {
        string file = Fixture.Shared("parity/onnx/resnet_basic.onnx");
        SavePhotographs();
        string[] how = ["--epochs", "1", "--learning-rate", "0.001", "--data", _workspace.At("mine"), "--json"];
        Assert.Equal(0, await _workspace.Run(["train", "--model", file, "--fine-tune", "--out", _workspace.At("run"), .. how]));
        JsonNode document = JsonNode.Parse(_workspace.Output)!;
        Assert.Equal("layer4.0.conv1", (string?)document["tunedLayers"]![0]);
        Assert.Equal("fc", (string?)document["replacedLayer"]);
        string[] again = ["--weights", _workspace.At("run/weights.safetensors"), "--out", _workspace.At("run2"), .. how];
        Assert.Equal(0, await _workspace.Run(["train", "--fine-tune", "layer4.1.conv2", .. again]));
        document = JsonNode.Parse(_workspace.Output)!;
        Assert.Equal("layer4.1.conv2", (string?)document["tunedLayers"]!.AsArray().Single());
        Assert.True(File.Exists((string?)document["files"]!["page"]));
    }

    [Theory]
    [InlineData("--model resnet5 --weights w.pth", "\"resnet5\" is not a known network. Known are")]
    [InlineData("--model resnet50", "--weights: name the file of the network's weights")]
    [InlineData("--model a.onnx --weights w.pth", "an ONNX file holds its weights")]
    [InlineData("--weights a.onnx", "name it by --model")]
    [InlineData("--model se --weights w.pth --preprocessing mine", "'mine' not recognized")]
    public async Task What_cannot_be_is_wrong_usage(string words, string reason)
    {
        Assert.Equal(ExitCode.Usage, await _workspace.Run(["predict", .. words.Split(' '), "--pictures", "x.png"]));
        Assert.Contains(reason, _workspace.Error, StringComparison.Ordinal);
    }

    private void SavePhotographs()
    {
        for (int i = 0; i < 3; i++)
        {
            PngFile.Save(Plain((byte)(20 * i)), _workspace.At($"mine/dark/{i}.png"));
            PngFile.Save(Plain((byte)(255 - (20 * i))), _workspace.At($"mine/light/{i}.png"));
        }
    }

    private static Image Plain(byte grey) => new(30, 40, [.. Enumerable.Range(0, 3600).Select(i => (byte)(grey ^ (i % 7)))]);
}
