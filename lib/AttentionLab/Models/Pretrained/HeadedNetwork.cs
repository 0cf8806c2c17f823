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

    private readonly FeatureExtractor _extractor;

    public HeadedNetwork(Backbone backbone, Linear last)
        : base(nameof(HeadedNetwork))
    {
        (Backbone, features, head) = (backbone, backbone.Module, last);
        _extractor = new FeatureExtractor(backbone);
        RegisterComponents();
    }

    /// <summary>What gives the features.</summary>
    public Backbone Backbone { get; }

    /// <summary>From features to classes.</summary>
    public Linear Head => head;

    /// <summary>Whether a weight is one of the frozen network's.</summary>
    public static bool IsBackbone(string name) => name.StartsWith($"{nameof(features)}.", StringComparison.Ordinal);

    /// <summary>The name here of a weight of the backbone's.</summary>
    public static string NameOf(string backboneName) => $"{nameof(features)}.{backboneName}";

    public override Tensor forward(Tensor input)
    {
        using Tensor seen = _extractor.Of(input);
        return head.call(seen);
    }

    /// <summary>Removes what it added to the backbone, which goes on without it; the network does not run any more.</summary>
    public void Release() => _extractor.Dispose();

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            Release();
        }

        base.Dispose(disposing);
    }
}
