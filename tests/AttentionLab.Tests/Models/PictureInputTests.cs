using AttentionLab.Core;
using AttentionLab.Data;
using AttentionLab.Imaging;
using AttentionLab.Models;
using AttentionLab.Tests.Data;
using TorchSharp;
using static TorchSharp.torch;

namespace AttentionLab.Tests.Models;

[Trait("Kind", "Numeric")]
public sealed class PictureInputTests : IDisposable
{
    private readonly DisposeScope _scope = NewDisposeScope();
    private readonly TemporaryFolder _folder = new();

    /// <summary>A network for pictures of 8×16 pixels whose input is value / 255 · 2 − 1.</summary>
    private readonly TrainedNetwork _network = new(
        new SeResNet(2),
        ["cat", "dog"],
        Preprocessing.Of(new([0.5f, 0.5f, 0.5f], [0.5f, 0.5f, 0.5f]), 8, 16)
    );

    public void Dispose()
    {
        _network.Dispose();
        _folder.Dispose();
        _scope.Dispose();
    }

    [Fact]
    public void Files_come_at_the_networks_size_and_normalised_as_it_expects()
    {
        PngFile.Save(new Image(40, 40, [.. Enumerable.Repeat((byte)255, 4800)]), _folder["white.png"]);
        PngFile.Save(new Image(3, 90, new byte[810]), _folder["black.png"]);
        File.WriteAllText(_folder["text.png"], "no picture");
        var reported = new List<string>();
        using PictureInput input = PictureInput.FromFiles(
            [_folder["white.png"], _folder["text.png"], _folder["black.png"]],
            _network,
            reported.Add
        );
        Assert.Equal([2, 3, 8, 16], input.Input.shape);
        Assert.True((input.Input[0] == 1).all().item<bool>());
        Assert.True((input.Input[1] == -1).all().item<bool>());
        Assert.Equal(["white.png", "black.png"], input.Names);
        Assert.Equal([(40, 40), (3, 90)], input.Photographs.Select(photo => (photo.Height, photo.Width)));
        Assert.Equal([new ImagePart(10, 0, 20, 40, 40, 40), new ImagePart(0, 42, 3, 6, 3, 90)], input.Parts);
        Assert.Contains("text.png", Assert.Single(reported), StringComparison.Ordinal);
        Assert.Equal(["cat", "dog"], input.ClassNamesFor(_network));
        Assert.Throws<InvalidDataException>(() => PictureInput.FromFiles([_folder["text.png"]], _network, _ => { }));
    }

    [Fact]
    public void Pictures_of_a_set_keep_their_labels_and_are_normalised_for_the_network()
    {
        var images = new LabeledImages("pets", 1, 1, [0, 0, 0, 255, 255, 255], [1, 0], ["cat", "dog"]);
        using PictureInput input = PictureInput.FromSet(
            new DataSet("Pets", images, images, Normalization.Tutorial),
            images,
            [1, 0],
            _network
        );
        Assert.Equal([2, 3, 8, 16], input.Input.shape);
        Assert.True((input.Input[0] == 1).all().item<bool>());
        Assert.True((input.Input[1] == -1).all().item<bool>());
        Assert.Equal([null, null], input.Parts);
        Assert.Equal([0, 1], input.Labels!);
        Assert.Equal(["pets 1", "pets 0"], input.Names);
        Assert.Equal("Pets", input.Source);
        using var other = new TrainedNetwork(new SeResNet(2), ["red", "blue"]);
        Assert.Contains(
            "The network's classes are red, blue, and those of Pets are cat, dog",
            Assert.Throws<InvalidDataException>(() => input.ClassNamesFor(other)).Message,
            StringComparison.Ordinal
        );
    }

    [Fact]
    public void A_tensor_is_taken_as_it_is_and_shown_by_the_networks_normalisation()
    {
        Tensor values = full([1, 3, 8, 16], -1f);
        values[0, 0, 0, 0] = 1;
        Safetensors.Save(new Dictionary<string, Tensor> { ["input"] = values }, _folder["in.safetensors"]);
        using PictureInput input = PictureInput.FromTensor(_folder["in.safetensors"], _network);
        Assert.True(input.Input.Equals(values));
        Assert.Equal([255, 0, 0, 0], input.Photographs[0].Rgb[..4]);

        Safetensors.Save(new Dictionary<string, Tensor> { ["input"] = zeros(1, 3, 32, 32) }, _folder["in.safetensors"]);
        Assert.Contains(
            "it should be N×3×8×16 of float32",
            Assert.Throws<InvalidDataException>(() => PictureInput.FromTensor(_folder["in.safetensors"], _network)).Message,
            StringComparison.Ordinal
        );
    }
}
