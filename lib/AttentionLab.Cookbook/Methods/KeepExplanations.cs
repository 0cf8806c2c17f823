using AttentionLab.Explain;

namespace AttentionLab.Cookbook.Methods;

internal sealed class KeepExplanations : Recipe
{
    public override string Name => "Keep explanations";

    public override string Sentence =>
        "Saves raw maps, logits and what they explain in one safetensors file, and reads them back.";

    protected override void Execute()
    {
        IReadOnlyList<Explanation> made = [.. new GradCam().Explain(model, input), .. new EigenCam().Explain(model, input)];
        ExplanationFile.Save(made, $"{folder}/maps.safetensors");

        foreach (Explanation kept in ExplanationFile.Load($"{folder}/maps.safetensors"))
        {
            display(
                $"{kept.Method} at {kept.Layer} of {kept.Target}: {kept.Maps.Count} maps of {kept[0].Height}×{kept[0].Width}"
            );
        }
    }
}
