using System.Globalization;
using System.Text.Json.Nodes;
using AttentionLab.Imaging;
using AttentionLab.Kernel.Commands;

namespace AttentionLab.Host.Tests.Commands;

/// <summary>
/// What people give to commands: numbers in any country, folders as they come, names that a terminal would obey.
/// </summary>
public sealed class InputTests : IDisposable
{
    private readonly Workspace _workspace = new();

    public void Dispose() => _workspace.Dispose();

    [Theory]
    [InlineData("")]
    [InlineData("en-US")]
    [InlineData("de-DE")] // 0.01 was 1
    [InlineData("fr-FR")]
    [InlineData("ar-SA")]
    [InlineData("fa-IR")]
    [InlineData("sv-SE")] // another minus
    [InlineData("pt-BR")]
    [InlineData("hi-IN")]
    public async Task Numbers_mean_the_same_in_every_country(string culture)
    {
        CultureInfo before = CultureInfo.CurrentCulture;
        CultureInfo.CurrentCulture = CultureInfo.GetCultureInfo(culture);
        try
        {
            Assert.Equal(0, await Train("--learning-rate", "0.01", "--validation-fraction", "2.5e-1", "--seed", "-3", "--json"));
            JsonNode document = JsonNode.Parse(_workspace.Output)!;
            Assert.Equal(
                (0.01, 0.25, -3),
                ((double)document["learningRate"]!, (double)document["validationFraction"]!, (int)document["seed"]!)
            );
            Assert.Contains(
                "learning rate 0.01, validation part 0.25",
                await File.ReadAllTextAsync(Path.Combine(_workspace.Out, "index.html"), TestContext.Current.CancellationToken),
                StringComparison.Ordinal
            );
        }
        finally
        {
            CultureInfo.CurrentCulture = before;
        }
    }

    [Theory]
    [InlineData("0,01")]
    [InlineData("1,000")]
    [InlineData("٠٫٠١")]
    [InlineData("1 000")]
    [InlineData("0.01f")]
    [InlineData("")]
    public async Task A_number_with_another_point_is_refused_and_never_another_number(string number)
    {
        Assert.Equal(ExitCode.Usage, await Train("--learning-rate", number));
        Assert.Contains("is not a number. Write it with a point", _workspace.Error, StringComparison.Ordinal);
        Assert.Equal(ExitCode.Usage, await Train("--epochs", "1,5"));
        Assert.Equal(ExitCode.Usage, await Train("--seed", "1.5"));
    }

    [Fact]
    public async Task Every_command_says_what_it_uses_and_what_it_leaves_out()
    {
        Paint("red", 12, 255, 0);
        Paint("blue", 12, 0, 255);
        foreach (string path in Directory.GetFiles(_workspace.At("pictures"), "*.png", SearchOption.AllDirectories))
        {
            int number = int.Parse(Path.GetFileNameWithoutExtension(path), CultureInfo.InvariantCulture);
            if (number >= 8)
            {
                File.Move(path, Path.ChangeExtension(path, number < 10 ? ".tif" : ".heic"));
            }
        }

        string data = _workspace.At("pictures");
        Assert.Equal(0, await Train("--data", data));
        AssertTold(_workspace.Output);
        Assert.Equal(0, await Train("--data", data, "--json", "--out", _workspace.At("out2")));
        AssertTold(string.Join('\n', JsonNode.Parse(_workspace.Output)!["notes"]!.AsArray().Select(note => (string)note!)));
        Assert.Equal(0, await _workspace.Run("data", "verify", "--data", data));
        AssertTold(_workspace.Output);
        Assert.Equal(0, await _workspace.Run("data", "export", "--data", data, "--out", _workspace.At("png")));
        AssertTold(_workspace.Output);
        string weights = _workspace.At("out2/weights.safetensors");
        Assert.Equal(
            0,
            await _workspace.Run(
                "explain",
                "--model",
                "se-resnet",
                "--weights",
                weights,
                "--method",
                "grad-cam",
                "--data",
                data,
                "--indices",
                "0",
                "--raw",
                _workspace.At("raw")
            )
        );
        AssertTold(_workspace.Output);
        Assert.Equal(0, await _workspace.Run("predict", "--weights", weights, "--pictures", Path.Combine(data, "red")));
        Assert.Contains("2 .heic, 2 .tif", _workspace.Error, StringComparison.Ordinal);
        Assert.Equal(
            0,
            await _workspace.Run(
                "explain",
                "--model",
                "se-resnet",
                "--weights",
                weights,
                "--method",
                "grad-cam",
                "--pictures",
                Path.Combine(data, "red"),
                "--raw",
                _workspace.At("raw2")
            )
        );
        Assert.Contains("2 .heic, 2 .tif", _workspace.Output, StringComparison.Ordinal);
        Assert.Equal(ExitCode.Usage, await _workspace.Run("predict", "--weights", weights, "--pictures", data));
        Assert.Contains("folders in it, which are not looked into: blue, red", _workspace.Error, StringComparison.Ordinal);

        static void AssertTold(string said)
        {
            Assert.Contains(
                "is not split into train and test: 20 % of each class, chosen with seed 0",
                said,
                StringComparison.Ordinal
            );
            Assert.Contains("4 .heic, 4 .tif", said, StringComparison.Ordinal);
            Assert.Contains("12 training and 4 test pictures, 2 classes", said, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Escape_sequences_do_not_reach_the_terminal()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Windows allows no such file names.");
        Paint("a\u001b[31mb", 2, 1, 2);
        Paint("c\u009b2Jd", 2, 3, 4);
        Assert.Equal(0, await _workspace.Run("data", "verify", "--data", _workspace.At("pictures")));
        AssertPlain(_workspace.Output);
        Assert.Contains("a␛[31mb", _workspace.Output, StringComparison.Ordinal);
        Assert.Equal(ExitCode.Usage, await _workspace.Run("run", _workspace.At("no\u001b]0;title\u0007.ipynb")));
        AssertPlain(_workspace.Error);
        Assert.Equal(ExitCode.Usage, await _workspace.Run("train", "--mod\u001b[31mel"));
        AssertPlain(_workspace.Error);

        static void AssertPlain(string said)
        {
            Assert.NotEmpty(said);
            Assert.DoesNotContain(said, c => char.IsControl(c) && c is not ('\n' or '\r' or '\t'));
        }
    }

    [Fact]
    public async Task Messages_do_not_repeat_long_input()
    {
        string bad = new('x', 10_000);
        string[][] all =
        [
            ["train", "--model", bad],
            ["train", "--model", "se", "--data", bad],
            ["train", "--model", "se", "--data", "shapes", "--epochs", bad],
            ["train", "--model", "se", "--data", "shapes", "--learning-rate", bad],
            ["data", "export", "--data", "shapes", "--indices", $"1-{bad}", "--out", _workspace.Out],
            ["data", "verify", "--data", bad],
            ["predict", "--weights", bad, "--pictures", "x.png"],
            ["explain", "--model", "se", "--weights", "w", "--method", bad, "--data", "shapes", "--raw", _workspace.At("r")],
            ["run", bad],
            ["run", "notebooks", "--set", bad],
            [bad],
            [$"--{bad}"],
        ];
        foreach (string[] args in all)
        {
            Assert.NotEqual(0, await _workspace.Run(args));
            Assert.NotEmpty(_workspace.Error);
            Assert.DoesNotContain(new string('x', 300), _workspace.Error, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Classes_of_any_names_become_folders_and_pictures_are_not_written_over()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Windows allows no such folder names.");
        Paint("CON", 2, 1, 2);
        Paint("a:b", 2, 3, 4);
        Paint("why?", 2, 5, 6);
        string data = _workspace.At("pictures");
        Assert.Equal(0, await _workspace.Run("data", "export", "--data", data, "--split", "train", "--out", _workspace.Out));
        Assert.Equal(
            ["_CON", "a_b", "why_"],
            Directory.GetDirectories(_workspace.Out).Select(Path.GetFileName).Order(StringComparer.Ordinal)
        );
        Assert.Equal(ExitCode.Usage, await _workspace.Run("data", "export", "--data", data, "--out", $"{data}/."));
        Assert.Contains("--out: name another folder than --data", _workspace.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Masks_are_not_written_over_pictures_by_another_name_of_the_folder()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Making links takes a privilege on Windows.");
        Directory.CreateDirectory(_workspace.Out);
        Directory.CreateSymbolicLink(_workspace.At("link"), _workspace.Out);
        Assert.Equal(ExitCode.Usage, await Export(_workspace.Out, _workspace.At("link")));
        Assert.Equal(ExitCode.Usage, await Export(_workspace.Out, _workspace.Out + "/x/.."));
        bool ignoresCase = Directory.Exists(_workspace.Out.ToUpperInvariant());
        Assert.Equal(ignoresCase ? ExitCode.Usage : 0, await Export(_workspace.At("Pics"), _workspace.At("pics")));

        Task<int> Export(string output, string masks) =>
            _workspace.Run("data", "export", "--data", "shapes", "--indices", "0", "--out", output, "--masks", masks);
    }

    [Fact]
    public async Task A_picture_is_not_replaced_by_what_the_network_sees_of_it()
    {
        Paint("red", 3, 255, 0);
        Paint("blue", 3, 0, 255);
        Assert.Equal(0, await Train("--data", _workspace.At("pictures")));
        byte[] before = await File.ReadAllBytesAsync(_workspace.At("pictures/red/0.png"), TestContext.Current.CancellationToken);
        Assert.Equal(
            ExitCode.Usage,
            await _workspace.Run(
                "predict",
                "--weights",
                Path.Combine(_workspace.Out, "weights.safetensors"),
                "--pictures",
                _workspace.At("pictures/red"),
                "--out",
                _workspace.At("pictures/red")
            )
        );
        Assert.Contains("would be replaced", _workspace.Error, StringComparison.Ordinal);
        Assert.Equal(
            before,
            await File.ReadAllBytesAsync(_workspace.At("pictures/red/0.png"), TestContext.Current.CancellationToken)
        );
    }

    private Task<int> Train(params string[] more)
    {
        if (Directory.Exists(_workspace.Out))
        {
            Directory.Delete(_workspace.Out, recursive: true);
        }

        string[] data = more.Contains("--data") ? [] : ["--data", "shapes", "--limit", "8"],
            output = more.Contains("--out") ? [] : ["--out", _workspace.Out],
            epochs = more.Contains("--epochs") ? [] : ["--epochs", "1"];
        return _workspace.Run(["train", "--model", "se-resnet", "--batch-size", "4", .. epochs, .. data, .. output, .. more]);
    }

    private void Paint(string name, int count, byte red, byte blue)
    {
        for (int i = 0; i < count; i++)
        {
            PngFile.Save(
                new Image(4, 4, [.. Enumerable.Repeat((byte[])[red, (byte)i, blue], 16).SelectMany(rgb => rgb)]),
                _workspace.At($"pictures/{name}/{i}.png")
            );
        }
    }
}
