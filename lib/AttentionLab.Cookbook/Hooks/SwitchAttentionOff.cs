using AttentionLab.Figures;
using AttentionLab.Training;

namespace AttentionLab.Cookbook.Hooks;

internal sealed class SwitchAttentionOff : Recipe
{
    public override string Name => "Switch attention off";

    public override string Sentence =>
        "Replaces what the last attention block outputs by its input, measures, and takes the hook away again.";

    protected override void Execute()
    {
        double Accuracy() => Evaluation.Of(model, data.Test, data.Normalization).Accuracy;
        double on = Accuracy();
        var hook = model.ca3.register_forward_hook((_, x, _) => x.alias());
        double off = Accuracy();
        hook.remove();

        display(new BarChart([on, off, Accuracy()]) { Labels = ["on", "off", "on again"], YTitle = "Test accuracy" });
    }
}
