using AttentionLab.Models;
using TorchSharp;
using static TorchSharp.torch;

namespace AttentionLab.Tests.Models;

public sealed class WeightFileTests : IDisposable
{
    private readonly string _path = Path.Combine(Path.GetTempPath(), $"{Guid.NewGuid():N}.safetensors");
    private readonly DisposeScope _scope = NewDisposeScope();

    public void Dispose()
    {
        _scope.Dispose();
        File.Delete(_path);
    }

    [Fact]
    public void A_network_comes_back_to_the_bit()
    {
        using var saved = new SeCnn(seed: 1);
        using var loaded = new SeCnn(seed: 2);
        WeightFile.Save(saved, _path);
        WeightFile.Load(loaded, _path);
        Dictionary<string, Tensor> actual = loaded.state_dict();
        foreach ((string name, Tensor value) in saved.state_dict())
        {
            Assert.True(value.Equals(actual[name]), name);
        }
    }

    [Theory]
    [MemberData(nameof(NetworkTests.Both), MemberType = typeof(NetworkTests))]
    public void PyTorchs_own_files_give_PyTorchs_logits(string name)
    {
        string weights = Fixture.Shared($"parity/{name}_seed0.safetensors");
        Dictionary<string, Tensor> expected = Safetensors.Load(Fixture.Shared("parity/expected.safetensors"));
        using nn.Module<Tensor, Tensor> model = NetworkTests.Create(name);
        WeightFile.Load(model, weights);
        model.eval();
        using IDisposable noGradients = no_grad();
        Fixture.AssertClose(expected[$"{name}_seed0/logits"], model.call(expected["input"]), 1e-5, "logits");
    }

    [Fact]
    public void What_does_not_fit_is_listed_and_nothing_is_loaded()
    {
        using var plain = new Cnn(seed: 1);
        using var other = new SeCnn(classes: 3, seed: 2);
        WeightFile.Save(plain, _path);
        using Tensor before = other.conv1.weight!.clone();

        var e = Assert.Throws<InvalidDataException>(() => WeightFile.Load(other, _path));

        Assert.Contains("Missing: ca1.fc.0.weight, ca1.fc.2.weight", e.Message, StringComparison.Ordinal);
        Assert.Contains("Another shape: fc2.bias (file 10, network 3), fc2.weight (file 10×512, network 3×512).", e.Message, StringComparison.Ordinal);
        Assert.True(before.Equals(other.conv1.weight));
    }

    [Fact]
    public void A_missing_file_is_named() =>
        Assert.Contains(_path, Assert.Throws<FileNotFoundException>(() => WeightFile.Load(new Cnn(), _path)).Message, StringComparison.Ordinal);
}
