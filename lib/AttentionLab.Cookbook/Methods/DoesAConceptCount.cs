using AttentionLab.Data;
using AttentionLab.Explain;
using AttentionLab.Imaging;

namespace AttentionLab.Cookbook.Methods;

internal sealed class DoesAConceptCount : Recipe
{
    public override string Name => "Does a concept count";

    public override string Sentence =>
        "Tests by TCAV whether a concept that some pictures show speaks for a class, and whether that is more than chance.";

    protected override void Execute()
    {
        Image[] Some(string shape, LabeledImages from) =>
            [.. from.Where(each => each.ClassName == shape).Take(40).Select(each => each.Picture)];
        Image[] anything = [.. data.Train.Take(150).Select(each => each.Picture)];
        Target star = Target.Class(data.ClassNames.ToList().IndexOf("star"));
        var tcav = new Tcav { Layer = "ca3", AveragePlaces = true };

        display(tcav.Test(network, Some("cross", data.Train), anything, Some("star", data.Test), star)); // points
        display(tcav.Test(network, Some("disc", data.Train), anything, Some("star", data.Test), star)); // round
        display(tcav.Test(network, anything[..40], anything[40..], Some("star", data.Test), star)); // nothing in common
    }
}
