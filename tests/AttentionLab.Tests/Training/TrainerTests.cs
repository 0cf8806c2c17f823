using AttentionLab.Core;
using AttentionLab.Data;
using AttentionLab.Models;
using AttentionLab.Training;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace AttentionLab.Tests.Training;

[Trait("Kind", "Numeric")]
public sealed class TrainerTests
{
    private static readonly TrainingOptions Quick = new()
    {
        Epochs = 3,
        BatchSize = 8,
        Augmentation = null,
        Device = CPU,
    };

    [Fact]
    public void A_run_is_the_one_written_out_by_hand()
    {
        DataSet data = TwoColours(train: 20, test: 6);
        using DisposeScope scope = NewDisposeScope();
        using var trained = new OneLayer();
        using var byHand = new OneLayer();
        byHand.load_state_dict(trained.state_dict());

        TrainingHistory history = new Trainer(Quick).Fit(trained, data);

        using optim.Optimizer adam = optim.Adam(byHand.parameters(), 0.001);
        int iteration = 0;
        double tolerance = Tolerance.BetweenFloat32(9 * (192 + 8)); // nine steps, each a sum over 192 values and eight pictures
        for (int epoch = 1; epoch <= 3; epoch++)
        {
            double lossSum = 0;
            int right = 0;
            foreach (Batch batch in new Batches(data.Train, data.Normalization, 8, shuffle: true).Epoch(epoch))
            {
                adam.zero_grad();
                Tensor logits = byHand.call(batch.Images);
                Tensor loss = nn.functional.cross_entropy(logits, batch.Labels);
                loss.backward();
                adam.step();
                Assert.Equal(loss.item<float>(), history.IterationLosses[iteration++], tolerance);
                lossSum += loss.item<float>() * batch.Count;
                right += (int)(logits.argmax(1) == batch.Labels).sum().item<long>();
                batch.Dispose();
            }

            Assert.Equal(lossSum / 20, history.Epochs[epoch - 1].TrainLoss, tolerance);
            Assert.Equal(right / 20.0, history.Epochs[epoch - 1].TrainAccuracy, Tolerance.RoundingInDouble(2));
        }

        foreach ((string name, Tensor value) in byHand.state_dict())
        {
            Fixture.AssertClose(value, trained.state_dict()[name], tolerance, name);
        }

        Assert.Equal(9, history.IterationLosses.Count);
        Assert.False(history.Cancelled);
        Assert.False(trained.training);
    }

    [Fact]
    public void Every_epoch_trains_in_train_mode_and_tests_in_eval_mode()
    {
        using var model = new OneLayer();
        new Trainer(Quick with { Epochs = 2 }).Fit(model, TwoColours(train: 16, test: 8));
        Assert.Equal([true, true, false, true, true, false], model.Modes);
    }

    [Fact]
    public void One_seed_gives_one_result_to_the_bit_and_another_seed_another()
    {
        DataSet data = TwoColours(train: 24, test: 8);
        Assert.Equal(Run(seed: 5), Run(seed: 5));
        Assert.NotEqual(Run(seed: 5), Run(seed: 6));

        double[] Run(long seed)
        {
            using var model = new Cnn(classes: 2, imageSize: 8, seed: 1);
            TrainingHistory history = new Trainer(
                Quick with
                {
                    Seed = seed,
                    Epochs = 2,
                    Augmentation = Augmentation.Tutorial,
                }
            ).Fit(model, data);
            return [.. history.IterationLosses, history.Last.TestLoss, history.Last.TrainLoss];
        }
    }

    [Fact]
    public void The_learning_rate_is_halved_after_four_epochs_without_a_better_test_loss()
    {
        // A network whose output never changes: the first epoch sets the best loss, the fifth is the fourth without a better one.
        using var model = new Constant();
        TrainingHistory history = new Trainer(Quick with { Epochs = 7 }).Fit(model, TwoColours(train: 8, test: 8));
        Assert.Equal([0.001, 0.001, 0.001, 0.001, 0.001, 0.0005, 0.0005], history.Epochs.Select(e => e.LearningRate));
    }

    [Fact]
    public void A_validation_part_is_kept_out_of_training_and_steers_instead_of_the_test()
    {
        using var model = new OneLayer();
        TrainingHistory history = new Trainer(Quick with { ValidationFraction = 0.25 }).Fit(
            model,
            TwoColours(train: 32, test: 8)
        );
        Assert.Equal(3 * 3, history.IterationLosses.Count); // 24 of 32 pictures in batches of 8
        Assert.All(history.Epochs, e => Assert.NotNull(e.ValidationLoss));
        Assert.Equal(history.Epochs.MaxBy(e => e.ValidationAccuracy), history.Best);
    }

    [Fact]
    public void Cancelling_stops_at_the_next_batch_and_returns_the_history_so_far()
    {
        using var stop = new CancellationTokenSource();
        using var model = new OneLayer();
        TrainingHistory history = new Trainer(Quick).Fit(
            model,
            TwoColours(train: 24, test: 8),
            p =>
            {
                if (p.Iteration == 5)
                {
                    stop.Cancel();
                }
            },
            stop.Token
        );

        Assert.True(history.Cancelled);
        Assert.Equal(5, history.IterationLosses.Count);
        Assert.Single(history.Epochs);
        Assert.False(model.training);
    }

    [Fact]
    public void A_loss_that_is_no_number_stops_with_place_and_advice_and_sound_weights()
    {
        using DisposeScope scope = NewDisposeScope();
        using var model = new OneLayer { PoisonFromCall = 4 };
        var e = Assert.Throws<TrainingDivergedException>(() => new Trainer(Quick).Fit(model, TwoColours(train: 24, test: 8)));
        Assert.Contains("epoch 2, batch 1 (iteration 4)", e.Message, StringComparison.Ordinal);
        Assert.Contains("smaller learning rate than 0.001", e.Message, StringComparison.Ordinal);
        Assert.Equal(3, e.History.IterationLosses.Count);
        Assert.All(model.parameters(), p => Assert.True(p.isfinite().all().item<bool>()));
    }

    // One step at 1e38 takes each weight, and so each logit, to 1e38 times a picture's values: beyond float32.
    [Fact]
    public void A_last_step_that_spoils_the_weights_is_found_by_the_test()
    {
        using var model = new OneLayer();
        TrainingOptions options = Quick with { Epochs = 1, BatchSize = 24, LearningRate = 1e38 };
        bool finished = false;
        var e = Assert.Throws<TrainingDivergedException>(() =>
            new Trainer(options).Fit(model, TwoColours(train: 24, test: 8), progress => finished |= progress.Finished is not null)
        );
        Assert.Contains("test loss is NaN after epoch 1", e.Message, StringComparison.Ordinal);
        Assert.Contains("smaller learning rate than 1e+38", e.Message, StringComparison.Ordinal);
        Assert.Single(e.History.IterationLosses);
        Assert.Empty(e.History.Epochs);
        Assert.False(finished); // whoever keeps the best epoch's weights keeps none of these
    }

    [Fact]
    public void Progress_comes_after_every_batch_and_epoch()
    {
        var reports = new List<TrainingProgress>();
        using var model = new OneLayer();
        new Trainer(Quick with { Epochs = 2 }).Fit(model, TwoColours(train: 20, test: 8), reports.Add);

        Assert.Equal([1, 2, 3, 3, 1, 2, 3, 3], reports.Select(r => r.Batch));
        Assert.Equal([1, 2, 3, 3, 4, 5, 6, 6], reports.Select(r => r.Iteration));
        Assert.Equal([false, false, false, true, false, false, false, true], reports.Select(r => r.IsMilestone));
        Assert.Equal(TimeSpan.Zero, reports[^1].TimeLeft);
        Assert.StartsWith("Epoch 2/2 | batch 3/3 | loss ", reports[^2].ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void Nothing_stays_in_native_memory()
    {
        DataSet data = TwoColours(train: 24, test: 8);
        using var model = new OneLayer();
        new Trainer(Quick).Fit(model, data);
        long before = Live.Tensors;
        new Trainer(Quick).Fit(model, data);
        Assert.Equal(before, Live.Tensors);
    }

    [Theory]
    [InlineData(0, 8, 0.001)]
    [InlineData(1, 0, 0.001)]
    [InlineData(1, 8, 0)]
    [InlineData(1, 8, double.NaN)]
    public void Impossible_options_are_refused(int epochs, int batchSize, double learningRate) =>
        Assert.Throws<ArgumentOutOfRangeException>(() =>
            new Trainer(
                new TrainingOptions
                {
                    Epochs = epochs,
                    BatchSize = batchSize,
                    LearningRate = learningRate,
                }
            )
        );

    /// <summary>Class 0 is reddish, class 1 bluish, 8×8 pixels.</summary>
    internal static DataSet TwoColours(int train, int test)
    {
        return new DataSet("two colours", Split("train", train, 1), Split("test", test, 2), Normalization.Tutorial);

        static LabeledImages Split(string name, int count, long seed)
        {
            var random = new RandomStream(seed);
            var pixels = new byte[count * 192];
            var labels = new int[count];
            for (int i = 0; i < count; i++)
            {
                labels[i] = i % 2;
                for (int p = 0; p < 192; p++)
                {
                    bool lit = p / 64 == (labels[i] == 0 ? 0 : 2);
                    pixels[(i * 192) + p] = (byte)(random.Next(160) + (lit ? 95 : 0));
                }
            }

            return new LabeledImages(name, 8, 8, pixels, labels, ["red", "blue"]);
        }
    }

    private sealed class OneLayer : nn.Module<Tensor, Tensor>
    {
        public readonly Linear linear;
        private int _calls;

        public OneLayer()
            : base("one layer")
        {
            torch.random.manual_seed(7);
            linear = nn.Linear(192, 2);
            RegisterComponents();
        }

        public List<bool> Modes { get; } = [];

        public int PoisonFromCall { get; init; } = int.MaxValue;

        public override Tensor forward(Tensor input)
        {
            Modes.Add(training);
            Tensor logits = linear.call(input.flatten(1));
            _calls += training ? 1 : 0;
            return training && _calls >= PoisonFromCall ? logits * float.NaN : logits;
        }
    }

    private sealed class Constant : nn.Module<Tensor, Tensor>
    {
        public readonly Linear linear = nn.Linear(1, 1);

        public Constant()
            : base("constant") => RegisterComponents();

        public override Tensor forward(Tensor input) => zeros(input.shape[0], 2) + (linear.weight!.sum() * 0);
    }
}
