using System.Runtime.InteropServices;
using AttentionLab.Core;
using static TorchSharp.torch;

namespace AttentionLab.Models;

/// <summary>Runs a model, with an error that can be read when it cannot run.</summary>
internal static class ForwardPass
{
    /// <exception cref="InvalidOperationException">The model cannot run on this input, or returns null.</exception>
    public static Tensor Of(nn.Module<Tensor, Tensor> model, Tensor input) => Run(model.GetType().Name, model.call, input);

    /// <summary>A backbone's features, N×C.</summary>
    /// <inheritdoc cref="Of(nn.Module{Tensor, Tensor}, Tensor)" path="/exception"/>
    public static Tensor Of(Backbone backbone, FeatureExtractor extractor, Tensor input) =>
        Run(backbone.Module.GetType().Name, extractor.Of, input);

    private static Tensor Run(string name, Func<Tensor, Tensor?> call, Tensor input)
    {
        NativeHeap.KeepFreedMemory(); // one layer's buffers serve the next
        try
        {
            return call(ChannelsLast(input)) ?? throw new InvalidOperationException($"{name} returned null.");
        }
        catch (ExternalException e)
        {
            // torch's message goes on with the native stack.
            throw new InvalidOperationException(
                $"{name} cannot run on an input of {string.Join('×', input.shape)} ({input.dtype}, "
                    + $"{input.device}): {e.Message.Split('\n')[0]}",
                e
            );
        }
    }

    /// <summary>
    /// Pictures in channels-last memory order, as <see cref="Data.Batch"/> has them. In the other order libtorch 2.10's
    /// convolutions on a CPU (float32; oneDNN 3.7.1, seen on an AMD EPYC) compute wrong values where the input channels are more
    /// than 16 and not a multiple of 16, and wrong gradients where the output channels are not.
    /// </summary>
    private static Tensor ChannelsLast(Tensor input) =>
        input.dim() == 4 ? input.permute(0, 2, 3, 1).contiguous().permute(0, 3, 1, 2) : input;
}
