using System.Numerics;
using AttentionLab.Core;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace AttentionLab.Models;

/// <summary>
/// Batch normalisation with the ReLU and the pooling of 2×2 behind it. Apart, the three read and write each value some sixteen
/// times in a training step; together, five times.
/// </summary>
/// <remarks>Ioffe and Szegedy, "Batch Normalization", ICML 2015 (arXiv:1502.03167), algorithm 1 and the gradients of section 3.
/// </remarks>
internal static unsafe class FusedNormalization
{
    /// <summary>Whether the layers train on float32 numbers with channels last on a processor, and nobody looks between them.</summary>
    /// <param name="input">What goes into the normalisation.</param>
    /// <param name="norm">The normalisation.</param>
    /// <param name="relu">Behind it.</param>
    public static bool SuitsTraining(Tensor input, BatchNorm2d norm, ReLU relu) =>
        is_grad_enabled()
        && TorchThreads.AreAll
        && norm is { training: true, track_running_stats: true, momentum: not null }
        && norm.num_features % Vector<float>.Count == 0
        && input is { device_type: DeviceType.CPU, dtype: ScalarType.Float32, shape: [> 0, var channels, > 0, > 0] }
        && channels == norm.num_features
        && input.numel() > channels // torch refuses a single value of a channel
        && new[] { norm.weight, norm.bias, norm.running_mean, norm.running_var }.All(each => IsOfChannels(each, channels))
        && !ForwardHooks.Any(norm)
        && !ForwardHooks.Any(relu)
        && IsChannelsLast(input);

    /// <summary>The same with a pooling behind them, which divides the pictures into windows of 2×2.</summary>
    public static bool SuitsTraining(Tensor input, BatchNorm2d norm, ReLU relu, MaxPool2d pool) =>
        SuitsTraining(input, norm, relu)
        && pool is { ceil_mode: false }
        && All(pool.kernel_size, 2)
        && All(pool.stride ?? pool.kernel_size, 2)
        && All(pool.padding, 0)
        && All(pool.dilation, 1)
        && input.shape[2] % 2 == 0
        && input.shape[3] % 2 == 0
        && !ForwardHooks.Any(pool);

    /// <summary>The layers' output, N×C×H×W or N×C×H/2×W/2, with channels last in memory. Updates the running statistics.</summary>
    /// <param name="input">N×C×H×W.</param>
    /// <param name="norm">Its C channels.</param>
    /// <param name="pools">Whether the pooling is part of it.</param>
    public static Tensor Train(Tensor input, BatchNorm2d norm, bool pools) =>
        Function.apply(input, norm.weight, norm.bias!, norm, pools);

    private static bool IsOfChannels(Tensor? values, long channels) =>
        values is { device_type: DeviceType.CPU, dtype: ScalarType.Float32, shape: [var length] }
        && length == channels
        && values.is_contiguous();

    private static bool All(long[]? sizes, long size) => sizes is null || sizes.All(each => each == size);

    private static bool IsChannelsLast(Tensor input)
    {
        using Tensor turned = input.permute(0, 2, 3, 1);
        return turned.is_contiguous();
    }

    private sealed class Function : autograd.SingleTensorFunction<Function>
    {
        private const string Norm = nameof(Norm),
            Pools = nameof(Pools);

        public override string Name => nameof(FusedNormalization);

        public override Tensor forward(autograd.AutogradContext ctx, params object[] vars)
        {
            var (input, norm, pools) = ((Tensor)vars[0], (BatchNorm2d)vars[3], (bool)vars[4]);
            var loops = new NormalizationLoops(input, empty(4, input.shape[1]));
            loops.SetStatistics(norm);
            Tensor output = loops.EmptyOutput(pools);
            ctx.save_data(Norm, norm);
            ctx.save_data(Pools, pools);
            if (pools)
            {
                Tensor highest = empty_like(output);
                loops.Pool(output.Floats(), highest.Floats());
                ctx.save_for_backward([input, loops.Statistics, highest]);
            }
            else
            {
                loops.Rectify(output.Floats());
                ctx.save_for_backward([input, loops.Statistics]);
            }

            return output.permute(0, 3, 1, 2);
        }

        public override List<Tensor> backward(autograd.AutogradContext ctx, Tensor grad_output)
        {
            var (norm, pools) = ((BatchNorm2d)ctx.get_data(Norm), (bool)ctx.get_data(Pools));
            List<Tensor> saved = ctx.get_saved_variables();
            if (is_grad_enabled()) // someone wants the gradient's gradient
            {
                return
                [
                    .. SecondOrder.Gradients(() => Apart(saved[0], norm, pools), grad_output, saved[0], norm.weight, norm.bias),
                    null!,
                    null!,
                ];
            }

            using DisposeScope scope = NewDisposeScope();
            var loops = new NormalizationLoops(saved[0], saved[1]);
            long channels = norm.num_features;
            Tensor gradient = grad_output.permute(0, 2, 3, 1).contiguous(),
                inputGradient = loops.EmptyOutput(pools: false),
                weightGradient = empty(channels),
                biasGradient = empty(channels);
            float* constant = empty(2, channels).Floats(),
                slope = constant + channels;
            Tensor x = pools ? saved[2] : saved[0];
            loops.SumGradients(
                x.Floats(),
                gradient.Floats(),
                gradient.numel() / channels,
                weightGradient.Floats(),
                biasGradient.Floats(),
                constant,
                slope
            );
            if (pools)
            {
                loops.PassToHighest(gradient.Floats(), x.Floats(), constant, slope, inputGradient.Floats());
            }
            else
            {
                loops.Pass(gradient.Floats(), constant, slope, inputGradient.Floats());
            }

            inputGradient = inputGradient.permute(0, 3, 1, 2);
            return
            [
                inputGradient.MoveToOuterDisposeScope(),
                weightGradient.MoveToOuterDisposeScope(),
                biasGradient.MoveToOuterDisposeScope(),
                null!,
                null!,
            ];
        }

        private static Tensor Apart(Tensor input, BatchNorm2d norm, bool pools)
        {
            Tensor x = nn.functional.batch_norm(input, null, null, norm.weight, norm.bias, training: true, eps: norm.eps).relu();
            return pools ? nn.functional.max_pool2d(x, 2) : x;
        }
    }
}
