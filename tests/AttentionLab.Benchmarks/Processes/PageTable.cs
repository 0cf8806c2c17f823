using System.Diagnostics;
using System.Globalization;
using System.Text;
using AttentionLab.Core;
using AttentionLab.Explain;
using AttentionLab.Imaging;
using AttentionLab.Models;
using AttentionLab.Reports;
using TorchSharp;

namespace AttentionLab.Benchmarks.Processes;

/// <summary>A page with fifteen maps of a photograph of 640×480, from the pretrained ResNet-18.</summary>
internal sealed class PageTable : ITable
{
    private const int Height = 480,
        Width = 640;

    /// <summary>Those that ask the network once or a few times: a page's own time shows beside them.</summary>
    private static readonly string[] Methods =
    [
        "activation-map",
        "eigen-cam",
        "kpca-cam",
        "fem",
        "grad-cam",
        "grad-cam++",
        "xgrad-cam",
        "hires-cam",
        "layer-cam",
        "shapley-cam",
        "eigen-grad-cam",
        "guided-grad-cam",
        "gradients",
        "guided-backpropagation",
        "deconvolution",
    ];

    public string Name => "page";

    public string Title => "A page with 15 maps of a photograph of 640×480, pretrained ResNet-18, one core";

    public bool IsOnRequest => true;

    public void Write(TextWriter output, bool quick)
    {
        double[] measured = Probe.Run(Name, 1, quick ? "3" : "15");
        output.Heading("", "first time", "median");
        output.Row("computing 15 maps, ms", Number(measured[0]), Number(measured[1]));
        output.Row("page with the maps over the photograph, ms", Number(measured[2]), Number(measured[3]));
        output.Row("its bytes", Number(measured[4]), Number(measured[4]));

        static string Number(double value) => value.ToString("#,0", CultureInfo.InvariantCulture);
    }

    /// <summary>Milliseconds of the maps, the first time and in the median, the same of the page, and its bytes. Argument:
    /// rounds.</summary>
    public static double[] Measure(string[] arguments)
    {
        torch.set_num_threads(1);
        using TrainedNetwork network = PretrainedNetworks.ResNet18Async().GetAwaiter().GetResult();
        Image photograph = Photograph();
        List<double> computing = [],
            drawing = [];
        string html = "";
        for (int round = 0; round < int.Parse(arguments[0], CultureInfo.InvariantCulture); round++)
        {
            var watch = Stopwatch.StartNew();
            Explanation[] maps = [.. Methods.Select(name => ExplanationMethods.Get(name).Explain(network, photograph))];
            computing.Add(watch.Elapsed.TotalMilliseconds);
            watch.Restart();
            html = PageOf(photograph, maps);
            drawing.Add(watch.Elapsed.TotalMilliseconds);
        }

        return [computing[0], computing.Median(), drawing[0], drawing.Median(), Encoding.UTF8.GetByteCount(html)];
    }

    private static string PageOf(Image photograph, Explanation[] maps) =>
        new ExplanationPage(
            new ExplainedImage(
                photograph,
                "feature",
                1,
                [.. maps.Select(map => new ExplainedMap(map.Method, map[0].MinMax().Place(Height, Width)) { Layer = map.Layer })]
            )
        ).ToHtml();

    /// <summary>A sky, a hill, a house in noise like a camera's: as hard to compress as a photograph.</summary>
    private static Image Photograph()
    {
        var random = new RandomStream(7);
        var rgb = new byte[3 * Height * Width];
        for (int p = 0; p < Height * Width; p++)
        {
            (int y, int x) = Math.DivRem(p, Width);
            bool isHill = y > 300 + (60 * Math.Sin(x / 90.0)),
                isHouse = x is > 260 and < 400 && y is > 210 and < 360;
            (double red, double green, double blue) =
                isHouse ? (180, 90 + (20 * Math.Sin(y / 3.0)), 70)
                : isHill ? (70 + (30 * Math.Sin(x * y / 900.0)), 120, 50)
                : (120 + (y / 4.0), 170 + (y / 6.0), 235);
            double noise = 24 * (random.NextDouble() - 0.5);
            rgb[3 * p] = Level(red + noise);
            rgb[(3 * p) + 1] = Level(green + noise);
            rgb[(3 * p) + 2] = Level(blue + noise);
        }

        return new Image(Height, Width, rgb);

        static byte Level(double value) => (byte)Math.Clamp(Math.Round(value), 0, 255);
    }
}
