using AttentionLab.Models;
using static TorchSharp.torch;

namespace AttentionLab.Explain;

/// <summary>Base of methods that backpropagate to the picture with a modified rule at each ReLU and related activation.</summary>
public abstract class RectifierMethod : PixelMethod
{
    private protected RectifierMethod() { }

    /// <inheritdoc/>
    public override Applicability AppliesTo(nn.Module<Tensor, Tensor> model, IReadOnlyList<string>? layers = null)
    {
        ArgumentNullException.ThrowIfNull(model);
        nn.Module[] parts = [model, .. ModulePaths.Of(model).Select(part => part.Module)];

        // Code that is not torch's own may call functions, which only a pass can tell.
        return parts.Any(ActivationLayers.IsRectifier) || parts.Any(part => part.GetType().Assembly != typeof(nn).Assembly)
            ? Applicability.Yes
            : Applicability.No($"{model.GetType().Name} has no ReLU module, nor one of its relatives, to change.");
    }

    /// <summary>What an activation passes back.</summary>
    private protected abstract Tensor Rule(LayerUse use, Tensor gradient);

    /// <inheritdoc/>
    protected sealed override Tensor AttributionsOf(ExplanationPass pass)
    {
        (Tensor gradient, int rules, IReadOnlyList<nn.Module> unexplained) = RuledBackpropagation.Of(
            Name,
            pass.Model,
            pass.Input,
            pass.Score.Of,
            layer => ActivationLayers.IsRectifier(layer) ? Rule : null
        );
        if (rules == 0)
        {
            throw new InvalidOperationException(
                $"{Name}: no ReLU module fired in {pass.Model.GetType().Name}, nor one of its relatives. It changes ReLU modules "
                    + "that are called with call, and functional.relu of a module's output or of the sum of two."
            );
        }

        SayWhatIsNotChanged(pass);
        SayWhatIsNotKnown(pass, unexplained);
        return gradient;
    }

    private void SayWhatIsNotChanged(ExplanationPass pass)
    {
        string[] others =
        [
            .. ModulePaths
                .Of(pass.Model)
                .Where(part => ActivationLayers.IsOtherActivation(part.Module))
                .Select(part => $"{part.Path} ({part.Module.GetType().Name})"),
        ];
        string remark =
            $"{Name}: the rule is of ReLU and its relatives; {string.Join(", ", others.Take(5))} "
            + $"{(others.Length == 1 ? "passes its gradient" : "pass their gradients")} back unchanged.";
        if (others.Length > 0 && !pass.Remarks.Contains(remark))
        {
            pass.Remarks.Add(remark);
        }
    }

    private void SayWhatIsNotKnown(ExplanationPass pass, IReadOnlyList<nn.Module> layers)
    {
        string[] paths = [.. ModulePaths.Of(pass.Model).Where(part => layers.Contains(part.Module)).Select(part => part.Path)];
        string remark =
            $"{Name}: what goes into {string.Join(", ", paths.Take(5))} is nowhere negative and of no layer: if the network's code "
            + "computes an activation there by a function, it passes its gradient back unchanged. Make it a module (ReLU()).";
        if (paths.Length > 0 && !pass.Remarks.Contains(remark))
        {
            pass.Remarks.Add(remark);
        }
    }
}
