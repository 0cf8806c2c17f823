using TorchSharp.Modules;
using static TorchSharp.torch;

namespace AttentionLab.Models;

/// <summary>A frozen network's features N×C, and a linear layer from them to classes. Disposes both.</summary>
internal sealed class HeadedNetwork : nn.Module<Tensor, Tensor>
{
    /// <summary>What the last layer is called.</summary>
    public const string HeadName = nameof(head);

#pragma warning disable IDE1006 // the layers' paths begin with them
    private readonly nn.Module<Tensor, Tensor> features;
    private readonly Linear head;
#pragma warning restore IDE1006

    public HeadedNetwork(nn.Module<Tensor, Tensor> network, Linear last)
        : base(nameof(HeadedNetwork))
    {
        (features, head) = (network, last);
        RegisterComponents();
    }

    /// <summary>Whether a weight is one of the frozen network's.</summary>
    public static bool IsBackbone(string name) => name.StartsWith($"{nameof(features)}.", StringComparison.Ordinal);

    public override Tensor forward(Tensor input)
    {
        using Tensor seen = features.call(input);
        return head.call(seen);
    }

    /// <summary>Writes the last layer, which refers to its network by the architecture's name in the text.</summary>
    /// <exception cref="InvalidOperationException">Nothing says where the network comes from.</exception>
    /// <exception cref="ArgumentException">The name does not end in <c>.safetensors</c>.</exception>
    public void Save(string path, NetworkArchitecture? architecture, Dictionary<string, string> text)
    {
        if (architecture is null)
        {
            throw new InvalidOperationException(
                "The file of a last layer refers to the pretrained ResNet-18; this layer stands on another network, "
                    + "which the file would not bring back. Keep the weights of both by "
                    + $"{nameof(WeightFile)}.{nameof(WeightFile.Save)}."
            );
        }

        if (!path.EndsWith(".safetensors", StringComparison.OrdinalIgnoreCase))
        {
            throw new ArgumentException($"{path}: a last layer is saved as .safetensors.", nameof(path));
        }

        Safetensors.Save(
            new Dictionary<string, Tensor> { [$"{HeadName}.weight"] = head.weight, [$"{HeadName}.bias"] = head.bias! },
            path,
            text
        );
    }
}
