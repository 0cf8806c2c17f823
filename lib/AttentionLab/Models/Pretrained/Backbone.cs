using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace AttentionLab.Models;

/// <summary>
/// A network that gives features: what goes into its last linear layer, or, of one that does not end in such a layer, its
/// outputs.
/// </summary>
/// <param name="Module">The whole network, N×C×H×W to N×K.</param>
/// <param name="LastLayer">The path of its last linear layer; null where it does not end in one.</param>
/// <param name="Origin">Where it comes from; null where nothing says it.</param>
internal sealed record Backbone(nn.Module<Tensor, Tensor> Module, string? LastLayer, BackboneOrigin? Origin)
{
    /// <summary>A network as a backbone; of one that is a new last layer on a backbone, that backbone.</summary>
    public static Backbone Of(TrainedNetwork network)
    {
        if (network.Module is HeadedNetwork headed)
        {
            return headed.Backbone;
        }

        using Tensor picture = NetworkProbe.PictureFor(network.Preprocessing, network.Device);
        return new Backbone(network.Module, LastLinearLayer.Find(network.Module, picture), BackboneOrigin.Of(network));
    }

    /// <summary>The same network once more, with its present weights, of its own memory; null where nothing says how to make
    /// it.</summary>
    public Backbone? Copy()
    {
        if (Origin is null)
        {
            return null;
        }

        nn.Module<Tensor, Tensor> copy = Origin.Create();
        using DisposeScope scope = NewDisposeScope();
        using IDisposable noGradients = no_grad();
        Dictionary<string, Tensor> state = Module.state_dict();
        foreach ((string name, Tensor weight) in copy.state_dict())
        {
            weight.copy_(state[name]);
        }

        copy.to(Module.Device());
        copy.eval();
        return this with { Module = copy };
    }

    /// <summary>The last linear layer; null where the network does not end in one.</summary>
    public Linear? Last => LastLayer is null ? null : (Linear)ModulePaths.Of(Module).First(part => part.Path == LastLayer).Module;
}
