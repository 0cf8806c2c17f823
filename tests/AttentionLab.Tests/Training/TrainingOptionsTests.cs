using AttentionLab.Data;
using AttentionLab.Models;
using AttentionLab.Tests.Data;
using AttentionLab.Training;
using TorchSharp;
using static TorchSharp.torch;

namespace AttentionLab.Tests.Training;

[Trait("Kind", "Numeric")]
public sealed class TrainingOptionsTests : IDisposable
{
    private static readonly DataSet Shapes = ShapeSet.Create(train: 40, test: 20);

    private static readonly TrainingOptions Base = new()
    {
        Epochs = 4,
        BatchSize = 16,
        Seed = 3,
        Schedule = new ReduceOnPlateau { Patience = 0 },
        Device = CPU,
    };

    /// <summary>The epochs without any option.</summary>
    private static readonly Lazy<EpochRecord[]> Plain = new(() =>
    {
        using var model = new Cnn(seed: 1);
        return [.. new Trainer(Base).Fit(model, Shapes).Epochs.Select(Untimed)];
    });

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    public static TheoryData<string> Names => [.. Options.Keys];

    private static Dictionary<string, TrainingOptions> Options { get; } =
        new()
        {
            ["one cycle"] = Base with { Schedule = new OneCycle() },
            ["cosine"] = Base with { Schedule = new CosineAnnealing { EndFactor = 0.1 } },
            ["constant"] = Base with { Schedule = new ConstantRate() },
            ["warm-up"] = Base with { Schedule = new Warmup(new ReduceOnPlateau { Patience = 0 }) { Epochs = 0.5 } },
            ["AdamW"] = Base with { Optimizer = new AdamW { WeightDecay = 0.1 } },
            ["Muon"] = Base with
            {
                Optimizer = new Muon { BiasRate = 0.025 },
                LearningRate = 0.05,
                Schedule = new LinearDecay(),
            },
            ["alternating flips"] = Base with { Augmentation = new(new RandomCrop(2) { Reflect = true }, new AlternatingFlip()) },
            ["SGD"] = Base with { Optimizer = new Sgd(), LearningRate = 0.01 },
            ["SGD, decoupled"] = Base with
            {
                Optimizer = new Sgd { Nesterov = false, Decoupled = true },
                LearningRate = 0.01,
            },
            ["label smoothing"] = Base with { LabelSmoothing = 0.1 },
            ["clipping"] = Base with { MaxGradientNorm = 0.5 },
            ["average"] = Base with { AverageDecay = 0.9 },
            ["mixup"] = Base with { Mixing = new Mixup { Alpha = 0.4 } },
            ["CutMix"] = Base with { Mixing = new CutMix() },
            ["flipped tests"] = Base with { TestTimeFlipping = true },
            ["erasing"] = Base with { Augmentation = new Augmentation(new RandomErasing(), new Cutout(8)) },
            ["best"] = Base with { RestoreBest = true, ValidationFraction = 0.25 },
            ["average and best"] = Base with { AverageDecay = 0.9, RestoreBest = true },
            ["fast"] = TrainingOptions.Fast with { BatchSize = 16, Epochs = 4, Device = CPU },
        };

    /// <summary>
    /// Each option changes what is learned or measured; stopped in the third epoch and resumed by a new network, the run ends to
    /// the bit as without a stop.
    /// </summary>
    [Theory]
    [MemberData(nameof(Names))]
    public void A_run_with_an_option_that_was_stopped_ends_as_one_that_was_not(string name)
    {
        TrainingOptions options = Options[name];
        using var whole = new Cnn(seed: 1);
        TrainingHistory expected = new Trainer(options).Fit(whole, Shapes);
        Assert.NotEqual(Plain.Value, expected.Epochs.Select(Untimed));

        TrainingOptions resumable = options with { CheckpointFile = Path.Combine(_folder.Path, "run.safetensors") };
        using var stop = new CancellationTokenSource();
        using (var model = new Cnn(seed: 1))
        {
            TrainingHistory stopped = new Trainer(resumable).Fit(
                model,
                Shapes,
                progress =>
                {
                    if (progress is { Epoch: 3, Batch: 2 })
                    {
                        stop.Cancel();
                    }
                },
                stop.Token
            );
            Assert.Equal(2, stopped.Epochs.Count);
        }

        using var resumed = new Cnn(seed: 99);
        TrainingHistory history = new Trainer(resumable).Fit(resumed, Shapes);

        Assert.Equal(expected.IterationLosses, history.IterationLosses);
        Assert.Equal(expected.Epochs.Select(Untimed), history.Epochs.Select(Untimed));
        Assert.Equal(Bytes(whole), Bytes(resumed));
    }

    [Fact]
    public void Another_option_is_another_run()
    {
        string file = Path.Combine(_folder.Path, "run.safetensors");
        using var model = new Cnn(seed: 1);
        TrainingOptions begun = Base with { Epochs = 1, CheckpointFile = file };
        new Trainer(begun).Fit(model, Shapes);
        Refused(
            begun with
            {
                Optimizer = new AdamW(),
            },
            "optimizer (none there, AdamW Beta1=0.9 Beta2=0.999 Epsilon=1E-08 WeightD"
        );
        Refused(begun with { LabelSmoothing = 0.1 }, "label smoothing (none there, 0.1 here)");
        Refused(begun with { MaxGradientNorm = 2 }, "largest gradient norm (none there, 2 here)");
        Refused(begun with { AverageDecay = 0.5 }, "average decay (none there, 0.5 here)");
        Refused(begun with { Mixing = new CutMix() }, "mixing (none there, CutMix Alpha=1 here)");
        Refused(begun with { Schedule = new ConstantRate() }, "schedule (none there, ConstantRate here)");
        Refused(begun with { RestoreBest = true }, "best weights kept (none there, True here)");

        // A schedule over all epochs cannot be prolonged.
        File.Delete(file);
        new Trainer(begun with { Schedule = new OneCycle() }).Fit(model, Shapes);
        Refused(begun with { Schedule = new OneCycle(), Epochs = 2 }, "epochs of the schedule (1 there, 2 here)");

        void Refused(TrainingOptions options, string message) =>
            Assert.Contains(
                message,
                Assert.Throws<InvalidDataException>(() => new Trainer(options).Fit(model, Shapes)).Message,
                StringComparison.Ordinal
            );
    }

    [Fact]
    public void A_run_stops_when_the_accuracy_does_not_improve_and_restores_the_best_weights()
    {
        var options = Base with
        {
            Epochs = 30,
            StopAfter = 2,
            RestoreBest = true,
            LearningRate = 0.01,
            ValidationFraction = 0.25,
        };
        var after = new Dictionary<int, byte[]>();
        using var model = new Cnn(seed: 1);
        TrainingHistory history = new Trainer(options).Fit(
            model,
            Shapes,
            progress =>
            {
                if (progress.Finished is { } epoch)
                {
                    after.Add(epoch.Epoch, Bytes(model));
                }
            }
        );
        int best = history.Best.Epoch;
        Assert.Equal(best + 2, history.Epochs.Count);
        Assert.True(history.Epochs.Count < 30);
        Assert.False(history.Cancelled);
        Assert.Equal(after[best], Bytes(model));
        Assert.NotEqual(after[best + 2], Bytes(model));
        Assert.Equal(
            [
                $"Stopped after epoch {best + 2}: the accuracy has not improved for 2 epochs.",
                $"The network has the weights of epoch {best}, the best of {best + 2}.",
            ],
            history.Notes
        );
    }

    [Fact]
    public void A_second_run_says_that_it_goes_on()
    {
        using var model = new Cnn(seed: 1);
        var trainer = new Trainer(Base with { Epochs = 1 });
        Assert.Empty(trainer.Fit(model, Shapes).Notes);
        string note = Assert.Single(trainer.Fit(model, Shapes).Notes);
        Assert.StartsWith(
            "Cnn was trained for 1 epoch before: this run goes on from the trained weights.",
            note,
            StringComparison.Ordinal
        );
    }

    [Fact]
    public void Training_goes_on_from_saved_weights()
    {
        string file = Path.Combine(_folder.Path, "weights.safetensors");
        using var model = new Cnn(seed: 1);
        new Trainer(Base).Fit(model, Shapes);
        new TrainedNetwork(model, Shapes.ClassNames, Shapes.Preprocessing)
        {
            Architecture = NetworkArchitecture.Get("plain"),
        }.Save(file);

        using var loaded = TrainedNetwork.Load(file);
        TrainingHistory expected = new Trainer(Base with { Seed = 9 }).Fit(model, Shapes),
            history = new Trainer(Base with { Seed = 9 }).Fit(loaded, Shapes);

        Assert.Equal(expected.IterationLosses, history.IterationLosses);
        Assert.Equal(Bytes(model), Bytes(loaded.Module));
        Assert.Equal("Training goes on from the weights of a trained network.", Assert.Single(history.Notes));

        DataSet colours = TrainerTests.TwoColours(4, 4);
        Assert.Contains(
            "and two colours has red, blue",
            Assert.Throws<ArgumentException>(() => new Trainer(Base).Fit(loaded, colours)).Message,
            StringComparison.Ordinal
        );
    }

    /// <summary>
    /// At rate 1 without momentum and decay one step moves the weights by the clipped gradient: by its largest norm exactly, in
    /// the direction in which they move without clipping.
    /// </summary>
    [Fact]
    public void Clipping_scales_all_gradients_to_the_largest_norm()
    {
        using DisposeScope scope = NewDisposeScope();
        double[] clipped = Step(0.1),
            whole = Step(null);
        double norm = Math.Sqrt(whole.Sum(x => x * x));
        Assert.True(norm > 0.5, $"{norm}");

        // torch scales by 0.1 / (norm + 1e-6), and a weight below 1 is rounded when it is moved.
        double tolerance = (0.1 * 1e-6 / norm) + Tolerance.Rounding(8);
        Assert.All(clipped.Zip(whole), pair => Assert.Equal(0.1 / norm * pair.Second, pair.First, tolerance));

        double[] Step(double? norm)
        {
            using var model = new Cnn(seed: 1);
            Dictionary<string, Tensor> before = model
                .named_parameters()
                .ToDictionary(p => p.name, p => p.parameter.detach().clone());
            var sgd = new Sgd
            {
                Momentum = 0,
                Nesterov = false,
                WeightDecay = 0,
            };
            TrainingOptions options = Base with { Optimizer = sgd, MaxGradientNorm = norm };
            using RunningOptimizer optimizer = sgd.Start(Weight.Of(model), 1);
            using Batch batch = new Batches(Shapes.Train, Shapes.Normalization, 8).Epoch(0).First();
            model.eval(); // no dropout: both steps have one gradient
            TrainingStep.Take(model, optimizer, batch, options);
            return
            [
                .. model
                    .named_parameters()
                    .SelectMany(p => (before[p.name] - p.parameter.detach()).data<float>().ToArray())
                    .Select(x => (double)x),
            ];
        }
    }

    [Fact]
    public void The_tutorials_preset_is_the_default() => Assert.Equal(new TrainingOptions(), TrainingOptions.Tutorial);

    [Fact]
    public void Values_out_of_range_are_refused_by_name()
    {
        Refused(Base with { LabelSmoothing = 1 }, "LabelSmoothing lies between 0 and 1, without 1.");
        Refused(Base with { MaxGradientNorm = 0 }, "MaxGradientNorm is a positive number.");
        Refused(Base with { AverageDecay = 1 }, "AverageDecay lies strictly between 0 and 1.");
        Refused(Base with { StopAfter = 0 }, "StopAfter is at least 1 epoch.");
        Refused(Base with { Optimizer = new Sgd { Momentum = 1 } }, "Momentum lies between 0 and 1, without 1.");
        Refused(Base with { Optimizer = new Muon { Orthogonalization = 0 } }, "Orthogonalization is at least 1.");
        Refused(Base with { Optimizer = new Muon { BiasRate = 0 } }, "BiasRate is a positive number.");
        Refused(Base with { Optimizer = new AdamW { WeightDecay = double.NaN } }, "WeightDecay is a number of at least 0.");
        Refused(Base with { Optimizer = new Adam { Epsilon = 0 } }, "Epsilon is a positive number.");
        Refused(Base with { Schedule = new OneCycle { RisingPart = 1 } }, "RisingPart lies strictly between 0 and 1.");
        Refused(Base with { Schedule = new ReduceOnPlateau { Factor = 1 } }, "Factor lies strictly between 0 and 1.");
        Refused(Base with { Schedule = new Warmup(new OneCycle()) { Epochs = 0 } }, "Warmup.Epochs is positive.");
        Refused(Base with { Mixing = new Mixup { Alpha = 0 } }, "Alpha is a positive number.");

        static void Refused(TrainingOptions options, string message) =>
            Assert.StartsWith(
                message,
                Assert.Throws<ArgumentOutOfRangeException>(() => new Trainer(options)).Message,
                StringComparison.Ordinal
            );
    }

    private static EpochRecord Untimed(EpochRecord epoch) => epoch with { Duration = default, ImagesPerSecond = 0 };

    private static byte[] Bytes(nn.Module model) =>
        [
            .. model
                .state_dict()
                .OrderBy(entry => entry.Key, StringComparer.Ordinal)
                .SelectMany(entry => entry.Value.bytes.ToArray()),
        ];
}
