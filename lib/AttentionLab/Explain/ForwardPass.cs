using System.Runtime.InteropServices;
using static TorchSharp.torch;

namespace AttentionLab.Explain;

/// <summary>Runs a model, with an error that can be read when it cannot run.</summary>
internal static class ForwardPass
{
    /// <exception cref="InvalidOperationException">The model cannot run on this input, or puts out nothing.</exception>
    public static Tensor Of(nn.Module<Tensor, Tensor> model, Tensor input)
    {
        try
        {
            return model.call(input) ?? throw new InvalidOperationException($"{model.GetType().Name} put out nothing.");
        }
        catch (ExternalException e)
        {
            // torch's message goes on with the native stack.
            throw new InvalidOperationException($"{model.GetType().Name} cannot run on an input of {string.Join('×', input.shape)} ({input.dtype}, {input.device}): {e.Message.Split('\n')[0]}", e);
        }
    }
}
