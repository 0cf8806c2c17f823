using System.Runtime.InteropServices;
using System.Runtime.Intrinsics.X86;
using AttentionLab.Core;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace AttentionLab.Training;

/// <summary>
/// While it lives, a network's convolutions and linear layers compute in bfloat16, with half the memory to move. Their weights
/// are kept in float32 beside them, for an optimizer to move; batch normalisation stays in float32 altogether. When it is
/// disposed, the network gets the float32 weights.
/// </summary>
/// <remarks>
/// Micikevicius et al., "Mixed Precision Training", ICLR 2018; with bfloat16's range no scaling of the loss is needed.
/// </remarks>
internal sealed class MixedPrecision : IDisposable
{
    private readonly List<Layer> _layers = [];

    /// <summary>Begins.</summary>
    /// <param name="model">A network that <see cref="Fits"/>, in float32. Its layers get new <c>Parameter</c> objects, now and at
    /// the end.</param>
    public MixedPrecision(nn.Module model)
    {
        var masters = new Dictionary<Parameter, Tensor>(ReferenceEqualityComparer.Instance);
        foreach (nn.Module module in model.modules())
        {
            if (Layer.Of(module) is { } layer && layer.Weight.dtype == ScalarType.Float32)
            {
                layer.Round(masters);
                _layers.Add(layer);
            }
        }

        Weights = [.. model.parameters().Select(p => new Weight(masters.GetValueOrDefault(p, p), p))];
    }

    /// <summary>
    /// Whether this machine's processor multiplies bfloat16 numbers: Intel's since Cooper Lake, AMD's since Zen 4. Without that,
    /// torch computes as if it had them, more slowly than in float32; so it does where oneDNN is limited to AVX.
    /// </summary>
    /// <remarks>Intel's manual, instruction CPUID: leaf 7, sub-leaf 1, EAX bit 5.</remarks>
    public static bool IsFast { get; } =
        Avx512F.IsSupported && X86Base.CpuId(7, 0).Eax >= 1 && (X86Base.CpuId(7, 1).Eax & (1 << 5)) != 0 && !HiddenCaches.AreHere;

    /// <summary>
    /// Whether it is faster than float32: on a processor as <see cref="IsFast"/> says, on a graphics card if it computes bfloat16
    /// at all, as NVIDIA's do since Ampere.
    /// </summary>
    public static bool PaysOn(Device device) =>
        device.type switch
        {
            DeviceType.CPU => IsFast,
            DeviceType.CUDA => ComputesOn(device),
            _ => false,
        };

    /// <summary>Whether a device convolves in bfloat16, tried with one pixel: TorchSharp has no query for it.</summary>
    public static bool ComputesOn(Device device)
    {
        using DisposeScope scope = NewDisposeScope();
        using IDisposable noGradients = no_grad();
        Tensor pixel = ones([1, 1, 1, 1], ScalarType.BFloat16, device);
        try
        {
            return nn.functional.conv2d(pixel, pixel).to(ScalarType.Float32).item<float>() == 1;
        }
        catch (ExternalException)
        {
            return false;
        }
    }

    /// <summary>Every weight, in the order of the network's parameters.</summary>
    public IReadOnlyList<Weight> Weights { get; }

    /// <summary>
    /// Whether all of a network's weights are in layers that take bfloat16 pictures: convolutions, linear layers and batch
    /// normalisation.
    /// </summary>
    public static bool Fits(nn.Module model) =>
        model
            .modules()
            .Prepend(model)
            .All(module =>
                module.named_parameters(recurse: false).All(p => p.parameter.dtype == ScalarType.Float32)
                && (module is Linear or Convolution or NormBase || !module.named_parameters(recurse: false).Any())
            );

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (Layer layer in _layers)
        {
            layer.Restore();
        }

        _layers.Clear();
    }

    /// <summary>A convolution or a linear layer: torch gives them no common base.</summary>
    private sealed class Layer(
        Func<Parameter> getWeight,
        Action<Parameter> setWeight,
        Func<Parameter?> getBias,
        Action<Parameter> setBias
    )
    {
        private Tensor? _weight,
            _bias;

        public Parameter Weight => getWeight();

        public static Layer? Of(nn.Module module) =>
            module switch
            {
                Linear linear => new(() => linear.weight!, w => linear.weight = w, () => linear.bias, b => linear.bias = b),
                Convolution convolution => new(
                    () => convolution.weight!,
                    w => convolution.weight = w,
                    () => convolution.bias,
                    b => convolution.bias = b
                ),
                _ => null,
            };

        public void Round(Dictionary<Parameter, Tensor> masters)
        {
            _weight = Round(getWeight(), setWeight);
            masters.Add(getWeight(), _weight);
            if (getBias() is { } bias)
            {
                _bias = Round(bias, setBias);
                masters.Add(getBias()!, _bias);
            }
        }

        public void Restore()
        {
            setWeight(new Parameter(_weight!, getWeight().requires_grad));
            if (_bias is not null)
            {
                setBias(new Parameter(_bias, getBias()!.requires_grad));
            }
        }

        /// <summary>
        /// The setter disposes of the parameter that it replaces, so the master is an object of its own on the same memory.
        /// </summary>
        private static Tensor Round(Parameter parameter, Action<Parameter> replace)
        {
            bool learns = parameter.requires_grad;
            Tensor master = parameter.detach().DetachFromDisposeScope();
            replace(new Parameter(master.to(ScalarType.BFloat16), learns));
            return master;
        }
    }
}
