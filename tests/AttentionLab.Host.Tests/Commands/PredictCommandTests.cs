using System.Diagnostics;
using System.Text.Json.Nodes;
using AttentionLab.Data;
using AttentionLab.Imaging;
using AttentionLab.Kernel.Commands;
using AttentionLab.Models;
using AttentionLab.Tests;
using TorchSharp;
using static TorchSharp.torch;

namespace AttentionLab.Host.Tests.Commands;

[Trait("Kind", "Numeric")]
public sealed class PredictCommandTests : IDisposable
{
    private static readonly LabeledImages Shapes = ShapeSet.Create(1, 3).Test;

    private readonly Workspace _workspace = new();
    private readonly DisposeScope _scope = NewDisposeScope();

    public void Dispose()
    {
        _scope.Dispose();
        _workspace.Dispose();
    }

    [Theory]
    [InlineData("plain")]
    [InlineData("se")]
    public async Task Probabilities_are_the_networks_softmax(string network)
    {
        string weights = Weights(network);
        for (int i = 0; i < Shapes.Count; i++)
        {
            PngFile.Save(Shapes.PictureOf(i), _workspace.At($"pictures/{i}.png"));
        }

        _workspace.Write("pictures/notes.txt", "no picture, and not asked for");
        Assert.Equal(
            0,
            await _workspace.Run(
                "predict",
                "--weights",
                weights,
                "--pictures",
                _workspace.At("pictures"),
                "--top",
                "10",
                "--json",
                "--out",
                _workspace.At("seen")
            )
        );

        Assert.Equal("", _workspace.Error);
        JsonNode document = JsonNode.Parse(_workspace.Output)!;
        Assert.Equal(network, (string?)document["model"]);
        using nn.Module<Tensor, Tensor> model = network == "se" ? new SeCnn() : new Cnn();
        WeightFile.Load(model, weights);
        model.eval();
        Tensor logits = model
            .to(ScalarType.Float64)
            .call(Normalization.Tutorial.ToTensor(Shapes, [0, 1, 2]).to(ScalarType.Float64));
        Tensor expected = logits.softmax(1);

        // Logits that are off by δ change a probability p by at most 2·δ·p·(1 − p), which is half of δ or less; a softmax of ten
        // rounds some ten times.
        double tolerance =
            (0.5 * Tolerance.Float32(Tolerance.Forward) * logits.abs().max().item<double>()) + (16 * Tolerance.Float32Unit);
        JsonArray pictures = document["pictures"]!.AsArray();
        Assert.Equal(3, pictures.Count);
        for (int n = 0; n < 3; n++)
        {
            JsonArray predictions = pictures[n]!["predictions"]!.AsArray();
            Assert.Equal(10, predictions.Count);
            Assert.Equal(
                predictions.Select(p => (double)p!["probability"]!).OrderDescending(),
                predictions.Select(p => (double)p!["probability"]!)
            );
            Assert.All(
                predictions,
                p => Assert.Equal(expected[n, (int)p!["index"]!].item<double>(), (double)p["probability"]!, tolerance)
            );
            Assert.All(predictions, p => Assert.Equal(Cifar10.ClassNames[(int)p!["index"]!], (string?)p["class"]));
            Assert.Equal(Shapes.PictureOf(n).Rgb, ImageFile.Load((string)pictures[n]!["seen"]!).Rgb);
        }
    }

    [Fact]
    public async Task Readers_get_a_line_for_each_picture_and_bad_files_do_not_stop_the_others()
    {
        PngFile.Save(Shapes.PictureOf(0), _workspace.At("a.png"));
        _workspace.Write("b.png", "no picture");
        PngFile.Save(new Image(1, 1, [1, 2, 3]), _workspace.At("c.png"));

        Assert.Equal(
            ExitCode.Failed,
            await _workspace.Run(
                "predict",
                "--model",
                "plain",
                "--weights",
                Weights("plain"),
                "--pictures",
                _workspace.At("a.png"),
                _workspace.At("b.png"),
                _workspace.At("none.png"),
                _workspace.At("c.png"),
                "--top",
                "2"
            )
        );

        string[] lines = _workspace.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(2, lines.Length);
        Assert.Matches(@"a\.png: \w+ \d+\.\d %, \w+ \d+\.\d %\s*$", lines[0]);
        Assert.Contains("b.png is not a picture", _workspace.Error, StringComparison.Ordinal);
        Assert.Contains("none.png", _workspace.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Pictures_of_one_name_are_all_kept()
    {
        PngFile.Save(Shapes.PictureOf(0), _workspace.At("a/x.png"));
        PngFile.Save(Shapes.PictureOf(1), _workspace.At("b/x.png"));
        PngFile.Save(Shapes.PictureOf(2), _workspace.At("c/x_2.png"));
        Assert.Equal(
            0,
            await _workspace.Run(
                "predict",
                "--weights",
                Weights("plain"),
                "--pictures",
                _workspace.At("a"),
                _workspace.At("b"),
                _workspace.At("c"),
                "--out",
                _workspace.At("seen")
            )
        );
        Assert.Equal(
            ["x.png", "x_2.png", "x_2_2.png"],
            Directory.GetFiles(_workspace.At("seen")).Select(Path.GetFileName).Order(StringComparer.Ordinal)
        );
        Assert.Equal(
            [.. new[] { 0, 1, 2 }.Select(i => Shapes.PictureOf(i).Rgb.ToArray())],
            new[] { "x.png", "x_2.png", "x_2_2.png" }.Select(name => ImageFile.Load(_workspace.At($"seen/{name}")).Rgb.ToArray())
        );
    }

    [Fact]
    public async Task A_name_that_is_no_UTF8_is_reported_and_a_line_stays_a_line()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Only Linux has names that are not UTF-8.");
        PngFile.Save(Shapes.PictureOf(0), _workspace.At("mine/a\nb.png"));
        await Shell("printf x > \"$1/$(printf '\\303').png\"");
        int code = await _workspace.Run("predict", "--weights", Weights("plain"), "--pictures", _workspace.At("mine"));
        await Shell("rm \"$1\"/*"); // .NET could not
        Assert.Equal(ExitCode.Failed, code);
        Assert.Contains("a␊b.png: ", _workspace.Output, StringComparison.Ordinal);
        Assert.Contains("\ufffd.png", _workspace.Error, StringComparison.Ordinal);

        async Task Shell(string script)
        {
            using var shell = Process.Start("sh", ["-c", script, "sh", _workspace.At("mine")]);
            await shell.WaitForExitAsync(TestContext.Current.CancellationToken);
        }
    }

    [Fact]
    public async Task A_document_has_names_as_they_are_whatever_a_terminal_would_make_of_them()
    {
        string file = _workspace.At("飞\u202egnp.x\u0085y.png");
        PngFile.Save(Shapes.PictureOf(0), file);
        Assert.Equal(0, await _workspace.Run("predict", "--weights", Weights("plain"), "--pictures", file, "--json"));
        Assert.Equal(file, (string?)JsonNode.Parse(_workspace.Output)!["pictures"]![0]!["file"]);
        Assert.Contains("飞\\u202egnp.x\\u0085y", _workspace.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Classes_are_called_as_the_weights_say()
    {
        string weights = _workspace.At("three.safetensors");
        using var model = new Cnn(classes: 3);
        WeightFile.Save(
            Fixture.WithFormulaWeights(model),
            weights,
            new Dictionary<string, string> { ["model"] = "plain", ["classes"] = "[\"Ente\",\"鸭\",\"canard\"]" }
        );
        PngFile.Save(Shapes.PictureOf(0), _workspace.At("a.png"));
        Assert.Equal(0, await _workspace.Run("predict", "--weights", weights, "--pictures", _workspace.At("a.png"), "--json"));
        Assert.Contains("鸭", _workspace.Output, StringComparison.Ordinal);
        Assert.Equal(
            ["Ente", "canard", "鸭"],
            JsonNode.Parse(_workspace.Output)!["pictures"]![0]!["predictions"]!
                .AsArray()
                .Select(p => (string)p!["class"]!)
                .Order(StringComparer.Ordinal)
        );

        WeightFile.Save(model, weights, new Dictionary<string, string> { ["model"] = "plain", ["classes"] = "two, of three" });
        Assert.Equal(0, await _workspace.Run("predict", "--weights", weights, "--pictures", _workspace.At("a.png")));
        Assert.Contains("class 0", _workspace.Output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(null, "negative", "positive")]
    [InlineData("[\"healthy\",\"ill\"]", "healthy", "ill")]
    public async Task One_logit_is_the_probability_of_the_second_of_two_classes(string? classes, string negative, string positive)
    {
        string weights = _workspace.At("binary.safetensors");
        using var model = new Cnn(classes: 1);
        var about = new Dictionary<string, string> { ["model"] = "plain" };
        if (classes is not null)
        {
            about["classes"] = classes;
        }

        Fixture.WithFormulaWeights(model);
        model.eval();
        PngFile.Save(Shapes.PictureOf(0), _workspace.At("a.png"));
        foreach (double wanted in (double[])[-1.5, 0.5])
        {
            // The last bias moves the logit to where it is wanted, as far as float32 tells; a probability's slope is ¼ at most.
            double tolerance;
            using (no_grad())
            {
                float there = model.call(Normalization.Tutorial.ToTensor(Shapes, [0])).item<float>();
                model.fc2.bias!.add_(wanted - there);
                tolerance = 0.25 * (Math.Abs(there) + 2) * Tolerance.BetweenFloat32(Tolerance.Forward);
            }

            WeightFile.Save(model, weights, about);
            Assert.Equal(
                0,
                await _workspace.Run("predict", "--weights", weights, "--pictures", _workspace.At("a.png"), "--json")
            );
            Assert.Equal(classes is null, _workspace.Error.Contains("called negative and positive", StringComparison.Ordinal));
            JsonArray predictions = JsonNode.Parse(_workspace.Output)!["pictures"]![0]!["predictions"]!.AsArray();
            Assert.Equal(wanted > 0 ? [positive, negative] : [negative, positive], predictions.Select(p => (string)p!["class"]!));
            double sure = 1 / (1 + Math.Exp(-Math.Abs(wanted))); // the probability of the class that is predicted
            Assert.Equal(sure, (double)predictions[0]!["probability"]!, tolerance);
            Assert.Equal(1 - sure, (double)predictions[1]!["probability"]!, tolerance);
        }
    }

    [Theory]
    [InlineData("--weights w --pictures x --top 0", ExitCode.Usage, "--top is a positive number")]
    [InlineData("--weights w", ExitCode.Usage, "--pictures")]
    [InlineData("--weights missing --pictures x", ExitCode.Failed, "missing")]
    [InlineData("--weights w --pictures empty", ExitCode.Usage, "holds no picture")]
    [InlineData("--model se --weights w --pictures x", ExitCode.Failed, "has weights of the network plain, not of se")]
    public async Task Wrong_use_and_wrong_files_are_told(string options, int code, string message)
    {
        string weights = Weights("plain"),
            empty = Directory.CreateDirectory(_workspace.At("empty")).FullName;
        string[] arguments =
        [
            .. options
                .Split(' ')
                .Select(word =>
                    word switch
                    {
                        "w" => weights,
                        "empty" => empty,
                        "missing" => _workspace.At("missing"),
                        _ => word,
                    }
                ),
        ];
        Assert.Equal(code, await _workspace.Run(["predict", .. arguments]));
        Assert.Contains(message, _workspace.Error, StringComparison.Ordinal);
        Assert.Equal("", _workspace.Output);
    }

    private string Weights(string network)
    {
        using nn.Module<Tensor, Tensor> model = network == "se" ? new SeCnn() : new Cnn();
        string path = _workspace.At($"{network}.safetensors");
        TrainedNetwork named = new(Fixture.WithFormulaWeights(model), Cifar10.ClassNames)
        {
            Architecture = NetworkArchitecture.Get(network),
        };
        named.Save(path);
        return path;
    }
}
