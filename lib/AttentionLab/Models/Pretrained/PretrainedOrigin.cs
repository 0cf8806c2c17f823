using static TorchSharp.torch;

namespace AttentionLab.Models;

/// <summary>The pretrained ResNet-18, to which a file only refers: NuGet's cache has it.</summary>
internal sealed record PretrainedOrigin : BackboneOrigin
{
    public const string FileName = "pretrained-resnet18";

    public override string Name => FileName;

    public override bool HasWeights => true;

    public override nn.Module<Tensor, Tensor> Create() =>
        Task.Run(() => PretrainedNetworks.ResNet18Async()).GetAwaiter().GetResult().Module;
}
