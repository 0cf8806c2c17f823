using AttentionLab.Data;
using AttentionLab.Explain;
using AttentionLab.Host.Commands;
using AttentionLab.Imaging;
using AttentionLab.Kernel.Commands;
using AttentionLab.Models;
using AttentionLab.Tests;
using TorchSharp;
using static TorchSharp.torch;

namespace AttentionLab.Host.Tests.Commands;

[Trait("Kind", "Numeric")]
public sealed class ExplainCommandTests : IDisposable
{
    private readonly Workspace _workspace = new();
    private readonly DisposeScope _scope = NewDisposeScope();

    public void Dispose()
    {
        _scope.Dispose();
        _workspace.Dispose();
    }

    [Theory]
    [InlineData("plain")]
    [InlineData("se")]
    public async Task Numbers_are_PyTorchs(string network)
    {
        Assert.Equal(
            0,
            await Explain(
                network,
                "--method",
                "grad-cam,hires-cam",
                "layer-cam,channels" + (network == "se" ? ",se" : ""),
                "--layer",
                "conv3",
                "--tensor",
                Pictures(),
                "--raw",
                Raw
            )
        );

        Assert.Equal("", _workspace.Error);
        Dictionary<string, Tensor> raw = Safetensors.Load(Raw);
        var tolerance = new ParityTolerance(Fixture.Formula, network);
        Check("logits", "logits", tolerance.Logits);
        Check("grad_cam", "grad-cam/conv3", tolerance.Cam("grad_cam"));
        Check("hires_cam", "hires-cam/conv3", tolerance.Cam("hires_cam"));
        Check("layer_cam", "layer-cam/conv3", tolerance.Cam("layer_cam"));
        Assert.Equal(Fixture.Formula[$"{network}/pred"].data<long>(), raw["pred"].data<long>());
        Assert.Equal(Fixture.Formula[$"{network}/top3"].data<long>(), raw["channels/conv3/top"].data<long>());
        Assert.Equal([4, 3], raw["channels/conv3/top"].shape);
        foreach (string block in network == "se" ? ["ca1", "ca2", "ca3"] : Array.Empty<string>())
        {
            Check($"{block}.fc", $"se/{block}", tolerance.Logits);
        }

        // The highest channel's raw map, which the heat map enlarges.
        Tensor conv3 = Fixture.Formula[$"{network}/conv3"],
            top = raw["channels/conv3/top"];
        Fixture.AssertClose(Channels(conv3, top)[.., 0], raw["channels/conv3"], tolerance.Conv3, "channels/conv3");
        Check("heatmap", "channels/conv3/heatmap", ParityTolerance.Enlarged(Channels(conv3, top).flatten(0, 1), tolerance.Conv3));
        Assert.Equal(
            ["grad-cam", "hires-cam", "layer-cam", "channels"],
            ExplanationFile.Load(Raw).Select(explanation => explanation.Method)
        );

        void Check(string expected, string actual, double tolerance) =>
            Fixture.AssertClose(Fixture.Formula[$"{network}/{expected}"], raw[actual], tolerance, actual);
    }

    /// <summary>The maps of some channels of each picture, N×channels×h×w.</summary>
    private static Tensor Channels(Tensor activations, Tensor chosen) =>
        stack([.. Enumerable.Range(0, (int)chosen.shape[0]).Select(n => activations[n].index_select(0, chosen[n]))]);

    [Theory]
    [InlineData("plain")]
    [InlineData("se")]
    public async Task Numbers_of_photographs_are_PyTorchs(string network)
    {
        string expectedFile = Fixture.Shared("parity/expected.safetensors");
        Assert.Equal(
            0,
            await _workspace.Run(
                "explain",
                "--model",
                network,
                "--weights",
                Fixture.Shared($"parity/{network}_seed0.safetensors"),
                "--tensor",
                expectedFile,
                "--method",
                network == "se" ? "grad-cam,channels,se" : "grad-cam,channels",
                "--layer",
                "conv3",
                "--raw",
                Raw
            )
        );

        Dictionary<string, Tensor> raw = Safetensors.Load(Raw),
            expected = Safetensors.Load(expectedFile);
        var tolerance = new ParityTolerance(expected, $"{network}_seed0");
        Tensor channels = Channels(expected[$"{network}_seed0/conv3"], raw["channels/conv3/top"]).flatten(0, 1);
        Check("logits", "logits", tolerance.Logits);
        Check("gradcam", "grad-cam/conv3", tolerance.Cam("gradcam"));
        Check("heatmap", "channels/conv3/heatmap", ParityTolerance.Enlarged(channels, tolerance.Conv3));
        foreach (string block in network == "se" ? ["ca1", "ca2", "ca3"] : Array.Empty<string>())
        {
            Check(block, $"se/{block}", tolerance.Logits);
        }

        Assert.Equal(expected[$"{network}_seed0/top3"].data<long>(), raw["channels/conv3/top"].data<long>());

        void Check(string name, string actual, double allowed) =>
            Fixture.AssertClose(expected[$"{network}_seed0/{name}"], raw[actual], allowed, actual);
    }

    /// <summary>Whatever the folders show, the numbers are the library's own.</summary>
    [Fact]
    public async Task A_concept_of_a_folder_is_tested_as_the_library_tests_it()
    {
        DataSet shapes = ShapeSet.Create(40, 10);
        var folders = new Dictionary<string, Image[]>
        {
            ["concept"] = [.. Enumerable.Range(0, 8).Select(shapes.Train.PictureOf)],
            ["random"] = [.. Enumerable.Range(8, 20).Select(shapes.Train.PictureOf)],
            ["asked"] = [.. Enumerable.Range(30, 4).Select(shapes.Train.PictureOf)],
        };
        foreach ((string folder, Image[] pictures) in folders)
        {
            foreach ((int i, Image picture) in pictures.Index())
            {
                PngFile.Save(picture, _workspace.At($"{folder}/{i:d2}.png"));
            }
        }

        using var plain = new TrainedNetwork(new Cnn(10, seed: 1), shapes.ClassNames, shapes.Preprocessing)
        {
            Architecture = NetworkArchitecture.Get("plain"),
        };
        plain.Module.eval();
        plain.Save(_workspace.At("plain.safetensors"));
        string[] words =
        [
            "explain",
            "--weights",
            _workspace.At("plain.safetensors"),
            "--method",
            "tcav",
            "--layer",
            "relu3",
            "--target",
            "1",
            "--concept",
            _workspace.At("concept"),
            "--random",
            _workspace.At("random"),
            "--pictures",
            _workspace.At("asked"),
        ];
        Assert.Equal(0, await _workspace.Run(words));
        TcavResult expected = new Tcav { Layer = "relu3" }.Test(
            plain,
            folders["concept"],
            folders["random"],
            folders["asked"],
            Target.Class(1)
        );
        Assert.Contains($"{expected}", _workspace.Output, StringComparison.Ordinal);
        Assert.Equal(ExitCode.Usage, await _workspace.Run([.. words[..^4], .. words[^2..]]));
        Assert.Contains("go together", _workspace.Error, StringComparison.Ordinal);
        Assert.Equal(ExitCode.Usage, await _workspace.Run([.. words, "--out", _workspace.At("seen")]));
        Assert.Contains("a number and no map", _workspace.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task All_methods_run_at_the_layers_named_and_for_the_class_named()
    {
        Assert.Equal(
            0,
            await Explain(
                "se",
                "--method",
                "all",
                "--layer",
                "conv2",
                "bn?",
                "--target",
                "Star",
                "--data",
                "shapes",
                "--split",
                "train",
                "--indices",
                "5",
                "8-9",
                "--raw",
                Raw
            )
        );

        Assert.Equal("", _workspace.Error);
        IReadOnlyList<Explanation> maps = ExplanationFile.Load(Raw);
        Assert.Equal(
            ExplanationMethods.All.Where(method => method is not AttentionMethod).Select(method => method.Name),
            maps.Select(map => map.Method).Distinct()
        );
        Assert.Equal(
            ["conv2", "bn1", "bn2", "bn3"],
            maps.Where(map => map.Method == "grad-cam").Select(map => map.Layer).OrderBy(name => name[0] == 'b')
        );
        Assert.Equal(["ca1", "ca2", "ca3"], maps.Where(map => map.Method == "se-map").Select(map => map.Layer));
        Assert.Equal(["input"], maps.Where(map => map.Method == "occlusion").Select(map => map.Layer));
        int star = AttentionLab.Data.ShapeSet.Create(1, 1).ClassNames.ToList().IndexOf("star");
        Assert.All(maps, map => Assert.Equal([star, star, star], map.Classes));
        Assert.Equal(
            [3, 16, 16],
            maps.First(map => map is { Method: "hires-cam", Layer: "conv2" }).Maps is var values
                ? [values.Count, values[0].Height, values[0].Width]
                : []
        );
        Assert.Contains("se/ca3", Safetensors.Load(Raw).Keys);
    }

    [Fact]
    public async Task The_plain_network_leaves_out_of_all_what_it_lacks()
    {
        Assert.Equal(0, await Explain("plain", "--method", "all", "--tensor", Pictures(), "--raw", Raw));
        Assert.Equal(
            ExplanationMethods
                .All.Where(method => method is not (SqueezeExcitationMap or AttentionMethod))
                .Select(method => method.Name),
            ExplanationFile.Load(Raw).Select(map => map.Method)
        );
    }

    [Fact]
    public async Task Weights_alone_are_numbers_without_maps()
    {
        Assert.Equal(0, await Explain("se", "--method", "se", "--tensor", Pictures(), "--raw", Raw));
        Assert.Equal(["logits", "pred", "se/ca1", "se/ca2", "se/ca3"], Safetensors.Load(Raw).Keys.Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task Concepts_of_layers_are_numbers_and_a_figure_each()
    {
        string output = _workspace.At("seen");
        string[] asked = ["--method", "concepts", "--layer", "ca2", "ca3"];
        Assert.Equal(0, await Explain("se", [.. asked, "--tensor", Pictures(), "--raw", Raw, "--out", output]));
        Dictionary<string, torch.Tensor> raw = Safetensors.Load(Raw);
        Assert.Equal(
            ["concepts/ca2/maps", "concepts/ca2/vectors", "concepts/ca3/maps", "concepts/ca3/vectors", "logits", "pred"],
            raw.Keys.Order(StringComparer.Ordinal)
        );
        Assert.Equal([4, 4, 8, 8], raw["concepts/ca3/maps"].shape);
        Assert.Equal([4, 128], raw["concepts/ca3/vectors"].shape);
        using torch.Tensor lengths = raw["concepts/ca3/vectors"].square().sum([1]);
        Assert.All(lengths.data<float>().ToArray(), length => Assert.Equal(1, length, 128 * Math.ScaleB(1, -24)));
        Assert.Equal(
            ["concepts-ca2.png", "concepts-ca3.png", "index.html"],
            Directory.GetFiles(output).Select(Path.GetFileName).Order(StringComparer.Ordinal)
        );
        Assert.Contains("4 concepts at ca3 (", _workspace.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Readers_get_a_page_and_pictures()
    {
        string photograph = _workspace.At("My cat.png"),
            output = _workspace.At("seen");
        new AttentionLab.Figures.ImageGrid([new AttentionLab.Imaging.Image(1, 1, [200, 100, 50])]).Save(photograph);

        Assert.Equal(0, await Explain("se", "--method", "grad-cam,channels,se", "--pictures", photograph, "--out", output));

        Assert.Equal(
            ["My-cat-channels-conv3.png", "My-cat-grad-cam-ca3.png", "channels-conv3.png", "index.html", "methods.png", "se.png"],
            Directory.GetFiles(output).Select(Path.GetFileName).Order(StringComparer.Ordinal)
        );
        Assert.All(Directory.GetFiles(output, "*.png"), file => Assert.Equal("PNG"u8.ToArray(), File.ReadAllBytes(file)[1..4]));
        string page = await File.ReadAllTextAsync(Path.Combine(output, "index.html"), TestContext.Current.CancellationToken);
        Assert.Contains("<h2>My cat.png</h2>", page, StringComparison.Ordinal);
        Assert.Equal(1 + 1 + 3 + 1, page.Split("<img ").Length - 1);
        Assert.Contains(_workspace.At("se.safetensors"), page, StringComparison.Ordinal);
        Assert.Contains("index.html", _workspace.Output, StringComparison.Ordinal);

        // Which layer was taken is said in the terminal and beside the map.
        Assert.Contains("grad-cam at ca3", _workspace.Output, StringComparison.Ordinal);
        Assert.Contains("ca3</figcaption>", page, StringComparison.Ordinal);

        Assert.Equal(0, await Explain("plain", "--method", "grad-cam", "--data", "shapes", "--indices", "0-16", "--out", output));
        Assert.Contains("methods-02.png", Directory.GetFiles(output).Select(Path.GetFileName));
        Assert.Contains("Shapes-test-16-grad-cam-relu3.png", Directory.GetFiles(output).Select(Path.GetFileName));
    }

    /// <summary>Pixels of noise are the heaviest, of the photograph and of the maps.</summary>
    [Fact]
    public async Task A_page_with_15_maps_of_photographs_weighs_less_than_a_megabyte_and_a_half()
    {
        string[] photographs = [.. Enumerable.Range(1, 3).Select(seed => _workspace.At($"{seed}.png"))];
        for (int seed = 1; seed <= photographs.Length; seed++)
        {
            byte[] noise = new byte[3 * 480 * 640];
            new Random(seed).NextBytes(noise);
            byte[] pixels = [.. noise.Select((value, i) => (byte)((value / 4) + (i / 5000)))];
            PngFile.Save(new Image(480, 640, pixels), photographs[seed - 1]);
        }

        string methods = "grad-cam,eigen-cam,layer-cam,gradients,guided-backpropagation";
        string[] arguments = ["--method", methods, "--pictures", .. photographs, "--out", _workspace.Out];
        Assert.Equal(0, await Explain("se", arguments));
        string page = Path.Combine(_workspace.Out, "index.html"),
            html = await File.ReadAllTextAsync(page, TestContext.Current.CancellationToken);
        Assert.Equal(15, html.Split("<figure><img").Length - 1);
        Assert.InRange(new FileInfo(page).Length, 100_000, 1_500_000);
    }

    [Fact]
    public async Task The_number_of_classes_comes_from_the_weights()
    {
        string weights = Weights("plain", 3);
        Assert.Equal(
            0,
            await _workspace.Run(
                "explain",
                "--model",
                "plain",
                "--weights",
                weights,
                "--method",
                "grad-cam",
                "--target",
                "class 2",
                "--tensor",
                Pictures(),
                "--raw",
                Raw
            )
        );
        Assert.Equal([4, 3], Safetensors.Load(Raw)["logits"].shape);
        Assert.Equal([2, 2, 2, 2], Assert.Single(ExplanationFile.Load(Raw)).Classes);

        Assert.Equal(
            ExitCode.Failed,
            await _workspace.Run(
                "explain",
                "--model",
                "plain",
                "--weights",
                weights,
                "--method",
                "grad-cam",
                "--data",
                "shapes",
                "--raw",
                Raw
            )
        );
        Assert.Contains("3 classes apart, and Shapes has 10", _workspace.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(
        "--method grad-cm --data shapes --raw r",
        "\"grad-cm\" is not a known method. Known are activation-map, channels"
    )]
    [InlineData("--method se --data shapes --raw r", "--method se: this network has no squeeze-and-excitation")]
    [InlineData("--method se-map --data shapes --raw r", "--method se-map: Cnn has no channel attention")]
    [InlineData("--method , --data shapes --raw r", "--method: name one of")]
    [InlineData("--method grad-cam --data shapes", "--out folder, --raw file")]
    [InlineData("--method grad-cam --raw r", "one of --pictures, --data and --tensor")]
    [InlineData("--method grad-cam --data shapes --tensor x --raw r", "one of --pictures, --data and --tensor")]
    [InlineData("--method grad-cam --tensor x --indices 0 --raw r", "choose from --data")]
    [InlineData("--method grad-cam --data shapes --indices 0-9999999 --raw r", "there is no 9999999")]
    [InlineData("--method grad-cam --data shapes --indices 3-1 --raw r", "\"3-1\" is neither a number nor a range")]
    [InlineData("--method grad-cam --data shapes --indices one --raw r", "\"one\" is neither a number")]
    [InlineData("--method grad-cam --data shapes --split validation --raw r", "validation")]
    [InlineData(
        "--method grad-cam --data shapes --target zebra --raw r",
        "\"zebra\" is not a class of the network. Its classes are 0 to 9: "
    )]
    [InlineData("--method grad-cam --data shapes --target 10 --raw r", "\"10\" is not a class of the network")]
    [InlineData("--method grad-cam --data shapes --layer conv9 --raw r", "no layer 'conv9'")]
    [InlineData("--method grad-cam --data shapes --layer fc1 --raw r", "Layer 'fc1' outputs")]
    public async Task Wrong_usage_is_told(string options, string message)
    {
        Assert.Equal(ExitCode.Usage, await Explain("plain", options.Split(' ')));
        Assert.Contains(message, _workspace.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("Parameter", _workspace.Error, StringComparison.Ordinal);
        Assert.False(File.Exists("r"));
    }

    [Fact]
    public async Task Bad_files_are_told_with_what_is_wrong()
    {
        string weights = Weights("plain"),
            attention = Weights("se"),
            text = _workspace.At("text.png");
        await File.WriteAllTextAsync(text, "no picture", TestContext.Current.CancellationToken);
        string broken = _workspace.At("broken.safetensors"),
            shape = _workspace.At("shape.safetensors");
        Tensor nan = Fixture.FormulaInput();
        nan[0, 0, 0, 0] = float.NaN;
        Safetensors.Save(new Dictionary<string, Tensor> { ["input"] = nan }, broken);
        Safetensors.Save(new Dictionary<string, Tensor> { ["input"] = zeros(3, 32, 32) }, shape);

        (string[] Options, string Message)[] cases =
        [
            (["plain", _workspace.At("none"), "--tensor", Pictures()], "none"),
            (["plain", _workspace.Folder, "--tensor", Pictures()], "is a folder; name the file itself"),
            (["plain", weights, "--data", text], "text.png is a file. A set is a folder"),
            (["plain", text, "--tensor", Pictures()], "neither a safetensors file nor one of PyTorch's"),
            (["plain", Pictures(), "--tensor", Pictures()], "'fc2.weight'"),
            (["plain", attention, "--tensor", Pictures()], "has weights of the network se, not of plain"),
            (["se", weights, "--tensor", Pictures()], "has weights of the network plain, not of se"),
            (["plain", weights, "--tensor", weights], "no tensor named 'input'"),
            (["plain", weights, "--tensor", broken], "NaN"),
            (["plain", weights, "--tensor", shape], "3×32×32"),
            (["plain", weights, "--pictures", text], "not a picture that can be read"),
            (["plain", weights, "--pictures", _workspace.At("none.png")], "none.png"),
            (["plain", weights, "--data", _workspace.Folder], "cifar-10-batches-bin"),
        ];
        foreach ((string[] options, string message) in cases)
        {
            Assert.Equal(
                ExitCode.Failed,
                await _workspace.Run([
                    "explain",
                    "--model",
                    options[0],
                    "--weights",
                    options[1],
                    "--method",
                    "grad-cam",
                    "--raw",
                    Raw,
                    .. options[2..],
                ])
            );
            Assert.Contains(message, _workspace.Error, StringComparison.Ordinal);
        }

        Assert.False(File.Exists(Raw));
    }

    /// <summary>Some methods take minutes: that there is no place for the results has to be told before.</summary>
    [Fact]
    public async Task A_place_that_cannot_take_the_results_is_told_before_the_work()
    {
        string file = _workspace.At("file");
        await File.WriteAllTextAsync(file, "mine", TestContext.Current.CancellationToken);
        (string Option, string Path, string Message)[] cases =
        [
            ("--out", file, $"--out: {file} is a file; name a folder."),
            ("--out", Path.Combine(file, "below", "it"), $"--out: {file} is a file; name a folder."),
            ("--raw", _workspace.Folder, $"--raw: {_workspace.Folder} is a folder; name a file."),
        ];
        foreach ((string option, string path, string message) in cases)
        {
            Assert.Equal(ExitCode.Usage, await Explain("plain", "--method", "grad-cam", "--data", "shapes", option, path));
            Assert.Equal(message, _workspace.Error.Trim());
            Assert.Equal("", _workspace.Output); // no method began
        }

        Assert.Equal("mine", await File.ReadAllTextAsync(file, TestContext.Current.CancellationToken));
        Assert.Equal(
            ["file", "plain.safetensors"],
            Directory.GetFileSystemEntries(_workspace.Folder).Select(Path.GetFileName).Order()
        );
    }

    [Fact]
    public async Task A_folder_of_pictures_is_explained_in_the_order_of_their_names()
    {
        foreach ((string name, byte value) in new[] { ("b.png", (byte)200), ("a.png", (byte)20) })
        {
            PngFile.Save(Image.FromPlanes(32, 32, [.. Enumerable.Repeat(value, 3 * 32 * 32)]), _workspace.At($"mine/{name}"));
        }

        _workspace.Write("mine/notes.txt", "no picture");
        Assert.Equal(0, await Explain("plain", "--method", "activation-map", "--pictures", _workspace.At("mine"), "--raw", Raw));
        Tensor folder = Safetensors.Load(Raw)["logits"];
        Assert.Equal(
            0,
            await Explain(
                "plain",
                "--method",
                "activation-map",
                "--pictures",
                _workspace.At("mine/a.png"),
                _workspace.At("mine/b.png"),
                "--raw",
                Raw
            )
        );
        Assert.Equal([2, 10], folder.shape);
        Assert.Equal(Safetensors.Load(Raw)["logits"].data<float>(), folder.data<float>());
    }

    [Fact]
    public async Task Pictures_of_one_name_and_of_long_names_are_all_kept()
    {
        var one = Image.FromPlanes(32, 32, new byte[3 * 32 * 32]);
        string name = new('l', 240);
        PngFile.Save(one, _workspace.At($"a/x.png"));
        PngFile.Save(one, _workspace.At($"b/X.png"));
        PngFile.Save(one, _workspace.At("c/short.png"));
        File.Move(_workspace.At("c/short.png"), _workspace.At($"c/{name}.png"));
        string seen = _workspace.At("seen");
        string[] folders = [_workspace.At("a"), _workspace.At("b"), _workspace.At("c")];
        Assert.Equal(0, await Explain("plain", ["--method", "activation-map", "--pictures", .. folders, "--out", seen]));
        Assert.Equal(
            ["X_2", name[..100], "x"],
            Directory
                .GetFiles(seen, "*-activation-map-*.png")
                .Select(file => Path.GetFileName(file).Split('-')[0])
                .Order(StringComparer.Ordinal)
        );
    }

    [Fact]
    public async Task Unreadable_files_are_reported_and_do_not_stop_the_others()
    {
        Image first = Image.FromPlanes(32, 32, [.. Enumerable.Repeat((byte)20, 3 * 32 * 32)]),
            second = Image.FromPlanes(32, 32, [.. Enumerable.Repeat((byte)200, 3 * 32 * 32)]);
        PngFile.Save(first, _workspace.At("a.png"));
        _workspace.Write("b.png", "not a picture");
        PngFile.Save(second, _workspace.At("c.png"));
        byte[] whole = await File.ReadAllBytesAsync(_workspace.At("c.png"), TestContext.Current.CancellationToken);
        await File.WriteAllBytesAsync(_workspace.At("d.png"), whole[..(whole.Length / 2)], TestContext.Current.CancellationToken);

        string[] options = ["--method", "activation-map", "--raw", Raw, "--out", _workspace.At("seen"), "--pictures"];
        Assert.Equal(
            ExitCode.Failed,
            await Explain(
                "plain",
                [.. options, .. new[] { "a", "b", "none", "c", "d" }.Select(name => _workspace.At($"{name}.png"))]
            )
        );
        string[] errors = _workspace.Error.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(3, errors.Length);
        Assert.Contains("b.png is not a picture that can be read", errors[0], StringComparison.Ordinal);
        Assert.Contains("none.png", errors[1], StringComparison.Ordinal);
        Assert.Contains("d.png", errors[2], StringComparison.Ordinal);
        float[] others = [.. Safetensors.Load(Raw)["logits"].data<float>()];
        string page = await File.ReadAllTextAsync(_workspace.At("seen/index.html"), TestContext.Current.CancellationToken);
        Assert.Contains("<h2>a.png</h2>", page, StringComparison.Ordinal);
        Assert.Contains("<h2>c.png</h2>", page, StringComparison.Ordinal);
        Assert.Equal(2, page.Split("<h2>").Count(part => part.Contains(".png</h2>", StringComparison.Ordinal)));

        Assert.Equal(0, await Explain("plain", [.. options, _workspace.At("a.png"), _workspace.At("c.png")]));
        Assert.Equal("", _workspace.Error);
        Assert.Equal([.. Safetensors.Load(Raw)["logits"].data<float>()], others);

        File.Delete(Raw);
        Assert.Equal(ExitCode.Failed, await Explain("plain", [.. options, _workspace.At("b.png"), _workspace.At("d.png")]));
        Assert.Contains("None of the picture files can be read.", _workspace.Error, StringComparison.Ordinal);
        Assert.False(File.Exists(Raw));
    }

    [Fact]
    public async Task One_logit_is_explained_for_two_classes()
    {
        using var model = new Cnn(classes: 1);
        Fixture.WithFormulaWeights(model);
        string weights = _workspace.At("binary.safetensors"),
            named = _workspace.At("named.safetensors");
        WeightFile.Save(model, weights, new Dictionary<string, string> { ["model"] = "plain" });
        WeightFile.Save(
            model,
            named,
            new Dictionary<string, string> { ["model"] = "plain", ["classes"] = "[\"healthy\",\"ill\"]" }
        );

        // Class 1's score is the logit y, class 0's is −y: HiResCAM's sum of activations times gradients changes its sign, and is
        // cut at zero.
        float[][] maps = new float[2][];
        foreach ((string file, string name, int index) in new[] { (weights, "positive", 1), (named, "healthy", 0) })
        {
            Assert.Equal(
                0,
                await _workspace.Run(
                    "explain",
                    "--weights",
                    file,
                    "--method",
                    "hires-cam",
                    "--layer",
                    "conv2",
                    "--target",
                    name,
                    "--tensor",
                    Pictures(),
                    "--raw",
                    Raw
                )
            );
            Assert.Equal("", _workspace.Error);
            Explanation explained = Assert.Single(ExplanationFile.Load(Raw));
            Assert.Equal([index, index, index, index], explained.Classes);
            maps[index] = [.. explained.Maps.SelectMany(map => map.Values.ToArray())];
            Assert.Equal(file == weights, _workspace.Output.Contains("called negative and positive", StringComparison.Ordinal));
        }

        Assert.All(maps, map => Assert.True(map.Max() > 0));
        Assert.All(maps[0].Zip(maps[1]), pair => Assert.Equal(0, Math.Min(pair.First, pair.Second)));
        Dictionary<string, Tensor> raw = Safetensors.Load(Raw);
        Assert.Equal([4, 1], raw["logits"].shape);
        Assert.Equal(raw["logits"].data<float>().Select(y => y > 0 ? 1L : 0L), raw["pred"].data<long>());
        Assert.Equal(
            ExitCode.Usage,
            await _workspace.Run(
                "explain",
                "--weights",
                weights,
                "--method",
                "grad-cam",
                "--target",
                "ill",
                "--tensor",
                Pictures(),
                "--raw",
                Raw
            )
        );
        Assert.Contains("Its classes are 0 to 1: negative, positive.", _workspace.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_stopped_run_says_so()
    {
        using var stop = new CancellationTokenSource();
        await stop.CancelAsync();
        using var output = new StringWriter();
        Assert.Equal(
            ExitCode.Stopped,
            await CommandLine.Program.RunAsync(
                [
                    "explain",
                    "--model",
                    "plain",
                    "--weights",
                    Weights("plain"),
                    "--method",
                    "grad-cam",
                    "--tensor",
                    Pictures(),
                    "--raw",
                    Raw,
                ],
                output,
                output,
                stop.Token
            )
        );
        Assert.False(File.Exists(Raw));
    }

    [Fact]
    public async Task Help_lists_methods_and_examples()
    {
        Assert.Equal(0, await _workspace.Run("explain", "--help"));
        string words = string.Join(
            ' ',
            _workspace.Output.Split((char[])[' ', '\r', '\n'], StringSplitOptions.RemoveEmptyEntries)
        );
        Assert.Contains(string.Join(", ", ExplanationMethods.Names), words, StringComparison.Ordinal);
        Assert.Contains("Examples:", words, StringComparison.Ordinal);
        Assert.DoesNotContain("run notebooks", words, StringComparison.Ordinal);
    }

    private string Raw => _workspace.At("raw.safetensors");

    private Task<int> Explain(string network, params string[] options) =>
        _workspace.Run(["explain", "--model", network, "--weights", Weights(network), .. options]);

    /// <summary>A file with the formula's weights.</summary>
    private string Weights(string network, int classes = 10)
    {
        using nn.Module<Tensor, Tensor> model = network == "se" ? new SeCnn(classes) : new Cnn(classes);
        string path = _workspace.At($"{network}.safetensors");
        WeightFile.Save(Fixture.WithFormulaWeights(model), path);
        return path;
    }

    /// <summary>A file with the formula's pictures.</summary>
    private string Pictures()
    {
        string path = _workspace.At("input.safetensors");
        Safetensors.Save(new Dictionary<string, Tensor> { ["input"] = Fixture.FormulaInput() }, path);
        return path;
    }
}
