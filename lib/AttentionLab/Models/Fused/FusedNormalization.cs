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
/// <remarks>
/// Ioffe and Szegedy, "Batch Normalization", ICML 2015 (arXiv:1502.03167), algorithm 1 and the gradients of section 3.
/// </remarks>
internal static unsafe class FusedNormalization
{
    /// <summary>Whether the layers train on float32 numbers with channels last on a processor, and nobody looks between them.</summary>
    /// <param name="input">What goes into the normalisation.</param>
    /// <param name="norm">The normalisation.</param>
    /// <param name="relu">Behind it.</param>
    /// <param name="pool">Behind that; it must divide the pictures into windows of 2×2.</param>
    public static bool SuitsTraining(Tensor input, BatchNorm2d norm, ReLU relu, MaxPool2d pool) =>
        is_grad_enabled()
        && TorchThreads.AreAll
        && norm is { training: true, track_running_stats: true, momentum: not null }
        && norm.num_features % Vector<float>.Count == 0
        && new[] { norm.weight, norm.bias, norm.running_mean, norm.running_var }.All(each =>
            IsOfChannels(each, norm.num_features)
        )
        && pool is { ceil_mode: false }
        && All(pool.kernel_size, 2)
        && All(pool.stride ?? pool.kernel_size, 2)
        && All(pool.padding, 0)
        && All(pool.dilation, 1)
        && input is { device_type: DeviceType.CPU, dtype: ScalarType.Float32, shape: [> 0, var channels, > 0, > 0] }
        && channels == norm.num_features
        && input.shape[2] % 2 == 0
        && input.shape[3] % 2 == 0
        && IsChannelsLast(input)
        && !ForwardHooks.Any(norm)
        && !ForwardHooks.Any(relu)
        && !ForwardHooks.Any(pool);

    /// <summary>Normalises with the batch's statistics, and moves the running statistics towards them.</summary>
    /// <param name="input">N×C×H×W.</param>
    /// <param name="norm">Its C channels.</param>
    /// <returns>The pooled values, N×C×H/2×W/2 with channels last in memory.</returns>
    public static Tensor Train(Tensor input, BatchNorm2d norm) => Apply(input, norm, squeezes: false)[0];

    /// <summary>The same, and the means over each picture of what passes the ReLU, N×C.</summary>
    public static (Tensor Pooled, Tensor Means) TrainAndSqueeze(Tensor input, BatchNorm2d norm)
    {
        List<Tensor> outputs = Apply(input, norm, squeezes: true);
        return (outputs[0], outputs[1]);
    }

    private static List<Tensor> Apply(Tensor input, BatchNorm2d norm, bool squeezes) =>
        Function.apply(input, norm.weight, norm.bias!, norm, squeezes);

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

    private sealed class Function : autograd.MultiTensorFunction<Function>
    {
        private const string Norm = "norm";

        public override string Name => nameof(FusedNormalization);

        public override List<Tensor> forward(autograd.AutogradContext ctx, params object[] vars)
        {
            var (input, norm, squeezes) = ((Tensor)vars[0], (BatchNorm2d)vars[3], (bool)vars[4]);
            var (pictures, channels) = (input.shape[0], input.shape[1]);
            Tensor pooled = empty(pictures, input.shape[2] / 2, input.shape[3] / 2, channels),
                highest = empty_like(pooled),
                means = empty(pictures, channels),
                passing = empty(pictures, 2, channels),
                statistics = empty(4, channels);
            var loops = new NormalizationLoops(input, statistics);
            loops.SetStatistics(norm);
            loops.Pool(pooled.Floats(), highest.Floats(), squeezes ? means.Floats() : null, squeezes ? passing.Floats() : null);
            ctx.save_data(Norm, norm);
            ctx.save_for_backward([input, statistics, highest, passing]);
            ctx.set_materialize_grads(false); // TorchSharp keeps for it what the caller's scope disposes
            pooled = pooled.permute(0, 3, 1, 2);
            return squeezes ? [pooled, means] : [pooled];
        }

        public override List<Tensor> backward(autograd.AutogradContext ctx, List<Tensor> grad_outputs)
        {
            var norm = (BatchNorm2d)ctx.get_data(Norm);
            return BackwardFailure.Keep(
                [true, true, true, false, false],
                () =>
                    [
                        .. is_grad_enabled() ? SecondOrderGradients(ctx, norm, grad_outputs) : Gradients(ctx, grad_outputs),
                        null!, // of what is no tensor
                        null!,
                    ]
            );
        }

        private static Tensor[] Gradients(autograd.AutogradContext ctx, List<Tensor> gradients)
        {
            using DisposeScope scope = NewDisposeScope();
            List<Tensor> saved = ctx.get_saved_variables();
            (Tensor input, Tensor highest, Tensor passing) = (saved[0], saved[2], saved[3]);
            long channels = input.shape[1];
            Tensor pooled = gradients[0].IsInvalid ? zeros_like(highest) : gradients[0].permute(0, 2, 3, 1).contiguous(),
                gradient = empty(input.shape[0], input.shape[2], input.shape[3], channels),
                weight = empty(channels),
                bias = empty(channels);
            Tensor? means = gradients.Count < 2 || gradients[1].IsInvalid ? null : gradients[1].contiguous();
            float* ofMeans = means is null ? null : means.Floats();
            var loops = new NormalizationLoops(input, saved[1]);
            loops.SumGradients(pooled.Floats(), ofMeans, highest.Floats(), passing.Floats(), weight.Floats(), bias.Floats());
            loops.Pass(pooled.Floats(), ofMeans, highest.Floats(), weight.Floats(), bias.Floats(), gradient.Floats());
            return
            [
                gradient.permute(0, 3, 1, 2).MoveToOuterDisposeScope(),
                weight.MoveToOuterDisposeScope(),
                bias.MoveToOuterDisposeScope(),
            ];
        }

        // By torch's own operations, because someone wants the gradients' gradients.
        private static IEnumerable<Tensor> SecondOrderGradients(
            autograd.AutogradContext ctx,
            BatchNorm2d norm,
            List<Tensor> gradients
        )
        {
            Tensor input = ctx.get_saved_variables()[0],
                rectified = nn
                    .functional.batch_norm(input, null, null, norm.weight, norm.bias, training: true, eps: norm.eps)
                    .relu();
            var used = gradients
                .Zip([nn.functional.max_pool2d(rectified, 2), rectified.mean([2, 3])])
                .Where(pair => !pair.First.IsInvalid)
                .ToList();
            return SecondOrder.Gradients(
                [.. used.Select(pair => pair.Second)],
                [.. used.Select(pair => pair.First)],
                input,
                norm.weight,
                norm.bias
            );
        }
    }
}
