using AttentionLab.Data;
using TorchSharp;
using static TorchSharp.torch;

namespace AttentionLab.Models;

/// <summary>Asks a network once, with a drawn picture, what it outputs.</summary>
internal static class NetworkProbe
{
    /// <summary>A side for networks that take any.</summary>
    private const int Side = 224;

    /// <summary>Joins a network with a preprocessing, and with names for as many classes as it outputs.</summary>
    /// <param name="module">The result disposes it; where joining fails, it stays the caller's.</param>
    /// <param name="preprocessing">How pictures become its input.</param>
    /// <param name="classNames">In the order of its outputs; null for class 0, class 1 …</param>
    /// <param name="notes">What a reader should know of it.</param>
    /// <exception cref="ArgumentException">There is another number of names than of classes.</exception>
    /// <exception cref="InvalidOperationException">The network cannot run on such pictures, or outputs no numbers for
    /// classes.</exception>
    public static TrainedNetwork ToTrainedNetwork(
        nn.Module<Tensor, Tensor> module,
        Preprocessing preprocessing,
        IReadOnlyList<string>? classNames,
        IReadOnlyList<string> notes
    )
    {
        preprocessing.Check();
        (OutputKind kind, int outputs) = Of(module, preprocessing);
        int classes = ModelOutput.ClassesOf(kind, outputs);
        if (classNames is not null && classNames.Count != classes)
        {
            throw new ArgumentException(
                $"The network tells {classes} classes apart, and {classNames.Count} are named: name all, in the order of its "
                    + "outputs.",
                nameof(classNames)
            );
        }

        return new TrainedNetwork(
            module,
            classNames ?? TrainedNetwork.NumberedClasses(classes, isBinary: outputs == 1),
            preprocessing
        )
        {
            Output = kind,
            HasClassNames = classNames is not null,
            Notes = notes,
        };
    }

    /// <summary>A drawn picture as a network takes it, 1×C×H×W, which the caller disposes.</summary>
    public static Tensor PictureFor(Preprocessing preprocessing, Device device)
    {
        using DisposeScope scope = NewDisposeScope();
        long[] shape = [1, preprocessing.Channels, preprocessing.Height ?? Side, preprocessing.Width ?? Side];
        Tensor picture = arange(shape.Aggregate(1L, (all, side) => all * side), dtype: ScalarType.Float32)
            .mul(0.37)
            .sin()
            .reshape(shape)
            .to(device);
        return (preprocessing.Largest == 255 ? picture * 100 : picture).MoveToOuterDisposeScope();
    }

    private static (OutputKind Kind, int Outputs) Of(nn.Module<Tensor, Tensor> module, Preprocessing preprocessing)
    {
        using DisposeScope scope = NewDisposeScope();
        using var evaluation = new EvaluationMode(module);
        using IDisposable noGradients = no_grad();
        Tensor picture = PictureFor(preprocessing, module.Device());
        return (ModelOutput.KindOf(module, picture), (int)ForwardPass.Of(module, picture).shape[1]);
    }
}
