using System.Globalization;
using AttentionLab.Data;
using AttentionLab.Imaging;
using TorchSharp;
using static TorchSharp.torch;

namespace AttentionLab.Models;

/// <summary>
/// A network with what is needed to ask it: its classes' names, and how a photograph becomes its input. A file of weights keeps
/// all of this, so that one line brings it back.
/// </summary>
/// <remarks>
/// <code>
/// TrainedNetwork network = TrainedNetwork.Load("../data/trained/CIFAR-10 se.safetensors");
/// display(network.Predict("cat.jpg").Top(3));
/// </code>
/// </remarks>
public sealed class TrainedNetwork : IDisposable
{
    private const int MostPictures = 64,
        MostPixels = 1 << 20;

    /// <summary>Joins a network with what belongs to it.</summary>
    /// <param name="module">N×C×H×W to N×K: a number for each class, or one for two classes. It is disposed with this
    /// object.</param>
    /// <param name="classNames">In the order of the logits.</param>
    /// <param name="preprocessing">How pictures became its input when it learned, such as <see cref="DataSet.Preprocessing"/>;
    /// null for the tutorial's, <see cref="Preprocessing.Cifar10"/>.</param>
    /// <exception cref="ArgumentException">The list of class names is empty, a name is null, or the preprocessing contradicts
    /// itself.</exception>
    public TrainedNetwork(nn.Module<Tensor, Tensor> module, IReadOnlyList<string> classNames, Preprocessing? preprocessing = null)
    {
        ArgumentNullException.ThrowIfNull(module);
        ArgumentNullException.ThrowIfNull(classNames);
        if (classNames.Count == 0 || classNames.Contains(null))
        {
            throw new ArgumentException("A network has at least one class, and every class a name.", nameof(classNames));
        }

        Module = module;
        ClassNames = [.. classNames];
        Preprocessing = preprocessing ?? Preprocessing.Cifar10;
        Preprocessing.Check();
    }

    /// <summary>
    /// The network itself. It is asked in evaluation mode, and put back into its mode; after loading it is in evaluation mode.
    /// </summary>
    public nn.Module<Tensor, Tensor> Module { get; }

    /// <summary>The classes' names, in the order of the logits.</summary>
    public IReadOnlyList<string> ClassNames { get; }

    /// <summary>Whether somebody named the classes; otherwise they are called <c>class 0</c>, <c>class 1</c> and so on.</summary>
    public bool HasClassNames { get; internal init; } = true;

    /// <summary>How pictures become its input.</summary>
    public Preprocessing Preprocessing { get; }

    /// <summary>
    /// What its output means. A number for each class is taken for logits unless said otherwise, one number for two classes for a
    /// logit of the second.
    /// </summary>
    public OutputKind Output { get; init; } = OutputKind.Logits;

    /// <summary>What kind of network it is; null for one of your own.</summary>
    public NetworkArchitecture? Architecture { get; init; }

    /// <summary>How many numbers it outputs for a picture.</summary>
    internal int Outputs => Output is OutputKind.BinaryLogit or OutputKind.BinaryProbability ? 1 : ClassNames.Count;

    /// <summary>How many pictures its preprocessing's size lets pass at once.</summary>
    internal int AtOnce => Preprocessing is { Height: { } height, Width: { } width } ? PicturesAtOnce(height, width) : 1;

    /// <summary>Where its weights are.</summary>
    public Device Device => Module.Device();

    /// <summary>
    /// What a reader should know of the file that it came from, a sentence each: names that are missing, weights that are not
    /// finite.
    /// </summary>
    public IReadOnlyList<string> Notes { get; internal init; } = [];

    /// <summary>Loads a network that is known by name: one of AttentionLab's, or one of torchvision's.</summary>
    /// <param name="path">Weights: a safetensors file, or a state dict that <c>torch.save</c> wrote.</param>
    /// <param name="architecture">
    /// Which network the weights are of (<see cref="NetworkArchitecture.Get"/>): <c>se</c>, <c>resnet50</c>; null where the file
    /// says it, as those that <see cref="Save"/> wrote do.
    /// </param>
    /// <param name="device">Where it goes; null for the CPU.</param>
    /// <param name="classNames">In the order of the logits; null for those that the file says.</param>
    /// <param name="preprocessing">How photographs become its input; null for what the file says, or else what belongs to the
    /// architecture.</param>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="ArgumentException">There is no such architecture, or another number of classes than of names.</exception>
    /// <exception cref="InvalidDataException">The file is damaged, does not say which network it is of and nobody else does, or
    /// is of another network.</exception>
    public static TrainedNetwork Load(
        string path,
        string? architecture = null,
        Device? device = null,
        IReadOnlyList<string>? classNames = null,
        Preprocessing? preprocessing = null
    ) =>
        NetworkFile.Load(
            path,
            architecture is null ? null : NetworkArchitecture.Get(architecture),
            device,
            classNames,
            preprocessing
        );

    /// <summary>Loads weights into a network of your own.</summary>
    /// <param name="path">Weights: a safetensors file, or a state dict that <c>torch.save</c> wrote.</param>
    /// <param name="module">The network that they are of, N×C×H×W to logits. The result disposes it; where loading fails, it
    /// stays yours.</param>
    /// <param name="classNames">In the order of the logits; null for those that the file says.</param>
    /// <param name="device">Where it goes; null for the CPU.</param>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="InvalidDataException">The file is damaged, does not fit the network, or names no classes and nobody else
    /// does.</exception>
    public static TrainedNetwork Load(
        string path,
        nn.Module<Tensor, Tensor> module,
        IReadOnlyList<string>? classNames = null,
        Device? device = null
    )
    {
        ArgumentNullException.ThrowIfNull(module);
        NetworkMetadata metadata = NetworkMetadata.Of(WeightFile.Metadata(path));
        IReadOnlyList<string> names =
            classNames
            ?? metadata.ClassNames
            ?? throw new InvalidDataException($"{path} does not name its classes: give their names, in the order of the logits.");
        WeightReport report = WeightFile.Load(module, path);
        module.to(device ?? CPU);
        module.eval();
        return new TrainedNetwork(module, names, metadata.Preprocessing) { Notes = NetworkFile.NotesOf(path, report, metadata) };
    }

    /// <summary>
    /// Writes the weights, and beside them the classes' names, the preprocessing and the architecture's name. Of a new last layer
    /// (<c>LinearHead</c>) on the pretrained ResNet-18, that layer and what was fine-tuned; on an ONNX network, that file too.
    /// </summary>
    /// <param name="path">Ends in <c>.safetensors</c>, or in <c>.pth</c> or <c>.pt</c> for PyTorch. An existing file is replaced
    /// once the new one is whole.</param>
    /// <param name="about">More text to keep: what it learned from, how well it does.</param>
    /// <param name="floats">Float16, say, to halve the file: fractions are rounded to that type. Null keeps all types.</param>
    /// <exception cref="ArgumentException">The name ends in something else, or a finite weight would become infinite in the
    /// type.</exception>
    /// <exception cref="IOException">The file cannot be written.</exception>
    public void Save(string path, IReadOnlyDictionary<string, string>? about = null, ScalarType? floats = null)
    {
        Dictionary<string, string> text = new NetworkMetadata(Architecture?.Name, ClassNames, Preprocessing).ToText();
        foreach ((string key, string value) in about ?? new Dictionary<string, string>())
        {
            text[key] = value;
        }

        if (Module is HeadedNetwork headed)
        {
            HeadFile.Save(headed, path, text);
            return;
        }

        WeightFile.Save(Module, path, text, floats);
    }

    /// <summary>
    /// The network with an output for each class of another set, to train it on. It stays as it is if it has these classes, or as
    /// many without names. Else a new last linear layer replaces its own, or follows its outputs if it does not end in one;
    /// <see cref="Notes"/> says which.
    /// </summary>
    /// <param name="classNames">Such as <see cref="DataSet.ClassNames"/>.</param>
    /// <param name="seed">Of the new layer's start weights; null: whatever torch's generator gives.</param>
    /// <returns>A network on this one's weights, in evaluation mode, which <see cref="Save"/> keeps: dispose one of the
    /// two.</returns>
    /// <exception cref="ArgumentException">The list of class names is empty, or a name is null.</exception>
    public TrainedNetwork ForClasses(IReadOnlyList<string> classNames, long? seed = null)
    {
        ArgumentNullException.ThrowIfNull(classNames);
        return classNames.Count > 0
            ? ClassLayer.On(this, classNames, seed)
            : throw new ArgumentException("A network has at least one class.", nameof(classNames));
    }

    /// <summary>What it says about a picture file, which its <see cref="Preprocessing"/> brings to its size.</summary>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="InvalidDataException">The file cannot be read as a picture, or the network's weights are
    /// broken.</exception>
    public Prediction Predict(string path) => Predict(ImageFile.Load(path));

    /// <summary>What it says about a picture of any size, which its <see cref="Preprocessing"/> brings to its size.</summary>
    /// <exception cref="InvalidDataException">The network's weights are broken: a logit is NaN or infinite.</exception>
    public Prediction Predict(Image image) => Predict([image])[0];

    /// <summary>What it says about pictures of any size, one prediction for each.</summary>
    /// <inheritdoc cref="Predict(Image)" path="/exception"/>
    public IReadOnlyList<Prediction> Predict(IReadOnlyList<Image> images, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(images);
        var predictions = new List<Prediction>();
        foreach (Image[] part in images.Chunk(AtOnce))
        {
            using Tensor input = ToInput(part);
            predictions.AddRange(Predict(input, cancellationToken));
        }

        return predictions;
    }

    /// <summary>What it says about pictures that are its input already, one prediction for each.</summary>
    /// <param name="input">Preprocessed, N×C×H×W. It stays the caller's.</param>
    /// <param name="cancellationToken">Stops between two batches.</param>
    /// <inheritdoc cref="Predict(Image)" path="/exception"/>
    /// <exception cref="ArgumentException">The input is not N×C×H×W.</exception>
    /// <exception cref="OperationCanceledException">It was stopped.</exception>
    public IReadOnlyList<Prediction> Predict(Tensor input, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(input);
        if (input.dim() != 4)
        {
            throw new ArgumentException(
                $"The input is pictures × channels × height × width; this one is {string.Join('×', input.shape)}.",
                nameof(input)
            );
        }

        using var evaluation = new EvaluationMode(Module);
        using IDisposable noGradients = no_grad();
        Device device = Device;
        int atOnce = PicturesAtOnce((int)input.shape[2], (int)input.shape[3]);
        var predictions = new List<Prediction>();
        for (int start = 0; start < input.shape[0]; start += atOnce)
        {
            cancellationToken.ThrowIfCancellationRequested();
            using DisposeScope scope = NewDisposeScope();
            int end = (int)Math.Min(start + atOnce, input.shape[0]);
            Tensor output = ForwardPass.Of(Module, input[start..end].to(device));
            predictions.AddRange(ValuesOf(output, start, end).Select(Ranked));
        }

        return predictions;
    }

    /// <summary>Pictures as the network takes them: see <see cref="Preprocessing.ToInput"/>.</summary>
    /// <returns>A float32 tensor N×C×H×W where the network is, which the caller disposes.</returns>
    /// <exception cref="ArgumentException">The list of pictures is empty, or preprocessing gives them different
    /// sizes.</exception>
    public Tensor ToInput(params IReadOnlyList<Image> images)
    {
        using DisposeScope scope = NewDisposeScope();
        return Preprocessing.ToInput(images).to(Device).MoveToOuterDisposeScope();
    }

    /// <summary>"SeCnn, 10 classes (airplane, automobile, …), pictures of 32×32".</summary>
    public override string ToString() =>
        $"{Module.GetName()}, {ClassNames.Count} {(ClassNames.Count == 1 ? "class" : "classes")} "
        + $"({string.Join(", ", ClassNames.Take(10))}{(ClassNames.Count > 10 ? ", …" : "")}), pictures of "
        + (Preprocessing is { Height: { } height, Width: { } width } ? $"{height}×{width}" : "any size");

    /// <inheritdoc/>
    public void Dispose() => Module.Dispose();

    /// <summary>What classes are called that nobody named.</summary>
    internal static IReadOnlyList<string> NumberedClasses(int classes, bool isBinary) =>
        isBinary ? ["negative", "positive"] : [.. Enumerable.Range(0, classes).Select(index => $"class {index}")];

    /// <summary>About a million pixels at once, so that a network's activations need no more than some hundred
    /// megabytes; the number that an ONNX file fixes, if it fixes one.</summary>
    private int PicturesAtOnce(int height, int width) =>
        (Module is HeadedNetwork headed ? headed.Backbone.Module : Module) is OnnxNetwork { Batch: { } batch }
            ? (int)batch
            : Math.Clamp(MostPixels / Math.Max(1, height * width), 1, MostPictures);

    /// <summary>A batch's outputs, K numbers for each of the pictures from a first one to before a last one.</summary>
    private IEnumerable<float[]> ValuesOf(Tensor output, int first, int end)
    {
        int outputs = Outputs;
        if (output.dim() != 2 || output.shape[0] != end - first || output.shape[1] != outputs)
        {
            throw new InvalidDataException(
                $"For {end - first} pictures the network outputs {string.Join('×', output.shape)}; with "
                    + $"{ClassNames.Count} class names and the output {Output} it should be {end - first}×{outputs}."
            );
        }

        float[] values = output.to(ScalarType.Float32).cpu().contiguous().data<float>().ToArray();
        int broken = Array.FindIndex(values, value => !float.IsFinite(value));
        return broken < 0
            ? values.Chunk(outputs)
            : throw new InvalidDataException(
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"For picture {first + (broken / outputs)} the network outputs {values[broken]}: its weights are broken."
                )
            );
    }

    private Prediction Ranked(float[] output)
    {
        double[] probabilities = ModelOutput.ProbabilitiesOf(Output, output);
        return new Prediction(
            [
                .. probabilities
                    .Select((probability, k) => new ClassProbability(k, ClassNames[k], probability))
                    .OrderByDescending(each => each.Probability),
            ],
            output
        );
    }
}
