using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace AttentionLab.Models;

/// <summary>Finds the linear layer that a classifier ends in, whatever it is called: <c>fc</c>, <c>classifier.6</c>,
/// <c>heads.head</c>.</summary>
internal static class LastLinearLayer
{
    /// <summary>How far a softmax computed here may differ from the network's own: a few roundings in float32.</summary>
    private const double Rounding = 1e-5;

    /// <summary>The path of the layer whose output is the network's, as it is or after a softmax or a sigmoid; null where there is
    /// none.</summary>
    /// <param name="network">N×C×H×W to N×K; one pass in evaluation mode.</param>
    /// <param name="picture">1×C×H×W.</param>
    public static string? Find(nn.Module<Tensor, Tensor> network, Tensor picture)
    {
        using DisposeScope scope = NewDisposeScope();
        using var evaluation = new EvaluationMode(network);
        using IDisposable noGradients = no_grad();
        string? path = null;
        Tensor? last = null;
        using var hooks = new ForwardHooks(
            network,
            (name, part, output) =>
            {
                if (part is Linear)
                {
                    last?.Dispose();
                    (path, last) = (name, output.clone().DetachFromDisposeScope());
                }

                return output;
            }
        );
        try
        {
            Tensor output = ForwardPass.Of(network, picture);
            return last is not null && Ends(last, output) ? path : null;
        }
        finally
        {
            last?.Dispose();
        }
    }

    private static bool Ends(Tensor last, Tensor output) =>
        last.dim() == 2
        && last.shape.SequenceEqual(output.shape)
        && new[] { last, last.softmax(1), last.log_softmax(1), last.sigmoid() }.Any(each =>
            (each - output).abs().max().item<float>() <= Rounding
        );
}
