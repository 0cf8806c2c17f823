using AttentionLab.Explain;
using AttentionLab.Figures;

namespace AttentionLab.Cookbook.Methods;

internal sealed class SeveralClassesTogether : Recipe
{
    public override string Name => "Several classes together";

    public override string Sentence =>
        "Asks where the network sees any of several classes, or for whatever else you compute from its output.";

    protected override void Execute()
    {
        Target three = Target.Together(0, 1, 2);
        Target doubt = Target.Score("doubt", output => -(output.softmax(1) * output.log_softmax(1)).sum(1));
        Explanation[] maps =
        [
            .. new[] { three, doubt }.Select(target =>
                new GradCam().Explain(model, input[..2], new() { Target = target }).Single()
            ),
        ];

        display(new MethodGrid([$"{three}", $"{doubt}"], ImageWithMaps.Of(data.Test, [0, 1], maps)));
    }
}
