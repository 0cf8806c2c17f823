using AttentionLab.Models;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace AttentionLab.Explain;

/// <summary>
/// The tutorial's heat map: of each picture the channel whose spatial mean is highest, or next to highest and so on; of equal
/// ones the lower channel. <see cref="FeatureMaps.Top"/> tells which channel it is. Without a named layer it reads the last
/// convolution, as the tutorial does. One forward pass; the target plays no part.
/// </summary>
/// <remarks>
/// <para>$L = Aₖ$ for the channel k whose mean $∑ᵢⱼ Aₖᵢⱼ / (h·w)$ has the rank asked for.</para>
/// <para>No paper describes the tutorial's choice. What single channels respond to was first shown by
/// <see href="https://arxiv.org/abs/1311.2901">Zeiler, Fergus, "Visualizing and understanding convolutional networks", ECCV
/// 2014</see>.</para>
/// </remarks>
public sealed class RankedChannel : LayerMethod
{
    /// <inheritdoc/>
    public override string Name => "channels";

    /// <summary>0 for the highest mean, 1 for the next.</summary>
    public int Rank { get; init; }

    /// <inheritdoc/>
    protected override bool NeedsGradients => false;

    /// <summary>The last convolution with more than one place; where there is none, what all methods take.</summary>
    internal override IReadOnlyList<string> DefaultLayers(
        nn.Module<Tensor, Tensor> model,
        Tensor input,
        ICollection<string> remarks
    )
    {
        string? last = null;
        bool severalChannels = false;
        using DisposeScope scope = NewDisposeScope();
        using var hooks = new ForwardHooks(
            model,
            (path, module, output) =>
            {
                // A single channel behind several is not a layer of features, but the weights of spatial attention.
                if (module is Conv2d && LayerActivations.IsSpatial(output) && (output.shape[1] > 1 || !severalChannels))
                {
                    last = path;
                    severalChannels = output.shape[1] > 1;
                }

                return output;
            }
        );
        ForwardPass.Of(model, input[..1].clone());
        return last is not null ? [last] : base.DefaultLayers(model, input, remarks);
    }

    /// <inheritdoc/>
    protected override Tensor MapOf(ExplanationPass pass, string layer)
    {
        Tensor activation = pass.Activations[layer];
        if (Rank < 0 || Rank >= activation.shape[1])
        {
            throw new InvalidOperationException(
                $"There is no rank {Rank} among the {activation.shape[1]} channels of '{layer}'."
            );
        }

        return stack([
            .. Enumerable
                .Range(0, pass.Pictures)
                .Select(picture => activation[picture, FeatureMaps.Top(activation, Rank + 1, picture)[Rank].Channel]),
        ]);
    }
}
