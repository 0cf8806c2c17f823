using AttentionLab.Figures;

namespace AttentionLab.Cookbook.Figures;

internal sealed class SaveAFigure : Recipe
{
    public override string Name => "Save a figure";

    public override string Sentence =>
        "Saves a figure in the form that the file's name asks for: a picture, a drawing that scales, an interactive page.";

    protected override void Execute()
    {
        var chart = new BarChart([3, 1, 2]) { Labels = ["moon", "star", "ring"], YTitle = "Pictures" };
        string[] files = ["chart.png", "chart.svg", "chart.html"];

        foreach (string file in files)
        {
            chart.Save($"{folder}/{file}");
        }

        display(chart);
        display(
            $"{chart.GetType().Name} can be {string.Join(", ", chart.FileExtensions)}; written are {string.Join(", ", files)}."
        );
    }
}
