using AttentionLab.Explain;
using AttentionLab.Models;
using AttentionLab.Reports;

namespace AttentionLab.Cookbook.Reports;

internal sealed class PageForEveryone : Recipe
{
    public override string Name => "A page for everyone";

    public override string Sentence => "Writes one HTML page that says in plain words what the network saw and where it looked.";

    protected override void Execute()
    {
        Explanation explanation = new GradCam().Explain(model, input).Single();
        ClassProbability best = network.Predict(picture).Best;
        var shown = new ExplainedImage(
            picture,
            best.Name,
            best.Probability,
            new ExplainedMap(explanation.Method, explanation.ToHeatMap(0))
        );

        var page = new ExplanationPage(shown) { Title = "Where the network looks" };
        page.Save($"{folder}/page.html");
        display($"{page.Title}: {page.Pictures.Count} picture, one file of HTML that loads nothing from the internet");
    }
}
