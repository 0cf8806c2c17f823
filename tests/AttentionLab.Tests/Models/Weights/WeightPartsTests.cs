using AttentionLab.Models;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace AttentionLab.Tests.Models;

/// <summary>Files that hold more than one network's weights: wrappers, averages, optimizers, settings, Python objects.</summary>
/// <remarks>The files of PyTorch in Fixtures/pytorch/parts hold one network; its logits for the ramp are PyTorch's.</remarks>
public sealed class WeightPartsTests : IDisposable
{
    private static readonly float[] First = [0.254676f, 0.097373f],
        Second = [0.022385f, -0.110019f];

    private readonly string _folder = Directory.CreateTempSubdirectory("attentionlab-parts-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [InlineData("03_averagedmodel.pth", true, "n_averaged")]
    [InlineData("32_averaged.safetensors", false, "n_averaged")]
    [InlineData("08_lightning_criterion.pth", false, "criterion.weight")]
    [InlineData("08b_lightning_ema.pth", false, "ema_model.conv.weight")]
    [InlineData("05_numpy_scalar.pth", true, null)]
    [InlineData("06_namespace.pth", true, null)]
    [InlineData("08c_lightning_path.pth", false, null)]
    [InlineData("15_numpy_rng.pth", false, null)]
    [InlineData("17_nparray.pth", false, null)]
    [InlineData("14_checkpoint_model.pth", false, null)]
    [InlineData("25_config_nested.pth", false, null)]
    [InlineData("25_empty_state_dict.pth", false, null)]
    [InlineData("25_model_is_config.pth", false, null)]
    [InlineData("19_gan.pth#generator", false, null)]
    [InlineData("19_two.pth#weights", false, null)]
    [InlineData("08b_lightning_ema.pth#model", false, null)]
    public void The_networks_weights_are_found(string name, bool first, string? beside)
    {
        using var model = new SmallNet();
        WeightReport report = WeightFile.Load(model, Fixture.Path($"pytorch/parts/{name}"));
        Assert.Equal(9, report.Loaded.Count);
        Assert.True(report.IsWhole);
        Assert.Equal(beside, report.Beside is [var one, ..] ? one : null);
        AssertLogits(first ? First : Second, model);
    }

    /// <summary>Some sixty Python objects beside the weights: <c>make_objects.py</c> lists them.</summary>
    [Theory]
    [InlineData("objects-2.pth")]
    [InlineData("objects-5.pth")]
    public void Python_objects_are_passed_over(string name)
    {
        using var model = new SmallNet();
        Assert.Equal(9, WeightFile.Load(model, Fixture.Path($"pytorch/parts/{name}")).Loaded.Count);
        Assert.Equal([1f, 2, 3, 4], model.bn.running_var!.data<float>().ToArray());
        using TensorFile file = TensorFile.Open(Fixture.Path($"pytorch/parts/{name}"));
        Assert.Equal("3", file.Metadata["epoch"]);
    }

    [Theory]
    [InlineData("19_gan.pth", "generator, discriminator")]
    [InlineData("19_two.pth", "weights, ema")]
    public void Two_that_fit_alike_are_named_and_none_is_guessed(string name, string keys)
    {
        using var model = new SmallNet();
        string message = Assert
            .Throws<InvalidDataException>(() => WeightFile.Load(model, Fixture.Path($"pytorch/parts/{name}")))
            .Message;
        Assert.Contains(keys, message, StringComparison.Ordinal);
        Assert.Contains($"FILE#{keys.Split(',')[0]}", message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_key_chooses_the_other_weights_too()
    {
        using var model = new SmallNet();
        using TensorFile plain = TensorFile.Open(Fixture.Path("pytorch/parts/19_gan.pth#generator"));
        WeightFile.Load(model, Fixture.Path("pytorch/parts/19_gan.pth#discriminator"));
        using Tensor other = plain.Read("conv.bias");
        Fixture.AssertClose(other + 1, model.conv.bias!, Tolerance.Rounding(1));

        WeightFile.Load(model, Fixture.Path("pytorch/parts/08b_lightning_ema.pth#ema_model"));
        Fixture.AssertClose(other + 1, model.conv.bias!, Tolerance.Rounding(1));

        Assert.Contains(
            "holds no 'critic'",
            Assert.Throws<InvalidDataException>(() => TensorFile.Open(Fixture.Path("pytorch/parts/19_gan.pth#critic"))).Message,
            StringComparison.Ordinal
        );
        Assert.Contains(
            "holds no 'critic'",
            Assert
                .Throws<InvalidDataException>(() => TensorFile.Open(Fixture.Path("pytorch/parts/32_averaged.safetensors#critic")))
                .Message,
            StringComparison.Ordinal
        );
    }

    [Fact]
    public void A_file_whose_name_has_the_mark_goes_before_a_part_of_another()
    {
        using SmallNet one = Ramped(1),
            two = Ramped(2),
            read = new();
        WeightFile.Save(one, At("a.pth"));
        WeightFile.Save(two, At("a.pth#b.pth"));
        WeightFile.Load(read, At("a.pth#b.pth"));
        Fixture.AssertClose(two.fc.weight!, read.fc.weight!, 0);
    }

    [Theory]
    [InlineData("conv", "module.")] // only a part was computed on several devices
    [InlineData("bn", "_orig_mod.")]
    [InlineData("", "model._orig_mod.")]
    [InlineData("", "module.model.")]
    public void A_prefix_may_stand_before_some_names_only(string start, string prefix)
    {
        using SmallNet model = Ramped(1),
            read = new();
        Safetensors.Save(
            model
                .state_dict()
                .ToDictionary(
                    weight => weight.Key.StartsWith(start, StringComparison.Ordinal) ? prefix + weight.Key : weight.Key,
                    weight => weight.Value
                ),
            At("x.safetensors")
        );
        Assert.Equal(9, WeightFile.Load(read, At("x.safetensors")).Loaded.Count);
        Fixture.AssertClose(model.conv.weight!, read.conv.weight!, 0);
    }

    [Fact]
    public void What_has_no_prefix_is_unexpected_where_the_network_has_none_either()
    {
        using SmallNet model = Ramped(1);
        Dictionary<string, Tensor> weights = model.state_dict();
        weights["criterion.weight"] = ones(2);
        Safetensors.Save(weights, At("x.safetensors"));
        Assert.Contains(
            "Unexpected: criterion.weight",
            Assert.Throws<InvalidDataException>(() => WeightFile.Load(model, At("x.safetensors"))).Message,
            StringComparison.Ordinal
        );
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Tied_weights_are_read_from_the_one_name_that_is_stored(bool tied)
    {
        // As safetensors.torch.save_model writes them; the metadata says which name is another's.
        Safetensors.Save(
            new Dictionary<string, Tensor> { ["emb.weight"] = arange(6, ScalarType.Float32).reshape(2, 3) },
            At("tied.safetensors"),
            new Dictionary<string, string> { ["format"] = "pt", ["head.weight"] = "emb.weight" }
        );
        using var model = new Tied(tied);
        WeightReport report = WeightFile.Load(model, At("tied.safetensors"));
        Assert.True(report.IsWhole);
        Assert.Equal([0, 1, 2, 3, 4, 5], model.emb.weight!.data<float>().ToArray());
        Assert.Equal([0, 1, 2, 3, 4, 5], model.head.weight!.data<float>().ToArray());
    }

    [Fact]
    public void Tied_weights_need_no_metadata_where_the_network_ties_them()
    {
        Safetensors.Save(
            new Dictionary<string, Tensor> { ["emb.weight"] = arange(6, ScalarType.Float32).reshape(2, 3) },
            At("tied.safetensors")
        );
        using Tied tied = new(true),
            untied = new(false);
        Assert.True(WeightFile.Load(tied, At("tied.safetensors")).IsWhole);
        Assert.Equal([0, 1, 2, 3, 4, 5], tied.head.weight!.data<float>().ToArray());
        Assert.Contains(
            "Missing: head.weight",
            Assert.Throws<InvalidDataException>(() => WeightFile.Load(untied, At("tied.safetensors"))).Message,
            StringComparison.Ordinal
        );
    }

    private static SmallNet Ramped(float start)
    {
        var model = new SmallNet();
        using IDisposable noGradients = no_grad();
        foreach (Tensor weight in model.state_dict().Values.Where(weight => weight.is_floating_point()))
        {
            weight.copy_(arange(weight.numel(), ScalarType.Float32).reshape(weight.shape) + start);
            start += 0.5f;
        }

        return model;
    }

    private static void AssertLogits(float[] expected, SmallNet model)
    {
        model.eval();
        using IDisposable noGradients = no_grad();
        using Tensor logits = model.call(linspace(-1, 1, 192).reshape(1, 3, 8, 8));

        // PyTorch's, printed with six digits behind the point. A convolution of 27 products, a mean of 64 values, a linear layer.
        double tolerance = 0.5e-6 + (Tolerance.BetweenFloat32(27 + 64 + 4) * expected.Max(Math.Abs));
        Assert.Equal(expected, logits.data<float>().ToArray(), (a, b) => Math.Abs(a - b) <= tolerance);
    }

    private string At(string name) => Path.Combine(_folder, name);

#pragma warning disable IDE1006 // PyTorch's names
    private sealed class SmallNet : Module<Tensor, Tensor>
    {
        public readonly Conv2d conv = Conv2d(3, 4, 3, padding: 1);
        public readonly BatchNorm2d bn = BatchNorm2d(4);
        public readonly Linear fc = Linear(4, 2);

        public SmallNet()
            : base("Net") => RegisterComponents();

        public override Tensor forward(Tensor x) => fc.call(functional.relu(bn.call(conv.call(x))).mean([2L, 3L]));
    }

    private sealed class Tied : Module<Tensor, Tensor>
    {
        public readonly Linear emb = Linear(3, 2, hasBias: false);
        public readonly Linear head = Linear(3, 2, hasBias: false);

        public Tied(bool tied)
            : base("Tied")
        {
            if (tied)
            {
                head.weight = emb.weight;
            }

            RegisterComponents();
        }

        public override Tensor forward(Tensor x) => head.call(x) + emb.call(x);
    }
#pragma warning restore IDE1006
}
