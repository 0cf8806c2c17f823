using AttentionLab.Core;
using AttentionLab.Data;
using AttentionLab.Models;
using AttentionLab.Tests.Data;
using AttentionLab.Training;
using TorchSharp;
using static TorchSharp.torch;

namespace AttentionLab.Tests.Training;

[Trait("Kind", "Numeric")]
public sealed class CheckpointTests : IDisposable
{
    private static readonly DataSet Shapes = ShapeSet.Create(train: 40, test: 20);

    private static readonly TrainingOptions Options = new()
    {
        Epochs = 4,
        BatchSize = 16,
        Seed = 3,
        Schedule = new ReduceOnPlateau { Patience = 0 },
        ValidationFraction = 0.2,
        Device = CPU,
    };

    private readonly TemporaryFolder _folder = new();
    private readonly DisposeScope _scope = NewDisposeScope();

    public void Dispose()
    {
        _scope.Dispose();
        _folder.Dispose();
    }

    private string File => Path.Combine(_folder.Path, "run", "checkpoint.safetensors");

    [Fact]
    public void A_run_that_was_stopped_ends_as_one_that_was_not_to_the_bit()
    {
        using var whole = new Cnn(seed: 1);
        TrainingHistory expected = new Trainer(Options).Fit(whole, Shapes);

        // Killed in the third epoch, then in the fourth, each time with a new process's new network.
        TrainingOptions resumable = Options with
        {
            CheckpointFile = File,
        };
        Assert.Equal(2, Stopped(resumable, atIteration: 5).Epochs.Count);
        Assert.Equal(3, Stopped(resumable, atIteration: 8).Epochs.Count);
        using var resumed = new Cnn(seed: 99);
        torch.random.manual_seed(12345);
        TrainingHistory history = new Trainer(resumable).Fit(resumed, Shapes);

        Assert.Equal(expected.IterationLosses, history.IterationLosses);
        Assert.Equal(expected.Epochs.Select(Untimed), history.Epochs.Select(Untimed));
        Assert.Contains(expected.Epochs, epoch => epoch.LearningRate < 0.001); // the schedule went on too
        Assert.Equal(Bytes(whole), Bytes(resumed));
    }

    [Fact]
    public void Dropout_draws_anew_in_each_epoch_and_by_the_seed()
    {
        // One step an epoch on the same pictures in the same state: without dropout's part the losses would be alike.
        DataSet one = ShapeSet.Create(train: 2, test: 2);
        Assert.Equal(Losses(seed: 1), Losses(seed: 1));
        Assert.NotEqual(Losses(seed: 1), Losses(seed: 2));
        Assert.Equal(4, Losses(seed: 1).Distinct().Count());

        double[] Losses(long seed)
        {
            using var model = new Cnn(seed: 1);
            return [.. new Trainer(
                    new TrainingOptions
                    {
                        Epochs = 4,
                        LearningRate = 1e-30,
                        Augmentation = null,
                        Seed = seed,
                        Device = CPU,
                    }
                ).Fit(model, one).IterationLosses];
        }
    }

    [Fact]
    public void A_second_run_into_one_file_is_refused_while_the_first_one_lasts()
    {
        TrainingOptions two = Options with { Epochs = 2, CheckpointFile = File };
        using var first = new Cnn(seed: 1);
        using var second = new Cnn(seed: 2);
        byte[] before = Bytes(second);
        var messages = new List<string>();
        new Trainer(two).Fit(
            first,
            Shapes,
            progress =>
            {
                if (progress.Finished is not null)
                {
                    messages.Add(Assert.Throws<InUseException>(() => new Trainer(two).Fit(second, Shapes)).Message);
                }
            }
        );
        Assert.Equal(2, messages.Count);
        Assert.All(
            messages,
            message =>
                Assert.Matches(
                    $@"checkpoint\.safetensors is in use: process {Environment.ProcessId} on .+, since \d{{4}}-\d\d-\d\d \d\d:\d\d:\d\d [+-]\d\d:\d\d, writes to it\.",
                    message
                )
        );
        Assert.Equal(before, Bytes(second));

        // The first one lost nothing, and leaves nothing but its file.
        Assert.Equal(["checkpoint.safetensors"], Directory.GetFiles(Path.GetDirectoryName(File)!).Select(Path.GetFileName));
        new Trainer(two).Fit(second, Shapes);
        Assert.Equal(Bytes(first), Bytes(second));
    }

    [Fact]
    public void A_run_that_was_refused_or_failed_gives_its_file_up()
    {
        TrainingOptions options = Options with { Epochs = 1, CheckpointFile = File };
        using var model = new Cnn(seed: 1);
        Assert.Throws<InvalidOperationException>(() =>
            new Trainer(options).Fit(model, Shapes, _ => throw new InvalidOperationException("stopped"))
        );
        Assert.False(Directory.Exists(Path.GetDirectoryName(File)));
        Assert.Single(new Trainer(options).Fit(model, Shapes).Epochs);
    }

    [Fact]
    public void A_finished_run_gives_its_network_and_history_and_may_grow()
    {
        TrainingOptions two = Options with { Epochs = 2, CheckpointFile = File };
        using var model = new Cnn(seed: 1);
        TrainingHistory history = new Trainer(two).Fit(model, Shapes);
        using var again = new Cnn(seed: 2);
        TrainingHistory read = new Trainer(two).Fit(again, Shapes, _ => Assert.Fail("nothing is left to train"));
        Assert.Equal(history.Epochs, read.Epochs);
        Assert.False(read.Cancelled);
        Assert.Equal(Bytes(model), Bytes(again));

        new Trainer(Options with { CheckpointFile = File }).Fit(again, Shapes);
        using var whole = new Cnn(seed: 1);
        new Trainer(Options).Fit(whole, Shapes);
        Assert.Equal(Bytes(whole), Bytes(again));
    }

    [Fact]
    public void What_belongs_to_another_run_is_refused_and_changes_nothing()
    {
        TrainingOptions begun = Options with { Epochs = 1, CheckpointFile = File };
        using (var model = new Cnn(seed: 1))
        {
            new Trainer(begun).Fit(model, Shapes);
        }

        Refused(
            begun with
            {
                Seed = 4,
                BatchSize = 8,
            },
            Shapes,
            new Cnn(),
            "batch size (16 there, 8 here), seed (3 there, 4 here)"
        );
        Refused(begun with { LearningRate = 0.1 }, Shapes, new Cnn(), "learning rate (0.001 there, 0.1 here)");
        Refused(
            begun with
            {
                Augmentation = new Augmentation(new RandomRotation(5)),
            },
            Shapes,
            new Cnn(),
            "RandomCrop Padding=4, "
        );
        Refused(begun with { Augmentation = null }, Shapes, new Cnn(), "none here)");
        Refused(begun, ShapeSet.Create(40, 20, seed: 1), new Cnn(), "data (Shapes, 40+20 pictures, ");
        Refused(begun, Shapes, new SeCnn(), "network (Cnn there, SeCnn here)");
        Refused(begun, Shapes, new Cnn(classes: 11), "model/fc2.bias");
        var e = Assert.Throws<ArgumentException>(() =>
            new Trainer(Options with { CheckpointFile = File }).Fit(new Cnn(), Shapes) is var _
                ? new Trainer(begun).Fit(new Cnn(), Shapes)
                : null
        );
        Assert.Contains("has 4 epochs already", e.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(100)]
    [InlineData(-1)]
    public void A_file_that_was_cut_is_refused(int length)
    {
        TrainingOptions begun = Options with { Epochs = 1, CheckpointFile = File };
        new Trainer(begun).Fit(new Cnn(seed: 1), Shapes);
        using (FileStream file = System.IO.File.OpenWrite(File))
        {
            file.SetLength(length < 0 ? file.Length + length : length);
        }

        Refused(begun, Shapes, new Cnn(), File);
    }

    [Fact]
    public void Weights_and_texts_that_make_no_run_are_refused()
    {
        using var model = new Cnn(seed: 1);
        Directory.CreateDirectory(Path.GetDirectoryName(File)!);
        WeightFile.Save(model, File);
        Refused(Options with { CheckpointFile = File }, Shapes, new Cnn(), "no text 'run'");
        WeightFile.Save(model, File, new Dictionary<string, string> { ["run"] = "{ \"seed\": " });
        Refused(Options with { CheckpointFile = File }, Shapes, new Cnn(), "text 'run' cannot be read");

        TrainingOptions begun = Options with { Epochs = 2, CheckpointFile = File };
        System.IO.File.Delete(File);
        new Trainer(begun).Fit(model, Shapes);
        IReadOnlyDictionary<string, string> texts = WeightFile.Metadata(File);
        Dictionary<string, Tensor> tensors = Safetensors.Load(File);
        Safetensors.Save(
            tensors,
            File,
            new Dictionary<string, string>(texts)
            {
                ["epochs"] = texts["epochs"].Replace("\"Epoch\":2", "\"Epoch\":3", StringComparison.Ordinal),
            }
        );
        Refused(begun, Shapes, new Cnn(), "do not go together");
        tensors.Remove("adam/second/fc1.weight");
        Safetensors.Save(tensors, File, texts);
        Refused(begun, Shapes, new Cnn(), "adam/second/fc1.weight");
    }

    [Fact]
    public void Nothing_stays_in_native_memory_and_nothing_lies_beside_the_file()
    {
        using var model = new Cnn(seed: 1);
        TrainingOptions begun = Options with { Epochs = 1, CheckpointFile = File };
        new Trainer(begun).Fit(model, Shapes);
        long before = Live.Tensors;
        new Trainer(begun with { Epochs = 2 }).Fit(model, Shapes);
        Assert.Equal(before, Live.Tensors);
        Assert.Equal([File], Directory.GetFiles(Path.GetDirectoryName(File)!));
    }

    private static TrainingHistory Stopped(TrainingOptions options, int atIteration)
    {
        using var stop = new CancellationTokenSource();
        using var model = new Cnn(seed: 1);
        return new Trainer(options).Fit(
            model,
            Shapes,
            progress =>
            {
                if (progress.Iteration == atIteration)
                {
                    stop.Cancel();
                }
            },
            stop.Token
        );
    }

    private static void Refused(TrainingOptions options, DataSet data, nn.Module<Tensor, Tensor> model, string message)
    {
        byte[] before = Bytes(model);
        var e = Assert.Throws<InvalidDataException>(() => new Trainer(options).Fit(model, data));
        Assert.Contains(message, e.Message, StringComparison.Ordinal);
        Assert.Contains(options.CheckpointFile!, e.Message, StringComparison.Ordinal);
        Assert.Equal(before, Bytes(model));
        model.Dispose();
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
