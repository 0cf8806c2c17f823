using AttentionLab.Explain;
using AttentionLab.Models;

namespace AttentionLab.Cookbook.Methods;

internal sealed class WhichMethodsApply : Recipe
{
    public override string Name => "Which methods apply";

    public override string Sentence => "Asks each method whether it suits a network, and gets the reason where it does not.";

    protected override void Execute()
    {
        var plain = new Cnn(data.ClassNames.Count);

        foreach (ExplanationMethod method in ExplanationMethods.All)
        {
            Applicability fits = method.AppliesTo(plain);
            display(fits.IsApplicable ? method.Name : $"{method.Name}: no. {fits.Reason}");
        }
    }
}
