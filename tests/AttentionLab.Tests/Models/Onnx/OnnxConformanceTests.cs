using System.Globalization;
using AttentionLab.Models;
using TorchSharp;
using static TorchSharp.torch;

namespace AttentionLab.Tests.Models.Onnx;

/// <summary>
/// ONNX's own test data (github.com/onnx/onnx, folder onnx/backend/test/data), where ATTENTIONLAB_ONNX_DATA names that folder:
/// how many of its cases come out right, wrong, or are not covered.
/// </summary>
[Trait("Kind", "Numeric")]
public class OnnxConformanceTests(ITestOutputHelper output)
{
    // The bounds of ONNX's own runner (onnx/backend/test/case/test_case.py).
    private const double Relative = 1e-3,
        Absolute = 1e-7;

    [Fact]
    public void No_case_is_wrong_and_at_least_130_are_right()
    {
        string? folder = Environment.GetEnvironmentVariable("ATTENTIONLAB_ONNX_DATA");
        Assert.SkipUnless(
            folder is not null,
            "ATTENTIONLAB_ONNX_DATA does not name onnx/backend/test/data of github.com/onnx/onnx."
        );
        var verdicts = new List<(string Case, string? Wrong, string? NotCovered)>();
        foreach (string set in (string[])["pytorch-converted", "pytorch-operator", "simple", "light"])
        {
            foreach (string model in Models(Path.Combine(folder, set)))
            {
                verdicts.Add(Judge(model));
            }
        }

        (string, string? Wrong, string? NotCovered)[] wrong = [.. verdicts.Where(verdict => verdict.Wrong is not null)],
            not = [.. verdicts.Where(verdict => verdict.NotCovered is not null)];
        int right = verdicts.Count - wrong.Length - not.Length;
        string summary =
            $"{verdicts.Count} cases: {right} right, {wrong.Length} wrong, {not.Length} not covered\n"
            + string.Join('\n', wrong.Concat(not).Select(verdict => $"{verdict.Item1}: {verdict.Wrong ?? verdict.NotCovered}"));
        output.WriteLine(summary);
        Assert.True(wrong.Length == 0 && right >= 130, summary);
    }

    private static IEnumerable<string> Models(string set) =>
        Directory.EnumerateFiles(set, "*.onnx", SearchOption.AllDirectories).Order(StringComparer.Ordinal);

    private static (string, string?, string?) Judge(string model)
    {
        string name = Path.GetFileName(Path.GetDirectoryName(model)!);
        name = name == "light" ? Path.GetFileNameWithoutExtension(model) : name;
        using DisposeScope scope = NewDisposeScope();
        using IDisposable noGradients = no_grad();
        PreparedGraph graph;
        try
        {
            graph = PreparedGraph.Of(OnnxFormat.Read(File.ReadAllBytes(model)), new OnnxTensorData(Path.GetDirectoryName(model)));
        }
        catch (InvalidDataException e) when (e.Message.Contains("not supported"))
        {
            return (name, null, e.Message);
        }

        using (graph)
        {
            var parts = new ScopeNames();
            (ScopeProgram program, _) = ModuleBuilder.Build(graph, parts);
            parts.eval();
            foreach ((Tensor[] inputs, Tensor[] outputs) in Cases(model, graph))
            {
                IReadOnlyList<OnnxValue> actual = program.Run([.. inputs.Select(OnnxValue.Of)], null);
                for (int i = 0; i < outputs.Length; i++)
                {
                    if (Difference(outputs[i], actual[i].Items[0]) is { } wrong)
                    {
                        return (name, wrong, null);
                    }
                }
            }
        }

        return (name, null, null);
    }

    /// <summary>Light models come without inputs: these are the numbers from 0 to 1 in even steps.</summary>
    private static IEnumerable<(Tensor[] Inputs, Tensor[] Outputs)> Cases(string model, PreparedGraph graph)
    {
        string folder = Path.GetDirectoryName(model)!;
        if (Path.GetFileName(folder) == "light")
        {
            long[] shape = [.. graph.Inputs[0].Shape!.Select(side => side!.Value)];
            long count = shape.Aggregate(1L, (product, side) => product * side);
            yield return (
                [arange(count, dtype: ScalarType.Float32).div(count).reshape(shape)],
                [Read(model.Replace(".onnx", "_output_0.pb"))]
            );
            yield break;
        }

        foreach (string set in Directory.EnumerateDirectories(folder))
        {
            yield return (All(set, "input"), All(set, "output"));
        }
    }

    private static Tensor[] All(string set, string kind) =>
        [.. Directory.EnumerateFiles(set, $"{kind}_*.pb").OrderBy(Number).Select(Read)];

    private static int Number(string file) =>
        int.Parse(Path.GetFileNameWithoutExtension(file).Split('_')[^1], CultureInfo.InvariantCulture);

    private static Tensor Read(string file) => new OnnxTensorData(null).Read(OnnxFormat.ReadTensor(File.ReadAllBytes(file)));

    private static string? Difference(Tensor expected, Tensor actual)
    {
        if (!expected.shape.SequenceEqual(actual.shape) || expected.dtype != actual.dtype)
        {
            return $"{actual.dtype} {string.Join('×', actual.shape)} "
                + $"in place of {expected.dtype} {string.Join('×', expected.shape)}";
        }

        Tensor want = expected.to(ScalarType.Float64),
            have = actual.to(ScalarType.Float64);
        if (!want.isnan().eq(have.isnan()).all().ToBoolean())
        {
            return "is NaN elsewhere";
        }

        (want, have) = (want.nan_to_num(), have.nan_to_num());
        double excess = want.numel() == 0 ? 0 : ((want - have).abs() - Absolute - (Relative * want.abs())).max().item<double>();
        return excess <= 0 ? null : $"differs by {(want - have).abs().max().item<double>():g3}";
    }
}
