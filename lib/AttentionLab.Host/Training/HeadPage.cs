using AttentionLab.Core;
using AttentionLab.Explain;
using AttentionLab.Figures;
using AttentionLab.Imaging;
using AttentionLab.Models;
using AttentionLab.Reports;
using AttentionLab.Training;

namespace AttentionLab.Host.Training;

/// <summary>
/// The page of a new last layer: the most confident mistakes, or, without any, the photographs that it was least sure of, each with
/// the heat map of the class that it was taken for.
/// </summary>
internal static class HeadPage
{
    private const int MostShown = 8,
        LongestSideShown = 640;

    /// <summary>Makes the page; Grad-CAM looks through the network at the layer that it takes by itself.</summary>
    public static ExplanationPage Of(LinearHead head, string data)
    {
        Evaluation judged = head.CrossValidation;
        int[] mistakes = [.. judged.Misclassified.Take(MostShown).Select(mistake => mistake.Picture)],
            shown = mistakes.Length > 0 ? mistakes : [.. LeastSure(judged).Take(MostShown)];
        return new ExplanationPage([.. shown.Select(picture => Explained(head, picture))])
        {
            Figures = [ConfusionMatrixChart.Of(judged)],
            Facts =
            [
                $"{data}: {head}",
                "What the network says here, it said of photographs that it had not learned from; the maps are of the network "
                    + "that learned from all.",
            ],
        };
    }

    private static IEnumerable<int> LeastSure(Evaluation judged) =>
        Enumerable.Range(0, judged.Labels.Count).OrderBy(picture => judged.Probabilities[picture, judged.Predictions[picture]]);

    private static ExplainedImage Explained(LinearHead head, int picture)
    {
        Evaluation judged = head.CrossValidation;
        TrainedNetwork network = head.Network;
        Image photograph = ImageFile.Load(head.Files[picture]),
            small = ImageFile.Within(photograph, LongestSideShown);
        int predicted = judged.Predictions[picture];
        Explanation map = new GradCam().Explain(network, photograph, new ExplanationOptions { Target = Target.Class(predicted) });
        Heatmap placed = map[0].MinMax().Place(small.Height, small.Width);
        return new ExplainedImage(
            small,
            network.ClassNames[predicted],
            judged.Probabilities[picture, predicted],
            new ExplainedMap(map.Method, placed) { Layer = map.Layer }
        )
        {
            Name = Path.GetFileName(head.Files[picture]),
            TrueClass = network.ClassNames[judged.Labels[picture]],
        };
    }
}
