using System.Diagnostics;
using System.Globalization;
using AttentionLab.Models;
using Microsoft.ML.OnnxRuntime;
using TorchSharp;
using static TorchSharp.torch;

namespace AttentionLab.Benchmarks.Processes;

/// <summary>A forward pass of the pretrained ResNet-18 against ONNX Runtime, and in half precision.</summary>
internal sealed class OnnxTable : ITable
{
    private const int Batch = 8,
        Side = 224;

    private static readonly string[] Ways =
    [
        "ONNX Runtime",
        "AttentionLab",
        "AttentionLab, with a gradient's graph",
        "AttentionLab, bfloat16",
        "AttentionLab, float16",
    ];

    public string Name => "onnx";

    public string Title => "Forward of the pretrained ResNet-18, 8 pictures of 224×224, one core, the ways in turn";

    public bool IsOnRequest => true;

    public void Write(TextWriter output, bool quick)
    {
        double[] medians = Probe.Run(Name, 1, quick ? "3" : "15");
        output.Heading("way", "ms", "of ONNX Runtime's time");
        for (int way = 0; way < Ways.Length; way++)
        {
            output.Row(
                Ways[way],
                medians[way].ToString("f0", CultureInfo.InvariantCulture),
                (medians[way] / medians[0]).ToString("f2", CultureInfo.InvariantCulture)
            );
        }
    }

    /// <summary>The median milliseconds of each way. Argument: rounds.</summary>
    public static double[] Measure(string[] arguments)
    {
        set_num_threads(1);
        using TrainedNetwork network = PretrainedNetworks.ResNet18Async().GetAwaiter().GetResult(),
            brain = PretrainedNetworks.ResNet18Async().GetAwaiter().GetResult(),
            half = PretrainedNetworks.ResNet18Async().GetAwaiter().GetResult();
        brain.Module.to(ScalarType.BFloat16);
        half.Module.to(ScalarType.Float16);
        using Tensor input = randn(Batch, 3, Side, Side) * 50; // contiguous, which the network brings to channels last itself
        using var options = new SessionOptions { IntraOpNumThreads = 1, InterOpNumThreads = 1 };
        using var session = new InferenceSession(OfBatch(File.ReadAllBytes(OnnxFile(network))), options);
        using OrtValue value = OrtValue.CreateTensorValueFromMemory(input.data<float>().ToArray(), [Batch, 3, Side, Side]);
        var inputs = new Dictionary<string, OrtValue> { [session.InputNames[0]] = value };
        using var run = new RunOptions();
        Action[] ways =
        [
            () => session.Run(run, inputs, session.OutputNames).Dispose(),
            () => Forward(network, input, ScalarType.Float32, graph: false),
            () => Forward(network, input, ScalarType.Float32, graph: true),
            () => Forward(brain, input, ScalarType.BFloat16, graph: false),
            () => Forward(half, input, ScalarType.Float16, graph: false),
        ];
        List<double>[] times = [.. ways.Select(_ => new List<double>())];
        int rounds = int.Parse(arguments[0], CultureInfo.InvariantCulture);
        for (int round = -1; round < rounds; round++)
        {
            for (int way = 0; way < ways.Length; way++)
            {
                var watch = Stopwatch.StartNew();
                ways[way]();
                if (round >= 0)
                {
                    times[way].Add(watch.Elapsed.TotalMilliseconds);
                }
            }
        }

        return [.. times.Select(each => each.Median())];
    }

    private static void Forward(TrainedNetwork network, Tensor input, ScalarType type, bool graph)
    {
        using DisposeScope scope = NewDisposeScope();
        using IDisposable? noGradients = graph ? null : no_grad();
        _ = ForwardPass.Of(network.Module, input.to(type));
    }

    private static string OnnxFile(TrainedNetwork network) =>
        ModulePaths.Of(network.Module).Select(part => part.Module).OfType<OnnxNetwork>().Single().Source!.Path;

    /// <summary>The file with the batch of its input, 1×3×224×224, at eight: four dimensions as ONNX writes them.</summary>
    private static byte[] OfBatch(byte[] file)
    {
        byte[] shape = [0x0A, 2, 8, 1, 0x0A, 2, 8, 3, 0x0A, 3, 8, 0xE0, 1, 0x0A, 3, 8, 0xE0, 1];
        int at = file.AsSpan().IndexOf(shape);
        if (at < 0)
        {
            throw new InvalidOperationException("The pretrained network's input is not 1×3×224×224.");
        }

        file[at + 3] = Batch;
        return file;
    }
}
