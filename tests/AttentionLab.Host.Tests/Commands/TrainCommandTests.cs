using System.Text.Json.Nodes;
using AttentionLab.Data;
using AttentionLab.Host.Commands;
using AttentionLab.Imaging;
using AttentionLab.Kernel.Commands;
using AttentionLab.Models;
using AttentionLab.Training;
using TorchSharp;
using static TorchSharp.torch;

namespace AttentionLab.Host.Tests.Commands;

[Trait("Kind", "Numeric")]
public sealed class TrainCommandTests : IDisposable
{
    private readonly Workspace _workspace = new();
    private readonly DisposeScope _scope = NewDisposeScope();

    public void Dispose()
    {
        _scope.Dispose();
        _workspace.Dispose();
    }

    [Fact]
    public async Task A_run_leaves_weights_that_say_what_they_are_of_and_a_page()
    {
        Assert.Equal(
            0,
            await Train(
                "se",
                "--epochs",
                "2",
                "--seed",
                "7",
                "--validation-fraction",
                "0.2",
                "--tensorboard",
                _workspace.At("logs")
            )
        );

        Assert.Equal("", _workspace.Error);
        Assert.Contains("Epoch 2 done in ", _workspace.Output, StringComparison.Ordinal);
        Assert.Contains("Test accuracy ", _workspace.Output, StringComparison.Ordinal);
        Assert.Equal(
            ["best.safetensors", "checkpoint.safetensors", "index.html", "weights.safetensors"],
            Directory.GetFiles(_workspace.Out).Select(Path.GetFileName).Order()
        );
        Assert.Single(Directory.GetFiles(_workspace.At("logs")));
        IReadOnlyDictionary<string, string> texts = WeightFile.Metadata(At("weights.safetensors"));
        Assert.Equal(("se", "Shapes", "7", "2"), (texts["model"], texts["data"], texts["seed"], texts["epochs"]));
        Assert.StartsWith("[\"disc\",\"ring\",", texts["classes"], StringComparison.Ordinal);
        Assert.Matches(@"^0\.\d{4}$", texts["test_accuracy"]);
        Assert.Matches(@"^0\.\d{4}$", texts["validation_accuracy"]);
        Dictionary<string, Tensor> weights = Safetensors.Load(At("weights.safetensors")),
            checkpoint = Safetensors.Load(At("checkpoint.safetensors"));
        Assert.All(weights, weight => Assert.True(weight.Value.Equals(checkpoint[$"model/{weight.Key}"]), weight.Key));
        string page = await File.ReadAllTextAsync(At("index.html"), TestContext.Current.CancellationToken);
        Assert.Contains("SeCnn (--model se), 1,150,602 parameters", page, StringComparison.Ordinal);
        Assert.Contains("Shapes: 32 training and 6 test pictures, 10 classes", page, StringComparison.Ordinal);

        // The weights can be asked at once, and give their own classes' names.
        Assert.Equal(
            0,
            await _workspace.Run(
                "explain",
                "--model",
                "se",
                "--weights",
                At("best.safetensors"),
                "--method",
                "grad-cam",
                "--target",
                "moon",
                "--data",
                "shapes",
                "--indices",
                "0",
                "--raw",
                At("raw")
            )
        );
    }

    /// <summary>
    /// Pictures of one's own are normalised by their own mean; whoever asks the network later has to do the same.
    /// </summary>
    [Fact]
    public async Task A_folder_of_pictures_gives_weights_that_know_its_classes_and_its_normalisation()
    {
        foreach ((string name, byte red) in new[] { ("blue", (byte)10), ("red", (byte)200) })
        {
            for (byte i = 0; i < 10; i++)
            {
                byte[] planes =
                [
                    .. Enumerable.Repeat(red, 1024),
                    .. Enumerable.Repeat(i, 1024),
                    .. Enumerable.Repeat((byte)(210 - red), 1024),
                ];
                PngFile.Save(Image.FromPlanes(32, 32, planes), _workspace.At($"mine/{name}/{i}.png"));
            }
        }

        Assert.Equal(
            0,
            await _workspace.Run(
                "train",
                "--model",
                "se-resnet",
                "--data",
                _workspace.At("mine"),
                "--epochs",
                "1",
                "--out",
                _workspace.Out
            )
        );
        Assert.Equal(
            0,
            await _workspace.Run(
                "predict",
                "--weights",
                At("weights.safetensors"),
                "--pictures",
                _workspace.At("mine/red/3.png"),
                "--json"
            )
        );

        IReadOnlyDictionary<string, string> texts = WeightFile.Metadata(At("weights.safetensors"));
        Assert.Equal("""["blue","red"]""", texts["classes"]);
        using var loaded = TrainedNetwork.Load(At("weights.safetensors"));
        Preprocessing normalization = loaded.Preprocessing;
        Assert.InRange(normalization.Mean[0], 90 / 255f, 120 / 255f); // (10 + 200) / 2, not the tutorial's 0.49
        using var model = new SeResNet(2);
        WeightFile.Load(model, At("weights.safetensors"));
        model.eval();
        float[] pixel = [200, 3, 10];
        Tensor input = tensor([
                .. pixel.Select((value, c) => ((value / 255f) - normalization.Mean[c]) / normalization.StandardDeviation[c]),
            ])
            .reshape(1, 3, 1, 1)
            .expand(1, 3, 32, 32);
        double expected = model.call(input).softmax(1).max().ToDouble();
        Assert.Equal(
            expected,
            (double)JsonNode.Parse(_workspace.Output)!["pictures"]![0]!["predictions"]![0]!["probability"]!,
            4
        );
    }

    [Fact]
    public async Task One_class_is_nothing_to_learn()
    {
        for (byte i = 0; i < 10; i++)
        {
            PngFile.Save(Image.FromPlanes(32, 32, [.. Enumerable.Repeat(i, 3 * 32 * 32)]), _workspace.At($"mine/cat/{i}.png"));
        }

        Assert.Equal(
            ExitCode.Usage,
            await _workspace.Run("train", "--model", "plain", "--data", _workspace.At("mine"), "--out", _workspace.Out)
        );
        Assert.Contains("has one class, cat;", _workspace.Error, StringComparison.Ordinal);
        Assert.False(Directory.Exists(_workspace.Out));
    }

    [Fact]
    public async Task A_script_gets_one_document_and_nothing_else()
    {
        Assert.Equal(0, await Train("plain", "--epochs", "1", "--json"));
        Assert.Equal("", _workspace.Error);
        JsonNode document = JsonNode.Parse(_workspace.Output)!;
        Assert.Equal("plain", (string?)document["model"]);
        Assert.Equal(10, document["classes"]!.AsArray().Count);
        Assert.True((bool)document["finished"]!);
        JsonNode epoch = Assert.Single(document["epochs"]!.AsArray())!;
        Assert.Equal((double)document["testAccuracy"]!, (double)epoch["testAccuracy"]!);
        Assert.Null(epoch["validationLoss"]);
        Assert.Equal(At("weights.safetensors"), (string?)document["files"]!["weights"]);
    }

    [Fact]
    public async Task A_stopped_run_says_how_to_go_on_and_ends_as_an_unstopped_one()
    {
        Assert.Equal(0, await Train("plain", "--epochs", "3"));
        byte[] expected = await File.ReadAllBytesAsync(At("weights.safetensors"), TestContext.Current.CancellationToken);
        Directory.Delete(_workspace.Out, recursive: true);

        using var stop = new CancellationTokenSource();
        using var output = new StopAt("Epoch 2 done", stop);
        using var error = new StringWriter();
        Assert.Equal(
            ExitCode.Stopped,
            await CommandLine.Program.RunAsync(Arguments("plain", "--epochs", "3"), output, error, stop.Token)
        );
        Assert.Contains("Stopped with 2 of 3 epochs done.", error.ToString(), StringComparison.Ordinal);
        string again = error.ToString().Trim().Split('\n')[^1].Trim();
        Assert.EndsWith("--resume", again, StringComparison.Ordinal);
        Assert.False(File.Exists(At("weights.safetensors")));
        Assert.Contains(
            "stopped before its last epoch",
            await File.ReadAllTextAsync(At("index.html"), TestContext.Current.CancellationToken),
            StringComparison.Ordinal
        );

        Assert.Equal(ExitCode.Usage, await Train("plain", "--epochs", "3"));
        Assert.Contains("holds a run already. Continue it with --resume", _workspace.Error, StringComparison.Ordinal);
        Assert.Equal(ExitCode.Failed, await Train("plain", "--epochs", "3", "--seed", "1", "--resume"));
        Assert.Contains("seed (0 there, 1 here)", _workspace.Error, StringComparison.Ordinal);
        Assert.Equal(ExitCode.Usage, await Train("plain", "--epochs", "1", "--resume"));
        Assert.Contains("has 2 epochs already", _workspace.Error, StringComparison.Ordinal);

        Assert.Equal(0, await _workspace.Run(again.Split(' ')));
        Assert.DoesNotContain("Epoch 2 done", _workspace.Output, StringComparison.Ordinal);
        Assert.Equal(expected, await File.ReadAllBytesAsync(At("weights.safetensors"), TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task The_fast_preset_trains_and_saved_weights_go_on()
    {
        Assert.Equal(0, await Train("plain", "--preset", "fast", "--epochs", "2", "--json"));
        JsonNode document = JsonNode.Parse(_workspace.Output)!;
        Assert.Equal((0.003, 16), ((double)document["learningRate"]!, (int)document["batchSize"]!));
        double[] rates = [.. document["epochs"]!.AsArray().Select(epoch => (double)epoch!["learningRate"]!)];
        Assert.Equal(2, rates.Length);
        Assert.Equal(0, rates[1]); // one cycle ends at 0
        string saved = _workspace.At("saved.safetensors");
        File.Move(At("weights.safetensors"), saved);
        Directory.Delete(_workspace.Out, recursive: true);

        Assert.Equal(0, await Train("plain", "--weights", saved, "--epochs", "1", "--restore-best", "--stop-after", "1"));
        Assert.Contains("Training goes on from the weights of a trained network.", _workspace.Output, StringComparison.Ordinal);
        Directory.Delete(_workspace.Out, recursive: true);
        Assert.Equal(ExitCode.Failed, await Train("se", "--weights", saved, "--epochs", "1"));
        Assert.Contains("has weights of the network plain, not of se", _workspace.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Mixed_precision_learns_otherwise_or_says_that_it_cannot()
    {
        Assert.Equal(0, await Train("plain", "--epochs", "1", "--json"));
        byte[] inFloat32 = await File.ReadAllBytesAsync(At("weights.safetensors"), TestContext.Current.CancellationToken);
        Assert.False((bool)JsonNode.Parse(_workspace.Output)!["mixedPrecision"]!);
        Directory.Delete(_workspace.Out, recursive: true);

        Assert.Equal(0, await Train("plain", "--epochs", "1", "--json", "--mixed-precision"));

        bool used = new Trainer(new TrainingOptions { MixedPrecision = true }).UsesMixedPrecision;
        Assert.Equal(used, (bool)JsonNode.Parse(_workspace.Output)!["mixedPrecision"]!);
        Assert.Equal(
            used ? "" : "--mixed-precision: AVX512-BF16 cannot be used on this machine; the run is in float32.",
            _workspace.Error.Trim()
        );
        byte[] weights = await File.ReadAllBytesAsync(At("weights.safetensors"), TestContext.Current.CancellationToken);
        Assert.Equal(inFloat32.Length, weights.Length); // still float32
        Assert.Equal(used, !weights.SequenceEqual(inFloat32));
        Assert.Contains(
            used ? " in mixed precision, " : " in float32, ",
            await File.ReadAllTextAsync(At("index.html"), TestContext.Current.CancellationToken),
            StringComparison.Ordinal
        );
        Assert.Equal(ExitCode.Failed, await Train("plain", "--epochs", "2", "--resume"));
        Assert.Contains("mixed precision (", _workspace.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("--model other --data shapes", "\"other\" is not a known network")]
    [InlineData("--model plain", "--data")]
    [InlineData("--model plain --data shapes --epochs 0", "'Epochs'")]
    [InlineData("--model plain --data shapes --epochs many", "many")]
    [InlineData("--model plain --data shapes --preset slow", "'slow' not recognized")]
    [InlineData("--model plain --data shapes --stop-after 0", "StopAfter is at least 1 epoch")]
    [InlineData("--model plain --data shapes --learning-rate -1", "LearningRate is a positive number")]
    [InlineData("--model plain --data shapes --learning-rate NaN", "LearningRate is a positive number")]
    [InlineData("--model plain --data shapes --validation-fraction 1", "ValidationFraction lies between 0 and 1")]
    [InlineData("--model plain --data shapes --threads 0", "--threads is a positive number")]
    [InlineData("--model plain --data shapes --threads 2147483647", "--threads: this machine has")]
    [InlineData("--model plain --data shapes --limit -5", "--limit is a positive number")]
    public async Task Wrong_usage_is_told_before_anything_is_written(string options, string message)
    {
        Assert.Equal(ExitCode.Usage, await _workspace.Run(["train", .. options.Split(' '), "--out", _workspace.Out]));
        Assert.Contains(
            message.Replace("'Epochs'", "epochs", StringComparison.Ordinal),
            _workspace.Error,
            StringComparison.OrdinalIgnoreCase
        );
        Assert.False(Directory.Exists(_workspace.Out));
    }

    [Fact]
    public async Task A_folder_without_pictures_and_a_damaged_checkpoint_are_told()
    {
        Assert.Equal(
            ExitCode.Failed,
            await _workspace.Run("train", "--model", "plain", "--data", _workspace.Folder, "--out", _workspace.Out)
        );
        Assert.Contains("cifar-10-batches-bin", _workspace.Error, StringComparison.Ordinal);

        _workspace.Write("out/checkpoint.safetensors", "no checkpoint");
        Assert.Equal(ExitCode.Failed, await Train("plain", "--resume"));
        Assert.Contains("checkpoint.safetensors is not a whole safetensors file", _workspace.Error, StringComparison.Ordinal);
        Assert.Equal(
            "no checkpoint",
            await File.ReadAllTextAsync(At("checkpoint.safetensors"), TestContext.Current.CancellationToken)
        );
    }

    private Task<int> Train(string model, params string[] options) => _workspace.Run(Arguments(model, options));

    private string[] Arguments(string model, params string[] options) =>
        [
            "train",
            "--model",
            model,
            "--data",
            "shapes",
            "--limit",
            "32",
            "--batch-size",
            "16",
            "--out",
            _workspace.Out,
            .. options,
        ];

    private string At(string name) => Path.Combine(_workspace.Out, name);

    /// <summary>Stops the run when a text is written.</summary>
    private sealed class StopAt(string text, CancellationTokenSource stop) : StringWriter
    {
        public override void Write(char[] buffer, int index, int count)
        {
            base.Write(buffer, index, count);
            Look();
        }

        public override void Write(string? value)
        {
            base.Write(value);
            Look();
        }

        private void Look()
        {
            if (ToString().Contains(text, StringComparison.Ordinal))
            {
                stop.Cancel();
            }
        }
    }
}
