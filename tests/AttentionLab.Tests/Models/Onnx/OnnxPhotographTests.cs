using AttentionLab.Core;
using AttentionLab.Data;
using AttentionLab.Explain;
using AttentionLab.Figures;
using AttentionLab.Imaging;
using AttentionLab.Models;
using TorchSharp;
using static TorchSharp.torch;

namespace AttentionLab.Tests.Models.Onnx;

/// <summary>A network from a file, asked about a photograph in one line.</summary>
[Trait("Kind", "Numeric")]
public class OnnxPhotographTests
{
    private static readonly string[] Names = [.. Enumerable.Range(0, 10).Select(k => $"kind {k}")];

    [Fact]
    public void A_photograph_is_preprocessed_explained_and_its_map_lies_where_the_network_looked()
    {
        string file = Fixture.Shared("parity/onnx/resnet_basic.onnx");
        long[] size = OnnxSize(file);
        Preprocessing preprocessing = Preprocessing.ImageNet with
        {
            Height = (int)size[0],
            Width = (int)size[1],
            ShorterSide = null,
        };
        using TrainedNetwork network = OnnxNetwork.Load(file, preprocessing, Names);
        Image photo = Photo(100, 160);

        Prediction prediction = network.Predict(photo);
        Explanation seen = new GradCam().Explain(network, photo);
        MapOverlay figure = seen.Over(photo);

        using DisposeScope scope = NewDisposeScope();
        Tensor input = network.ToInput(photo);
        Assert.IsType<OnnxNetwork>(network.Module);
        Assert.Equal(network.Module.call(input).argmax(1).item<long>(), prediction.Best.Index);
        Assert.Equal(Names[prediction.Best.Index], prediction.Top(5)[0].Name);
        Explanation bare = new GradCam().Explain(network.Module, input)[0];
        Assert.Equal(bare.Maps[0].Values.ToArray(), seen.Maps[0].Values.ToArray());
        Assert.Equal(Names[prediction.Best.Index], seen.Maps[0].Target);
        Assert.Equal(new ImagePart(0, 13, 100, 133, 100, 160), seen.Maps[0].Part);
        Assert.Equal(bare.Maps[0].Resize(100, 133).Values.ToArray(), figure.Map.Values.ToArray());
        Assert.Equal(photo.Rgb.Length, figure.Picture.Rgb.Length);
    }

    [Fact]
    public void A_network_of_other_pictures_or_classes_is_refused_with_the_reason()
    {
        string file = Fixture.Shared("parity/onnx/resnet_basic.onnx");
        long[] size = OnnxSize(file);
        Preprocessing preprocessing = Preprocessing.ImageNet with
        {
            Height = (int)size[0],
            Width = (int)size[1],
            ShorterSide = null,
        };

        Assert.Contains(
            "tells 10 classes apart, and 2 are named",
            Assert.Throws<ArgumentException>(() => OnnxNetwork.Load(file, preprocessing, ["a", "b"])).Message
        );
        Assert.Contains(
            "pictures of 3 channels, and the preprocessing gives 1×",
            Assert
                .Throws<ArgumentException>(() =>
                    OnnxNetwork.Load(file, preprocessing with { Mean = [0], StandardDeviation = [1] })
                )
                .Message
        );
    }

    [Fact]
    public void What_nobody_named_is_said()
    {
        string file = Fixture.Shared("parity/onnx/resnet_basic.onnx");
        long[] size = OnnxSize(file);
        using TrainedNetwork unnamed = OnnxNetwork.Load(file, preprocessing: null);
        Assert.False(unnamed.HasClassNames);
        Assert.Contains(unnamed.Notes, note => note.Contains("No preprocessing is named", StringComparison.Ordinal));
        Assert.Equal("class 9", unnamed.ClassNames[9]);
    }

    /// <summary>Rows and columns of the fixture's pictures.</summary>
    private static long[] OnnxSize(string file)
    {
        using DisposeScope scope = NewDisposeScope();
        return Safetensors.Load(Path.ChangeExtension(file, "safetensors"))["input"].shape[2..];
    }

    private static Image Photo(int height, int width) =>
        new(
            height,
            width,
            [.. Enumerable.Range(0, 3 * height * width).Select(i => (byte)(255 * Fixture.Uniform(77, (uint)i / 300)))]
        );
}
