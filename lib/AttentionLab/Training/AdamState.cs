using TorchSharp.Modules;
using static TorchSharp.torch;

namespace AttentionLab.Training;

/// <summary>What Adam remembers between two steps: the one place that knows where torch's optimizer keeps it.</summary>
/// <param name="First">Each parameter's running mean of gradients. The optimizer's own tensors: nobody else disposes them.</param>
/// <param name="Second">Each parameter's running mean of squared gradients, likewise.</param>
internal sealed record AdamState(IReadOnlyList<Tensor> First, IReadOnlyList<Tensor> Second)
{
    /// <summary>The state of an optimizer, in the order of its parameters.</summary>
    public static AdamState Of(optim.Optimizer optimizer)
    {
        Adam.State[] states = StatesOf(optimizer);
        return new AdamState([.. states.Select(state => state.exp_avg)], [.. states.Select(state => state.exp_avg_sq)]);
    }

    /// <summary>Tells an optimizer whose moments were put back how many steps they come from.</summary>
    public static void SetSteps(optim.Optimizer optimizer, long steps)
    {
        foreach (Adam.State state in StatesOf(optimizer))
        {
            state.step = steps;
        }
    }

    private static Adam.State[] StatesOf(optim.Optimizer optimizer) => [.. ((Adam)optimizer).state_dict().State.Cast<Adam.State>()];
}
