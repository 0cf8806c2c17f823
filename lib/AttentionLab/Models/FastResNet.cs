using AttentionLab.Data;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace AttentionLab.Models;

/// <summary>
/// A network that learns CIFAR-10 in few epochs: a convolution that whitens patches of 2×2 pixels, three stages of two
/// convolutions, the highest value over all places and one linear layer. Input N×C×H×W with sides of 9 or more (C = 3), output
/// N×classes: logits, no softmax. For ten classes 1,972,792 parameters and 118 million multiplications for a 32×32 picture.
/// </summary>
/// <remarks>
/// Jordan, "94% on CIFAR-10 in 3.29 Seconds on a Single GPU", 2024 (arXiv:2404.00498), in the later version for <c>Muon</c>
/// (airbench94_muon). Its last division by 256 is part of the linear layer here. What it reaches here stands beside its weights in
/// <c>data/trained</c>. For heat maps name <c>layer3</c> or <c>layer2</c>. Train it with
/// <c>TrainingOptions.FastResNet</c>.
/// </remarks>
public sealed class FastResNet : Module<Tensor, Tensor>, IDataDependentStart
{
    private const int Patches = 5_000;

    // One module a layer, so that a hook fires once.
#pragma warning disable CS1591 // a layer's name says what it is
    public readonly Conv2d conv1;
    public readonly GELU gelu1;
    public readonly FastResNetStage layer1;
    public readonly FastResNetStage layer2;
    public readonly FastResNetStage layer3;
    public readonly AdaptiveMaxPool2d pool;
    public readonly Linear fc;
#pragma warning restore CS1591

    private readonly Tensor whitened;
    private readonly int _patchValues;

    /// <summary>Builds the network.</summary>
    /// <param name="classes">Number of logits, one a class.</param>
    /// <param name="seed">Seeds torch's global generator first.</param>
    /// <param name="channels">C: 3, or 1 for grey pictures. The first convolution has two filters for each of a patch's 4·C
    /// values: 24, or 8.</param>
    /// <exception cref="ArgumentOutOfRangeException">No class, or no channel.</exception>
    public FastResNet(int classes = 10, long? seed = null, int channels = 3)
        : base(nameof(FastResNet))
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(classes);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(channels);
        NetworkInput.Seed(seed);
        _patchValues = 4 * channels;
        conv1 = InitialWeights.Of(() => Conv2d(channels, 2 * _patchValues, kernel_size: 2));
        gelu1 = GELU();
        layer1 = new FastResNetStage(2 * _patchValues, 64);
        layer2 = new FastResNetStage(64, 256);
        layer3 = new FastResNetStage(256, 256);
        pool = AdaptiveMaxPool2d([1, 1]);
        fc = InitialWeights.Of(() => Linear(256, classes, hasBias: false));
        whitened = zeros(1).DetachFromDisposeScope(); // where a network is built in a scope, it outlives that, as parameters do
        using (no_grad())
        {
            conv1.bias!.zero_();
            using Tensor spread = fc.weight!.std();
            fc.weight.div_(spread).div_(fc.weight.shape[1]);
        }

        RegisterComponents();
        conv1.weight!.requires_grad = false;
    }

    /// <inheritdoc/>
    public bool HasStarted => get_buffer(nameof(whitened))!.item<float>() > 0;

    /// <summary>
    /// Makes the first convolution one that whitens: its filters are the eigenvectors of the covariance of 2×2 patches of up to
    /// 5,000 pictures, each divided by the root of its eigenvalue, and their negatives. They do not learn.
    /// </summary>
    /// <inheritdoc/>
    public void StartFrom(LabeledImages images, Normalization normalization)
    {
        ArgumentNullException.ThrowIfNull(images);
        ArgumentNullException.ThrowIfNull(normalization);
        const double Ridge = 5e-4;
        using DisposeScope scope = NewDisposeScope();
        using IDisposable noGradients = no_grad();
        Tensor pictures = normalization.ToTensor(images, [.. Enumerable.Range(0, Math.Min(Patches, images.Count))]);
        Tensor patches = pictures.unfold(2, 2, 1).unfold(3, 2, 1).permute(0, 2, 3, 1, 4, 5).reshape(-1, _patchValues);

        // In double precision, so that every processor finds the same filters; an eigenvector's sign is free: its largest part
        // is positive.
        Tensor values = patches.to(ScalarType.Float64);
        (Tensor variances, Tensor directions) = linalg.eigh(values.t().mm(values) / values.shape[0]);
        Tensor rows = directions.t();
        Tensor signs = rows.gather(1, rows.abs().argmax(1, keepdim: true)).sign();
        Tensor filters = (rows * signs / (variances + Ridge).sqrt().unsqueeze(1)).reshape(_patchValues, -1, 2, 2);
        conv1.weight!.copy_(cat([filters, -filters]));
        get_buffer(nameof(whitened))!.fill_(1);
    }

    /// <inheritdoc/>
    public override Tensor forward(Tensor input)
    {
        using var scope = NewDisposeScope();
        Tensor x = gelu1.call(conv1.call(input));
        x = layer3.call(layer2.call(layer1.call(x)));
        return fc.call(pool.call(x).flatten(1)).MoveToOuterDisposeScope();
    }
}
