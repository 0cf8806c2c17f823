using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace AttentionLab.Models;

/// <summary>The start weights that PyTorch draws for a layer, to the last bit, on every processor.</summary>
/// <remarks>
/// PyTorch scales a draw u from [0, 1) to u·(high − low) + low. Most processors multiply and add in one instruction that rounds
/// once (FMA); without it both operations round, and some weights come out a unit in the last place off. Here the result is
/// always rounded once. Bounds: He et al., "Delving deep into rectifiers", ICCV 2015, with a = √5, as PyTorch's layers have it.
/// </remarks>
internal static class InitialWeights
{
    /// <summary>
    /// Builds a layer and draws its weights, then its biases, from the same numbers of torch's global generator.
    /// </summary>
    public static TLayer Of<TLayer>(Func<TLayer> build)
        where TLayer : Module
    {
        using Tensor state = get_rng_state();
        TLayer layer = build();
        set_rng_state(state);
        switch (layer)
        {
            case Conv2d convolution:
                Draw(convolution.weight, convolution.bias);
                break;
            case Linear linear:
                Draw(linear.weight, linear.bias);
                break;
            default:
                throw new NotSupportedException($"How PyTorch draws the weights of a {layer.GetType().Name} is not known here.");
        }

        return layer;
    }

    /// <summary>Fills a weight, outputs × inputs × …, and the bias beside it.</summary>
    public static void Draw(Tensor weight, Tensor? bias = null)
    {
        double inputs = weight.numel() / weight.shape[0],
            gain = Math.Sqrt(2 / (1 + Math.Pow(Math.Sqrt(5), 2)));
        Fill(weight, Math.Sqrt(3) * (gain / Math.Sqrt(inputs)));
        if (bias is not null)
        {
            Fill(bias, 1 / Math.Sqrt(inputs));
        }
    }

    private static void Fill(Tensor parameter, double bound)
    {
        using DisposeScope scope = NewDisposeScope();
        using IDisposable noGradients = no_grad();
        float low = (float)-bound,
            width = (float)bound - low;
        float[] values = rand(parameter.shape, ScalarType.Float32, CPU).data<float>().ToArray();
        for (int i = 0; i < values.Length; i++)
        {
            values[i] = MathF.FusedMultiplyAdd(values[i], width, low);
        }

        parameter.copy_(tensor(values, parameter.shape));
    }
}
