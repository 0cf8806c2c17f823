using AttentionLab.Data;
using static TorchSharp.torch;
using TorchVisionModels = TorchSharp.torchvision.models;

namespace AttentionLab.Models;

/// <summary>
/// torchvision's networks from the package TorchVision, which call their layers with <c>call</c> and name them as torchvision
/// does, so that its files of weights fit and hooks run.
/// </summary>
internal static class TorchVisionNetworks
{
    private const int ImageNetClasses = 1000;

    /// <summary>Inception v3's pictures are larger than the others'.</summary>
    private static readonly Preprocessing Inception = Preprocessing.ImageNet with
    {
        Height = 299,
        Width = 299,
        ShorterSide = 342,
    };

    public static IReadOnlyList<NetworkArchitecture> All { get; } =
    [
        Of("alexnet", "classifier.6", 4096, classes => TorchVisionModels.alexnet(classes)),
        Of("googlenet", "fc", 1024, classes => TorchVisionModels.googlenet(classes, transform_input: true)) with
        {
            Auxiliary = ["aux1.", "aux2."],
        },
        Of("inception_v3", "fc", 2048, classes => TorchVisionModels.inception_v3(classes, transform_input: true)) with
        {
            Auxiliary = ["AuxLogits."],
            Preprocessing = Inception,
        },
        Of("mobilenet_v2", "classifier.1", 1280, classes => TorchVisionModels.mobilenet_v2(classes)),
        Of("mobilenet_v3_large", "classifier.3", 1280, classes => OfImageNet(classes, TorchVisionModels.mobilenet_v3_large)),
        Of("mobilenet_v3_small", "classifier.3", 1024, classes => OfImageNet(classes, TorchVisionModels.mobilenet_v3_small)),
        Of("resnet18", "fc", 512, classes => TorchVisionModels.resnet18(classes)),
        Of("resnet34", "fc", 512, classes => TorchVisionModels.resnet34(classes)),
        Of("resnet50", "fc", 2048, classes => TorchVisionModels.resnet50(classes)),
        Of("resnet101", "fc", 2048, classes => TorchVisionModels.resnet101(classes)),
        Of("resnet152", "fc", 2048, classes => TorchVisionModels.resnet152(classes)),
        Of("resnext50_32x4d", "fc", 2048, classes => TorchVisionModels.resnext50_32x4d(classes)),
        Of("resnext101_32x8d", "fc", 2048, classes => TorchVisionModels.resnext101_32x8d(classes)),
        Of("resnext101_64x4d", "fc", 2048, classes => TorchVisionModels.resnext101_64x4d(classes)),
        Of("wide_resnet50_2", "fc", 2048, classes => TorchVisionModels.wide_resnet50_2(classes)),
        Of("wide_resnet101_2", "fc", 2048, classes => TorchVisionModels.wide_resnet101_2(classes)),
        Of("vgg11", "classifier.6", 4096, classes => TorchVisionModels.vgg11(classes)),
        Of("vgg11_bn", "classifier.6", 4096, classes => TorchVisionModels.vgg11_bn(classes)),
        Of("vgg13", "classifier.6", 4096, classes => TorchVisionModels.vgg13(classes)),
        Of("vgg13_bn", "classifier.6", 4096, classes => TorchVisionModels.vgg13_bn(classes)),
        Of("vgg16", "classifier.6", 4096, classes => TorchVisionModels.vgg16(classes)),
        Of("vgg16_bn", "classifier.6", 4096, classes => TorchVisionModels.vgg16_bn(classes)),
        Of("vgg19", "classifier.6", 4096, classes => TorchVisionModels.vgg19(classes)),
        Of("vgg19_bn", "classifier.6", 4096, classes => TorchVisionModels.vgg19_bn(classes)),
    ];

    private static NetworkArchitecture Of(string name, string last, int inputs, Func<int, nn.Module<Tensor, Tensor>> create) =>
        new(
            name,
            "torchvision's",
            $"{last}.weight",
            inputs,
            (classes, seed) =>
            {
                NetworkInput.Seed(seed);
                return create(classes);
            }
        )
        {
            Preprocessing = Preprocessing.ImageNet,
        };

    /// <exception cref="ArgumentException">The package makes this network for ImageNet's thousand classes only.</exception>
    private static nn.Module<Tensor, Tensor> OfImageNet(int classes, Func<nn.Module<Tensor, Tensor>> create) =>
        classes == ImageNetClasses
            ? create()
            : throw new ArgumentException(
                $"MobileNet v3 comes for ImageNet's {ImageNetClasses} classes only, not for {classes}: take "
                    + "mobilenet_v2, or export the network as ONNX.",
                nameof(classes)
            );
}
