using AttentionLab.Explain;
using AttentionLab.Figures;
using AttentionLab.Imaging;

namespace AttentionLab.Cookbook.Methods;

internal sealed class ConceptsOfALayer : Recipe
{
    public override string Name => "Concepts of a layer";

    public override string Sentence =>
        "Takes what a layer outputs for some pictures apart into a few patterns of channels, each in its colour.";

    protected override void Execute()
    {
        Image[] pictures = [.. data.Test.Take(3).Select(test => test.Picture)];
        FeatureFactors factors = new DeepFeatureFactorization { Concepts = 3 }.Factorize(network, pictures);

        display(factors);
        display(factors.Over(pictures));
    }
}
