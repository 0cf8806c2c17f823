using AttentionLab.Explain;
using AttentionLab.Figures;
using AttentionLab.Models;

namespace AttentionLab.Cookbook.Networks;

internal sealed class NetworkFromOnnx : Recipe
{
    public override string Name => "A network from ONNX";

    public override string Sentence => "Reads a network that another program exported, names what it sees and explains it.";

    protected override void Execute()
    {
        TrainedNetwork other = OnnxNetwork.Load(onnxFile, data.Preprocessing, data.ClassNames);
        Explanation explanation = new GradCam().Explain(other, picture);

        display($"{other.Predict(picture)}");
        display(explanation.Over(picture));
    }
}
