using AttentionLab.Data;
using AttentionLab.Tests.Explain;
using AttentionLab.Training;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace AttentionLab.Tests.Training;

/// <summary>Networks and sets that torch would refuse in its own words, or spoil without a word.</summary>
public sealed class TrainerInputTests
{
    [Theory]
    [InlineData(64, 64, 1, false)]
    [InlineData(65, 64, 1, true)]
    [InlineData(129, 64, 2, true)]
    [InlineData(66, 64, 2, false)]
    [InlineData(3, 2, 1, true)]
    public void A_picture_left_over_joins_the_batch_before_it_where_BatchNorm_learns(
        int pictures,
        int batchSize,
        int steps,
        bool told
    )
    {
        using var model = new OneValue();
        TrainingHistory history = new Trainer(Options(batchSize)).Fit(model, Noise(pictures));
        Assert.Equal(steps, history.IterationLosses.Count);
        Assert.Equal(told, history.Notes.Any(note => note.Contains($"{batchSize + 1} pictures", StringComparison.Ordinal)));
        Assert.True(double.IsFinite(history.Last.TestLoss));
        Assert.All(model.bn.running_var!.data<float>().ToArray(), value => Assert.True(float.IsFinite(value)));
    }

    [Fact]
    public void Without_BatchNorm_the_last_batch_may_hold_one_picture()
    {
        using var model = Sequential(("flat", Flatten()), ("fc", Linear(192, 2)));
        TrainingHistory history = new Trainer(Options(64)).Fit(model, Noise(65));
        Assert.Equal(2, history.IterationLosses.Count);
        Assert.Empty(history.Notes);
    }

    [Theory]
    [InlineData(5, 1)]
    [InlineData(1, 64)]
    public void Batches_of_one_picture_are_an_error_where_each_channel_has_one_value(int pictures, int batchSize)
    {
        using var model = new OneValue();
        Assert.Contains(
            "'bn.running_var' of OneValue is not finite",
            Assert.Throws<InvalidOperationException>(() => new Trainer(Options(batchSize)).Fit(model, Noise(pictures))).Message,
            StringComparison.Ordinal
        );
    }

    [Fact]
    public void Batches_of_one_picture_are_fine_where_channels_have_more_values()
    {
        using var model = new Backbone();
        TrainingHistory history = new Trainer(Options(1)).Fit(model, Noise(3));
        Assert.Equal(3, history.IterationLosses.Count);
        Assert.True(double.IsFinite(history.Last.TestLoss));
    }

    [Fact]
    public void A_layer_in_eval_mode_stays_as_it_is()
    {
        using var model = new Backbone();
        model.bn.eval();
        (float[] mean, float[] weight) = (Values(model.bn.running_mean!), Values(model.bn.weight!));
        new Trainer(Options(8) with { Epochs = 2 }).Fit(model, Noise(16));
        Assert.Equal(mean, Values(model.bn.running_mean!));
        Assert.NotEqual(weight, Values(model.bn.weight!)); // its weights may learn all the same
    }

    [Fact]
    public void A_frozen_layer_of_a_network_in_eval_mode_stays_as_it_is_and_the_others_train()
    {
        using var model = new Backbone();
        model.eval();
        foreach (Parameter parameter in model.bn.parameters())
        {
            parameter.requires_grad = false;
        }

        (float[] mean, float[] other) = (Values(model.bn.running_mean!), Values(model.bn2.running_mean!));
        new Trainer(Options(8) with { Epochs = 2 }).Fit(model, Noise(16));
        Assert.Equal(mean, Values(model.bn.running_mean!));
        Assert.NotEqual(other, Values(model.bn2.running_mean!));
    }

    [Fact]
    public void Evaluation_puts_every_mode_back()
    {
        using var model = new Backbone();
        model.bn.eval();
        DataSet data = Noise(4);
        Evaluation.Of(model, data.Test, data.Normalization);
        Assert.Equal((true, false, true), (model.training, model.bn.training, model.bn2.training));
    }

    [Fact]
    public void A_network_with_nothing_to_train_is_refused()
    {
        using var empty = Sequential(("flat", Flatten()));
        Refused<ArgumentException>(empty, "has no weights");
        using var frozen = new Backbone();
        foreach (Parameter parameter in frozen.parameters())
        {
            parameter.requires_grad = false;
        }

        Refused<ArgumentException>(frozen, "All 8 weights of Backbone are frozen");
        using var cut = new Backbone { Detaches = true };
        Refused<InvalidOperationException>(cut, "does not depend on a weight that learns");
    }

    [Fact]
    public void Outputs_that_do_not_fit_the_classes_are_refused()
    {
        using var one = Sequential(("flat", Flatten()), ("fc", Linear(192, 1)));
        Refused<InvalidOperationException>(one, "outputs one number for each picture (4×1)");
        Refused<InvalidOperationException>(new Composed(_ => null!, ("fc", Linear(1, 1))), "returned null for 4×3×8×8 pictures");
        using var flat = Sequential(("flat", Flatten()), ("fc", Linear(192, 1)), ("none", Flatten(0)));
        Refused<InvalidOperationException>(flat, "outputs one number for each picture (4)");
        using var few = Sequential(("flat", Flatten()), ("fc", Linear(192, 2)));
        Refused<InvalidOperationException>(few, "outputs 2 numbers for each picture, and there are 3 classes", classes: 3);
        using var map = Sequential(("conv", Conv2d(3, 2, 8)));
        Refused<InvalidOperationException>(map, "outputs 4×2×1×1 for 4 pictures");
        using var wide = Sequential(("flat", Flatten()), ("fc", Linear(100, 2)));
        Refused<InvalidOperationException>(wide, "cannot compute pictures of 4×3×8×8");
        using var grey = Sequential(("conv", Conv2d(1, 2, 8)), ("flat", Flatten()));
        Refused<InvalidOperationException>(grey, "cannot compute pictures of 4×3×8×8");
        DataSet data = Noise(4, 3);
        Assert.Contains(
            "there are 3 classes",
            Assert.Throws<InvalidOperationException>(() => Evaluation.Of(few, data.Test, data.Normalization)).Message,
            StringComparison.Ordinal
        );
    }

    private static void Refused<TError>(Module<Tensor, Tensor> model, string reason, int classes = 2)
        where TError : Exception =>
        Assert.Contains(
            reason,
            Assert.Throws<TError>(() => new Trainer(Options(4)).Fit(model, Noise(4, classes))).Message,
            StringComparison.Ordinal
        );

    private static TrainingOptions Options(int batchSize) =>
        new()
        {
            Epochs = 1,
            BatchSize = batchSize,
            Augmentation = null,
            Device = CPU,
        };

    private static DataSet Noise(int count, int classes = 2)
    {
        return new DataSet("noise", Split("train", count), Split("test", 8), Normalization.Tutorial);

        LabeledImages Split(string name, int pictures)
        {
            var random = new Random(1);
            var pixels = new byte[3 * 64 * pictures];
            random.NextBytes(pixels);
            return new LabeledImages(
                name,
                8,
                8,
                pixels,
                [.. Enumerable.Range(0, pictures).Select(i => i % classes)],
                [.. Enumerable.Range(0, classes).Select(k => $"class {k}")]
            );
        }
    }

    private static float[] Values(Tensor tensor) => tensor.data<float>().ToArray();

    private sealed class OneValue : Module<Tensor, Tensor>
    {
        public readonly Conv2d conv = Conv2d(3, 4, 3, padding: 1);
        public readonly BatchNorm1d bn = BatchNorm1d(4);
        public readonly Linear fc = Linear(4, 2);

        public OneValue()
            : base("OneValue") => RegisterComponents();

        public override Tensor forward(Tensor x) => fc.call(bn.call(functional.relu(conv.call(x)).mean([2L, 3L])));
    }

    private sealed class Backbone : Module<Tensor, Tensor>
    {
        public readonly Conv2d conv = Conv2d(3, 4, 3, padding: 1);
        public readonly BatchNorm2d bn = BatchNorm2d(4);
        public readonly BatchNorm2d bn2 = BatchNorm2d(4);
        public readonly Linear fc = Linear(4, 2);

        public Backbone()
            : base("Backbone") => RegisterComponents();

        public bool Detaches { get; init; }

        public override Tensor forward(Tensor x)
        {
            Tensor logits = fc.call(functional.relu(bn2.call(bn.call(conv.call(x)))).mean([2L, 3L]));
            return Detaches ? logits.detach() : logits;
        }
    }
}
