using AttentionLab.Data;
using AttentionLab.Imaging;
using AttentionLab.Models;
using static TorchSharp.torch;

namespace AttentionLab.Cookbook;

/// <summary>What one run of a recipe works on, made when it is first asked for, and what it displayed.</summary>
internal sealed class Ingredients : IDisposable
{
    private static readonly Lazy<DataSet> Shapes = new(() => ShapeSet.Create(train: 600, test: 500));

    private readonly Lazy<TrainedNetwork> _network = new(() => TrainedNetwork.Load(TrainedWeights.Find("Shapes se.safetensors")));
    private readonly Lazy<string> _folder = new(() => Directory.CreateTempSubdirectory("attentionlab-cookbook-").FullName);
    private readonly Lazy<string> _photo;
    private readonly Lazy<Tensor> _input;

    public Ingredients()
    {
        _input = new(() => Network.ToInput([.. Data.Test.Take(3).Select(test => test.Picture)]));
        _photo = new(SavePhoto);
    }

    /// <summary>Every name that a recipe may use without making it, and the line of a notebook that makes it.</summary>
    public static IReadOnlyList<(string Name, string Line)> Lines { get; } =
    [
        ("data", "DataSet data = ShapeSet.Create(train: 600, test: 500);"),
        ("network", "TrainedNetwork network = TrainedNetwork.Load(\"data/trained/Shapes se.safetensors\");"),
        ("model", "var model = (SeCnn)network.Module;"),
        ("picture", "Image picture = data.Test.PictureOf(0);"),
        ("input", "Tensor input = network.ToInput([.. data.Test.Take(3).Select(test => test.Picture)]);"),
        ("onnxFile", "string onnxFile = \"data/trained/Shapes small.onnx\";"),
        ("folder", "string folder = Directory.CreateTempSubdirectory().FullName;"),
        ("photo", "string photo = \"notebooks/images/heat-maps.png\";"),
    ];

    public List<object> Displayed { get; } = [];

    public static DataSet Data => Shapes.Value;

    public TrainedNetwork Network => _network.Value;

    public Tensor Input => _input.Value;

    public string Folder => _folder.Value;

    public string Photo => _photo.Value;

    /// <summary>Deletes the folder. Tensors go with the run's dispose scope.</summary>
    public void Dispose()
    {
        if (_network.IsValueCreated)
        {
            Network.Dispose();
        }

        if (_folder.IsValueCreated)
        {
            Directory.Delete(Folder, recursive: true);
        }
    }

    private string SavePhoto()
    {
        string path = Path.Combine(Folder, "photo.png");
        var size = new ImageOptions
        {
            Height = 120,
            Width = 160,
            Fit = ImageFit.Letterbox,
        };
        PngFile.Save(ImageFile.Fit(Data.Test.PictureOf(0), size), path);
        return path;
    }
}
