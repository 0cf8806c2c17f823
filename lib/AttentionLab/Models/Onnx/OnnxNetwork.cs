using System.Globalization;
using AttentionLab.Core;
using AttentionLab.Data;
using TorchSharp;
using static TorchSharp.torch;

namespace AttentionLab.Models;

/// <summary>
/// A network from an ONNX file, as a module: its weights are parameters, its layers are child modules under the names that
/// PyTorch gave them, and hooks, gradients and training work as in any other network.
/// </summary>
/// <remarks>
/// <code>
/// using var network = OnnxNetwork.Load("resnet50.onnx", Preprocessing.ImageNet, ClassNames.Read("imagenet.txt"));
/// var photo = ImageFile.Load("dog.jpg");
/// display(network.Predict(photo).Top(5));
/// display(new GradCam().Explain(network, photo).Over(photo));
/// </code>
/// <c>OnnxNetwork.Load("resnet50.onnx")</c> loads the bare module.
/// Half precision is computed in float32. lib/docs/onnx.md lists the operators and what is not supported.
/// </remarks>
public sealed class OnnxNetwork : nn.Module<Tensor, Tensor>
{
    // A pass to try whether the batch can be freed costs time: only for pictures of up to 1,000 × 1,000 or so.
    private const long MostElementsTried = 1 << 22;

    private static readonly Preprocessing Grey = new() { Mean = [0], StandardDeviation = [1] };

    private readonly OnnxValueInfo _input;
    private readonly ScopeProgram _program;
    private readonly IReadOnlyList<Tensor> _constants;
    private readonly bool _channelsLast;
    private readonly List<string> _notes = [];
    private int _notesOfFile;
    private BatchRun? _batch;

    private OnnxNetwork(OnnxModel model, PreparedGraph graph, OnnxOptions options)
        : base(nameof(OnnxNetwork))
    {
        _input = graph.Inputs[0];
        _channelsLast = options.Layout switch
        {
            OnnxLayout.ChannelsFirst => false,
            OnnxLayout.ChannelsLast => true,
            _ => _input.Shape is [_, null or > 8, null or > 8, 1 or 3 or 4],
        };
        (Producer, Opset, Metadata) = (model.Producer, model.Opset, model.Metadata);
        (_program, _constants) = ModuleBuilder.Build(graph, this);
        eval();
    }

    /// <summary>The program that wrote the file, with its version; empty where the file does not say.</summary>
    public string Producer { get; }

    /// <summary>The version of ONNX's operators that the file uses.</summary>
    public int Opset { get; }

    /// <summary>Text that the file carries, such as class names.</summary>
    public IReadOnlyDictionary<string, string> Metadata { get; }

    /// <summary>The sides of the input N×C×H×W, null for each that is free; null where the file does not say.</summary>
    public IReadOnlyList<long?>? InputShape =>
        _input.Shape is [var n, var a, var b, var c] && _channelsLast ? [n, c, a, b] : _input.Shape;

    /// <summary>The pictures of each batch; null for any number, also where the file fixes it and the network does not need
    /// it.</summary>
    public long? Batch { get; private set; }

    /// <summary>How many pictures may go into a model at once: of a file whose batch is fixed, no more than that.</summary>
    /// <param name="model">The model, which an ONNX network may be a part of.</param>
    /// <param name="wanted">How many there would be otherwise.</param>
    internal static int AtOnce(nn.Module model, int wanted)
    {
        long? batch = ModulePaths
            .Of(model)
            .Select(part => part.Module)
            .Prepend(model)
            .OfType<OnnxNetwork>()
            .Min(network => network.Batch);
        return (int)Math.Min(wanted, batch ?? wanted);
    }

    /// <summary>What a reader should know of the file, a sentence each.</summary>
    public IReadOnlyList<string> Notes => _notes;

    /// <summary>The file that it was read from; null for one that was read from memory.</summary>
    internal OnnxSource? Source { get; private set; }

    /// <summary>The operators that networks may use, by name.</summary>
    public static IReadOnlyList<string> SupportedOperators => Operators.Names;

    /// <summary>Loads a network, in evaluation mode, on the CPU.</summary>
    /// <param name="path">The file; external data lies beside it.</param>
    /// <param name="options">How it is read; null for the defaults.</param>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="InvalidDataException">
    /// The file is damaged, takes several inputs, or uses operators that are not supported: the message lists them all.
    /// </exception>
    public static OnnxNetwork Load(string path, OnnxOptions? options = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        return Read(new OnnxSource(path, options ?? new OnnxOptions()));
    }

    /// <summary>Loads a network with what is needed to ask it about photographs.</summary>
    /// <param name="path">The file; external data lies beside it.</param>
    /// <param name="preprocessing">How photographs become its input, such as <see cref="Preprocessing.ImageNet"/>; at the size
    /// that the file fixes, if it fixes another. Null for ImageNet's, or grey pictures for a network of one channel.</param>
    /// <param name="classNames">In the order of its outputs, such as <see cref="ClassNames.Read"/> gives; null for class 0,
    /// class 1 …</param>
    /// <param name="options">How the file is read; null for the defaults.</param>
    /// <returns>The network, whose <see cref="TrainedNetwork.Module"/> is an <see cref="OnnxNetwork"/>.</returns>
    /// <inheritdoc cref="Load(string, OnnxOptions)" path="/exception"/>
    /// <exception cref="ArgumentException">The network takes pictures of another size, or has another number of classes than
    /// there are names.</exception>
    /// <exception cref="InvalidOperationException">It outputs something other than numbers for classes.</exception>
    public static TrainedNetwork Load(
        string path,
        Preprocessing? preprocessing,
        IReadOnlyList<string>? classNames = null,
        OnnxOptions? options = null
    )
    {
        OnnxNetwork network = Load(path, options);
        try
        {
            return NetworkProbe.ToTrainedNetwork(network, network.Fitted(preprocessing), classNames, network.Notes);
        }
        catch
        {
            network.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    /// <exception cref="ArgumentException">The input does not have the shape that the network takes.</exception>
    /// <exception cref="InvalidDataException">A node cannot be computed; the message names it.</exception>
    public override Tensor forward(Tensor input)
    {
        ArgumentNullException.ThrowIfNull(input);
        Check(input);
        if (_batch is not null)
        {
            _batch.Actual = input.shape[0];
        }

        return Run(input, _batch is { IsFreed: true } ? _batch : null);
    }

    /// <exception cref="InvalidDataException">See <see cref="Load(string, OnnxOptions)"/>.</exception>
    internal static OnnxNetwork Read(OnnxSource source)
    {
        byte[] bytes = source.Bytes();
        try
        {
            OnnxNetwork network = Read(bytes, source.Folder, source.Options);
            network.Source = source;
            return network;
        }
        catch (InvalidDataException e)
        {
            throw new InvalidDataException($"{source.Path}: {e.Message}", e);
        }
    }

    internal static OnnxNetwork Read(ReadOnlyMemory<byte> bytes, string? folder, OnnxOptions? options = null)
    {
        OnnxModel model = OnnxFormat.Read(bytes);
        if (!model.HasGraph)
        {
            throw new InvalidDataException("It holds no ONNX network.");
        }

        options ??= new OnnxOptions();
        using DisposeScope scope = NewDisposeScope();
        OnnxValueInfo output = OutputOf(model, options.Output);
        using PreparedGraph graph = PreparedGraph.Of(model, new OnnxTensorData(folder), [output]);
        if (graph.Inputs.Count != 1)
        {
            throw new InvalidDataException(
                $"The network takes {graph.Inputs.Count} inputs ({Excerpt.Of([.. graph.Inputs.Select(input => input.Name)])}); "
                    + "networks of one picture can be explained."
            );
        }

        var network = new OnnxNetwork(model, graph, options);
        try
        {
            scope.Detach(network.parameters());
            scope.Detach(network.buffers());
            network.Describe(model, graph, output);
            network.FreeBatch();
            network._notesOfFile = network._notes.Count;
            return network;
        }
        catch
        {
            network.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            foreach (Tensor constant in _constants)
            {
                constant.Dispose();
            }
        }

        base.Dispose(disposing);
    }

    private static OnnxValueInfo OutputOf(OnnxModel model, string? name) =>
        model.Graph.Outputs.Count == 0 ? throw new InvalidDataException("The network has no output.")
        : name is null ? model.Graph.Outputs[0]
        : model.Graph.Outputs.FirstOrDefault(output => output.Name == name)
            ?? throw new InvalidDataException(
                $"The network has no output '{Excerpt.Of(name)}'; it has "
                    + $"{Excerpt.Of([.. model.Graph.Outputs.Select(output => output.Name)])}."
            );

    private void Describe(OnnxModel model, PreparedGraph graph, OnnxValueInfo output)
    {
        if (model.Graph.Outputs.Count > 1)
        {
            _notes.Add(
                $"The network has {model.Graph.Outputs.Count} outputs; '{Excerpt.Of(output.Name)}' is taken of "
                    + $"{Excerpt.Of([.. model.Graph.Outputs.Select(each => each.Name)])}."
            );
        }

        if (model.Opset > 22)
        {
            _notes.Add($"The network uses version {model.Opset} of ONNX's operators; versions 7 to 22 were tried.");
        }

        if (
            graph.Nodes.Any(node =>
                node.Attributes.GetValueOrDefault("training_mode")?.Integer is > 0
                && node.Inputs.Skip(3).Any(graph.Constants.ContainsKey)
            )
        )
        {
            _notes.Add(
                "The file was exported in training mode; here the network is asked in evaluation mode, by its running means and "
                    + "variances."
            );
        }

        if (_channelsLast)
        {
            _notes.Add("The file's network takes pictures as N×H×W×C; here it takes N×C×H×W, as all others do.");
        }
    }

    /// <summary>Tries a pass of twice the fixed number of pictures against two passes of the fixed number.</summary>
    private void FreeBatch()
    {
        Batch = _input.Shape is [{ } fixedBatch, ..] ? fixedBatch : null;
        if (Batch is not { } batch)
        {
            return;
        }

        if (
            _input.Shape!.Any(side => side is null)
            || _input.Shape!.Aggregate(1.0, (all, side) => all * side!.Value) > MostElementsTried
        )
        {
            _notes.Add($"The file fixes the batch at {batch}, which was not tried to be freed.");
            return;
        }

        using DisposeScope scope = NewDisposeScope();
        using IDisposable noGradients = no_grad();
        var run = new BatchRun(batch);
        long[] shape = [2 * batch, .. InputShape!.Skip(1).Select(side => side!.Value)];
        Tensor input = arange(shape.Aggregate(1L, (all, side) => all * side), dtype: ScalarType.Float32)
            .mul(0.37)
            .sin()
            .reshape(shape);
        Tensor first = Run(input[..(int)batch], run),
            second = Run(input[(int)batch..], run);
        if (first.dim() == 0 || !first.shape.SequenceEqual(second.shape))
        {
            string keeps = first.dim() == 0 ? "outputs one number for all pictures" : "outputs other shapes for other pictures";
            _notes.Add($"The file fixes the batch at {batch}: the network {keeps}.");
            return;
        }

        Tensor apart = cat([first, second]);
        run.Actual = 2 * batch;
        string? why;
        try
        {
            Tensor together = Run(input, run);
            why =
                !together.shape.SequenceEqual(apart.shape) ? $"outputs {TensorInfo.Text(together.shape)}"
                : IsClose(apart, together) ? null
                : "outputs other numbers";
        }
        catch (InvalidDataException e)
        {
            why = $"fails ({e.Message})";
        }

        if (why is null)
        {
            (_batch, Batch) = (run, null);
        }
        else
        {
            _notes.Add($"The file fixes the batch at {batch}: for twice as many pictures the network {why}.");
        }
    }

    private static bool IsClose(Tensor expected, Tensor actual)
    {
        if (expected.numel() == 0)
        {
            return true;
        }

        Tensor largest = expected.to(ScalarType.Float64).abs().nan_to_num().max(),
            difference = (expected.to(ScalarType.Float64) - actual.to(ScalarType.Float64)).abs().nan_to_num().max();
        return difference.item<double>() <= 1e-4 * largest.item<double>();
    }

    private Tensor Run(Tensor input, BatchRun? batch)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor taken = _channelsLast ? input.permute(0, 2, 3, 1) : InFastOrder(input);
        ScalarType type = OnnxElementTypes.ToTorch(_input.ElementType) ?? ScalarType.Float32;
        taken = type == ScalarType.Float32 || taken.dtype == type ? taken : taken.to(type);
        OnnxValue output = _program.Run([OnnxValue.Of(taken)], batch)[0];
        return output.IsSequence
            ? throw new InvalidDataException("The network outputs a sequence, not a tensor.")
            : output.Items[0].MoveToOuterDisposeScope();
    }

    /// <summary>
    /// Pictures in the order of memory in which a processor's convolutions are fastest, channels last, which
    /// <see cref="Preprocessing.ToInput"/> gives; shape and values stay.
    /// </summary>
    private static Tensor InFastOrder(Tensor input) =>
        input.dim() == 4 && input.device_type == DeviceType.CPU && input.is_contiguous()
            ? input.permute(0, 2, 3, 1).contiguous().permute(0, 3, 1, 2)
            : input;

    /// <summary>
    /// A preprocessing as this network takes pictures: at the size that the file fixes, if it fixes one; ImageNet's where none is
    /// named. <see cref="Notes"/> says what was decided.
    /// </summary>
    private Preprocessing Fitted(Preprocessing? named)
    {
        (long? channels, long? height, long? width) = InputShape switch
        {
            [_, var c, var h, var w] => (c, h, w),
            null => (null, null, null),
            var shape => throw new ArgumentException(
                $"The network takes {TextOf(shape)}, and pictures are N×C×H×W: load the bare module, without a preprocessing."
            ),
        };
        Preprocessing preprocessing = named ?? (channels == 1 ? Grey : Preprocessing.ImageNet);
        if (height is { } rows && width is { } columns && (preprocessing.Height, preprocessing.Width) != (rows, columns))
        {
            preprocessing = preprocessing.At((int)rows, (int)columns);
            if (named is not null)
            {
                _notes.Add($"The network takes pictures of {rows}×{columns}, so the preprocessing is taken at that size.");
            }
        }

        if (named is null)
        {
            _notes.Add(
                $"No preprocessing is named, so {(channels == 1 ? "grey pictures in [0, 1] are" : "ImageNet's is")} taken: "
                    + $"{preprocessing.ShapeText}."
            );
        }

        return (channels ?? preprocessing.Channels) == preprocessing.Channels
            ? preprocessing
            : throw new ArgumentException(
                $"The network takes pictures of {channels} channels, and the preprocessing gives {preprocessing.ShapeText}: its "
                    + $"{nameof(preprocessing.Mean)} and {nameof(preprocessing.StandardDeviation)} have a number for each.",
                nameof(named)
            );
    }

    private void Check(Tensor input)
    {
        if (InputShape is not { } shape)
        {
            return;
        }

        bool fits =
            input.dim() == shape.Count
            && shape.Skip(1).Select((side, i) => side is null || side == input.shape[i + 1]).All(each => each)
            && (shape.Count == 0 || (Batch is null ? input.shape[0] > 0 : Batch == input.shape[0]));
        if (!fits)
        {
            throw new ArgumentException(
                $"The network takes {TextOf([Batch, .. shape.Skip(1)])}; this is {TensorInfo.Text(input.shape)}. "
                    + string.Join(' ', Notes.Take(_notesOfFile))
                    + (Batch is null ? "" : " To pass several at once, export it with a free batch (dynamic_axes)."),
                nameof(input)
            );
        }
    }

    private static string TextOf(IEnumerable<long?> shape) =>
        string.Join('×', shape.Select(side => side?.ToString(CultureInfo.InvariantCulture) ?? "any"));
}
