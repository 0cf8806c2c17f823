using AttentionLab.Data;
using AttentionLab.Imaging;
using TorchSharp;
using static TorchSharp.torch;

namespace AttentionLab.Models;

/// <summary>Networks with trained weights that anyone can get through NuGet.</summary>
/// <remarks>
/// <code>
/// using var network = await PretrainedNetworks.ResNet18Async();
/// display(new EigenCam().Explain(network, ImageFile.Load("dog.jpg")).Over(ImageFile.Load("dog.jpg")));
/// </code>
/// </remarks>
public static class PretrainedNetworks
{
    private const int Features = 512;

    /// <summary>The names that commands know.</summary>
    public static IReadOnlyList<string> Names { get; } = ["resnet18"];

    /// <summary>ML.NET's, under the MIT licence.</summary>
    private static readonly NuGetPackage ResNet18 = new("Microsoft.ML.DnnImageFeaturizer.ResNet18", "0.23.1");

    /// <summary>
    /// A ResNet-18 that learned ImageNet, up to its 512 pooled features, which are its outputs: for maps that need no class,
    /// and to learn classes of your own from few photographs. From the package Microsoft.ML.DnnImageFeaturizer.ResNet18 (63
    /// MB), which NuGet fetches once and keeps in its cache.
    /// </summary>
    /// <param name="say">Receives a sentence when the package is fetched.</param>
    /// <param name="cancellationToken">Stops fetching.</param>
    /// <returns>A network of photographs, which takes the middle square at 224×224, blue first, minus a mean picture. Its
    /// layers lie under <c>backbone</c>.</returns>
    /// <exception cref="IOException">The package is not in NuGet's cache and cannot be fetched; the message says why.</exception>
    public static async Task<TrainedNetwork> ResNet18Async(
        Action<string>? say = null,
        CancellationToken cancellationToken = default
    )
    {
        string folder = await ResNet18.FolderAsync(say, cancellationToken: cancellationToken).ConfigureAwait(false);
        string models = Path.Combine(folder, "tools", "DnnImageModels");
        Preprocessing preprocessing = PreprocessingOf(Path.Combine(models, "ResNetPrepOnnx", "ResNetPreprocess.onnx"));
        var features = new PooledFeatures(OnnxNetwork.Load(Path.Combine(models, "ResNet18Onnx", "ResNet18.onnx")));
        try
        {
            return NetworkProbe.ToTrainedNetwork(
                features,
                preprocessing,
                [.. Enumerable.Range(0, Features).Select(feature => $"feature {feature}")],
                ["The network outputs 512 features, which stand where classes do."]
            );
        }
        catch
        {
            features.Dispose();
            throw;
        }
    }

    /// <summary>What the package's own preprocessing does, found by asking it: it reverses channels and takes a picture
    /// away.</summary>
    private static Preprocessing PreprocessingOf(string path)
    {
        using DisposeScope scope = NewDisposeScope();
        using IDisposable noGradients = no_grad();
        using OnnxNetwork network = OnnxNetwork.Load(path);
        Tensor none = zeros(1, 3, 224, 224),
            red = zeros(1, 3, 224, 224);
        red[.., 0] = 1;
        Tensor mean = -network.call(none),
            moved = network.call(red) + mean;
        return new Preprocessing
        {
            Height = 224,
            Width = 224,
            Fit = ImageFit.Crop,
            Largest = 255,
            IsBgr = moved[0, 2].mean().item<float>() > 0.5f,
            MeanImage = mean.contiguous().data<float>().ToArray(),
        };
    }
}
