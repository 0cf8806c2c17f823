using AttentionLab.Data;
using AttentionLab.Explain;
using AttentionLab.Figures;
using AttentionLab.Models;
using BenchmarkDotNet.Attributes;
using static TorchSharp.torch;

namespace AttentionLab.Benchmarks.Micro;

/// <summary>The tutorial's figure: a picture and its three highest channels.</summary>
public class FigureBenchmark
{
    private readonly SeCnn _network = new(10, seed: 0);
    private readonly LabeledImages _images = ShapeSet.Create(train: 10, test: 10, seed: 0).Test;
    private readonly Tensor _input;
    private readonly LayerActivations _seen;

    public FigureBenchmark()
    {
        _network.eval();
        _input = Normalization.Tutorial.ToTensor(_images, [0]);
        using var extractor = new ActivationExtractor(_network, "conv3");
        _seen = extractor.Run(_input);
    }

    [Benchmark(Baseline = true, Description = "forward pass of the picture")]
    public void Forward()
    {
        using IDisposable noGradients = no_grad();
        _network.call(_input).Dispose();
    }

    [Benchmark(Description = "ranking, maps and PNG, at scale 1")]
    public byte[] Figure() => Draw().ToPng(1);

    [Benchmark(Description = "the same at scale 2, for sharp screens")]
    public byte[] SharpFigure() => Draw().ToPng(2);

    private HeatMapPanels Draw() =>
        new(
            new ImageWithMaps(
                _images.PictureOf(0),
                "true",
                "named",
                [
                    .. FeatureMaps
                        .Top(_seen["conv3"], top: 3)
                        .Select(c => new MapPanel(c.ToHeatMap(_images.Height, _images.Width))
                        {
                            Channel = c.Channel,
                            Mean = c.Mean,
                        }),
                ]
            )
        );
}
