using AttentionLab.Models;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace AttentionLab.Tests.Models;

[Trait("Kind", "Numeric")]
public sealed class WeightFileTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("weights").FullName;
    private readonly DisposeScope _scope = NewDisposeScope();

    public void Dispose()
    {
        _scope.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    [Theory]
    [InlineData("se.safetensors")]
    [InlineData("se.pth")]
    [InlineData("se.PT")]
    public void A_network_comes_back_to_the_bit(string name)
    {
        using var saved = new SeCnn(seed: 1);
        using var loaded = new SeCnn(seed: 2);
        WeightFile.Save(saved, At(name), new Dictionary<string, string> { ["model"] = "se" });
        File.Move(At(name), At("unnamed"));
        WeightReport report = WeightFile.Load(loaded, At("unnamed"));

        Assert.True(report.IsWhole);
        Assert.Empty(report.NotFinite);
        Assert.Equal("31 of 31 weights loaded.", report.ToString());
        Assert.Equal("se", WeightFile.Metadata(At("unnamed"))["model"]);
        Dictionary<string, Tensor> actual = loaded.state_dict();
        foreach ((string weight, Tensor value) in saved.state_dict())
        {
            PyTorchFileTests.AssertSame(weight, value, actual[weight]);
        }
    }

    [Theory]
    [InlineData("plain", "safetensors")]
    [InlineData("plain", "pth")]
    [InlineData("se", "safetensors")]
    [InlineData("se", "pth")]
    public void PyTorchs_own_files_give_PyTorchs_logits(string name, string extension)
    {
        string weights = Fixture.Shared($"parity/{name}_seed0.{extension}");
        using TensorFile expected = Safetensors.Open(Fixture.Shared("parity/expected.safetensors"));
        using Tensor logits = expected.Read($"{name}_seed0/logits"),
            input = expected.Read("input");
        using nn.Module<Tensor, Tensor> model = NetworkTests.Create(name);
        WeightFile.Load(model, weights);
        model.eval();
        using IDisposable noGradients = no_grad();
        Fixture.AssertClose(logits, model.call(input), Tolerance.BetweenFloat32(Tolerance.Forward), "logits");
    }

    [Fact]
    public void What_does_not_fit_is_listed_and_nothing_is_loaded()
    {
        using var plain = new Cnn(seed: 1);
        using var other = new SeCnn(classes: 3, seed: 2);
        WeightFile.Save(plain, At("plain.safetensors"));
        using Tensor before = other.conv1.weight!.clone();

        var e = Assert.Throws<InvalidDataException>(() => WeightFile.Load(other, At("plain.safetensors")));

        Assert.Contains("Missing: ca1.fc.0.weight, ca1.fc.2.weight", e.Message, StringComparison.Ordinal);
        Assert.Contains(
            "Another shape: fc2.weight (file 10×512, network 3×512), fc2.bias (file 10, network 3).",
            e.Message,
            StringComparison.Ordinal
        );
        Assert.True(before.Equals(other.conv1.weight));
    }

    [Fact]
    public void The_part_that_fits_is_loaded_when_asked_for()
    {
        using var attention = new SeCnn(seed: 1);
        using var other = new Cnn(classes: 3, seed: 2);
        WeightFile.Save(attention, At("se.pth"));
        using Tensor last = other.fc2.weight!.clone();

        WeightReport report = WeightFile.Load(other, At("se.pth"), WeightFit.WhatFits);

        Assert.Equal(["fc2.weight (file 10×512, network 3×512)", "fc2.bias (file 10, network 3)"], report.OtherShape);
        Assert.Equal(
            ["ca1.fc.0.weight", "ca1.fc.2.weight", "ca2.fc.0.weight", "ca2.fc.2.weight", "ca3.fc.0.weight", "ca3.fc.2.weight"],
            report.Unexpected.Order(StringComparer.Ordinal)
        );
        Assert.Empty(report.Missing);
        Assert.Equal(23, report.Loaded.Count);
        Assert.False(report.IsWhole);
        Assert.True(attention.conv3.weight!.Equals(other.conv3.weight));
        Assert.True(last.Equals(other.fc2.weight));
    }

    [Fact]
    public void A_file_of_which_nothing_fits_is_an_error_all_the_same()
    {
        Safetensors.Save(new Dictionary<string, Tensor> { ["x"] = zeros(1) }, At("else.safetensors"));
        using var model = new Cnn(seed: 1);
        Assert.Contains(
            "Unexpected: x.",
            Assert.Throws<InvalidDataException>(() => WeightFile.Load(model, At("else.safetensors"), WeightFit.WhatFits)).Message,
            StringComparison.Ordinal
        );
    }

    [Theory]
    [InlineData("")]
    [InlineData("module.")]
    [InlineData("_orig_mod.")]
    [InlineData("module._orig_mod.")]
    [InlineData("model.net.")]
    public void What_wrappers_put_before_names_is_passed_over(string prefix)
    {
        using var saved = new Cnn(seed: 1);
        using var loaded = new Cnn(seed: 2);
        PyTorchFile.Save(
            saved.state_dict().ToDictionary(weight => prefix + weight.Key, weight => weight.Value),
            At("wrapped.pth")
        );
        Assert.True(WeightFile.Load(loaded, At("wrapped.pth")).IsWhole);
        Assert.True(saved.fc1.weight!.Equals(loaded.fc1.weight));
    }

    [Fact]
    public void A_compiled_child_keeps_its_place_and_a_child_named_module_its_name()
    {
        using Sequential inner = nn.Sequential(("0", nn.Linear(2, 2))),
            outer = nn.Sequential(("module", inner));
        Tensor weight = outer.state_dict()["module.0.weight"].clone(),
            bias = outer.state_dict()["module.0.bias"];
        Safetensors.Save(
            new Dictionary<string, Tensor> { ["module._orig_mod.0.weight"] = weight + 1, ["module._orig_mod.0.bias"] = bias },
            At("child.safetensors")
        );
        Assert.True(WeightFile.Load(outer, At("child.safetensors")).IsWhole);
        Assert.True((weight + 1).Equals(outer.state_dict()["module.0.weight"]));
    }

    [Theory]
    [InlineData("checkpoint.pth")]
    [InlineData("checkpoint_legacy.pth")]
    public void A_checkpoint_from_DataParallel_loads(string name)
    {
        using Sequential model = nn.Sequential(("0", nn.Linear(3, 2)), ("1", nn.BatchNorm1d(2)));
        Assert.True(WeightFile.Load(model, Fixture.Path($"pytorch/{name}")).IsWhole);
        Assert.Equal([-1f, 1], model.state_dict()["0.bias"].data<float>().ToArray());
        Assert.Equal(1, model.state_dict()["1.num_batches_tracked"].item<long>());
        Assert.Equal("3", WeightFile.Metadata(Fixture.Path($"pytorch/{name}"))["epoch"]);
    }

    [Theory]
    [InlineData("half.safetensors", ScalarType.Float16)]
    [InlineData("half.pth", ScalarType.BFloat16)]
    public void Fractions_can_be_rounded_to_half_the_size(string name, ScalarType type)
    {
        using var saved = new Cnn(seed: 1);
        using var loaded = new Cnn(seed: 2);
        WeightFile.Save(saved, At("whole.safetensors"));
        WeightFile.Save(saved, At(name), floats: type);
        WeightFile.Load(loaded, At(name));

        Assert.InRange(new FileInfo(At(name)).Length, 0, (new FileInfo(At("whole.safetensors")).Length / 2) + 10_000);
        Assert.Equal(ScalarType.Float32, loaded.conv1.weight!.dtype);
        Assert.True(saved.conv1.weight!.to(type).to(ScalarType.Float32).Equals(loaded.conv1.weight));
        using TensorFile file = TensorFile.Open(At(name));
        Assert.Equal(
            (type, ScalarType.Int64),
            (file.Tensors["bn1.running_var"].Type, file.Tensors["bn1.num_batches_tracked"].Type)
        );
    }

    [Fact]
    public void Rounding_that_would_lose_a_weight_is_refused()
    {
        using Linear model = nn.Linear(1, 1);
        using (no_grad())
        {
            model.weight!.fill_(1e6);
        }

        Assert.Contains(
            "'weight' has values beyond the range of Float16, up to 1e+06",
            Assert.Throws<ArgumentException>(() => WeightFile.Save(model, At("a.pth"), floats: ScalarType.Float16)).Message,
            StringComparison.Ordinal
        );
        Assert.Throws<ArgumentException>(() => WeightFile.Save(model, At("a.pth"), floats: ScalarType.Int64));
        Assert.Contains(
            ".safetensors",
            Assert.Throws<ArgumentException>(() => WeightFile.Save(model, At("a.bin"))).Message,
            StringComparison.Ordinal
        );
        Assert.Empty(Directory.GetFiles(_folder));
    }

    [Fact]
    public void Weights_that_are_not_finite_are_loaded_and_named()
    {
        using Linear saved = nn.Linear(2, 1),
            loaded = nn.Linear(2, 1);
        using (no_grad())
        {
            saved.weight![0, 1] = float.NaN;
        }

        WeightFile.Save(saved, At("nan.pth"), floats: ScalarType.Float16);
        WeightReport report = WeightFile.Load(loaded, At("nan.pth"));
        Assert.Equal(["weight"], report.NotFinite);
        Assert.Contains("Not finite (NaN or infinity): weight.", report.ToString(), StringComparison.Ordinal);
        Assert.True(loaded.weight![0, 1].isnan().item<bool>());

        // Too large for the network's type.
        Safetensors.Save(
            new Dictionary<string, Tensor> { ["weight"] = full([1, 2], 1e300, ScalarType.Float64), ["bias"] = zeros(1) },
            At("large.safetensors")
        );
        Assert.Equal(["weight"], WeightFile.Load(loaded, At("large.safetensors")).NotFinite);
    }

    [Fact]
    public void Types_that_do_not_convert_are_told()
    {
        using Linear model = nn.Linear(2, 1);
        Safetensors.Save(
            new Dictionary<string, Tensor>
            {
                ["weight"] = zeros(1, 2, ScalarType.ComplexFloat32),
                ["bias"] = zeros(1, ScalarType.Int32),
            },
            At("complex.safetensors")
        );
        Assert.Contains(
            "Another shape: weight (file ComplexFloat32, network Float32).",
            Assert.Throws<InvalidDataException>(() => WeightFile.Load(model, At("complex.safetensors"))).Message,
            StringComparison.Ordinal
        );
    }

    [Fact]
    public void A_file_damaged_at_its_end_changes_no_weight()
    {
        using Linear saved = nn.Linear(2, 1),
            loaded = nn.Linear(2, 1);
        WeightFile.Save(saved, At("a.pth"));
        byte[] bytes = File.ReadAllBytes(At("a.pth"));
        int bias = bytes.AsSpan().IndexOf(saved.bias!.bytes);
        bytes[bias] ^= 0x10;
        File.WriteAllBytes(At("a.pth"), bytes);
        Tensor before = loaded.weight!.clone();
        Assert.Throws<InvalidDataException>(() => WeightFile.Load(loaded, At("a.pth"), WeightFit.WhatFits));
        Assert.True(before.Equals(loaded.weight));
    }

    [Fact]
    public void Loading_and_saving_leave_no_tensor_behind()
    {
        using var model = new Cnn(seed: 1);
        WeightFile.Save(model, At("a.pth"));
        WeightFile.Load(model, At("a.pth"));
        long before = Live.Tensors;
        WeightFile.Save(model, At("a.pth"), floats: ScalarType.Float16);
        WeightFile.Load(model, At("a.pth"));
        Assert.Equal(before, Live.Tensors);
    }

    [Fact]
    public void A_missing_file_is_named() =>
        Assert.Contains(
            At("none"),
            Assert.Throws<FileNotFoundException>(() => WeightFile.Load(new Cnn(), At("none"))).Message,
            StringComparison.Ordinal
        );

    private string At(string name) => Path.Combine(_folder, name);
}
