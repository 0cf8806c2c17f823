using static TorchSharp.torch;

namespace AttentionLab.Models;

/// <summary>Where a network computes.</summary>
internal static class ModelDevice
{
    /// <summary>The device of its first weight; the CPU for a network without weights.</summary>
    public static Device Device(this nn.Module model) => model.parameters().FirstOrDefault()?.device ?? CPU;
}
