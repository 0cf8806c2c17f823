using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace AttentionLab.Models;

/// <summary>Normalisations, as they are computed in evaluation mode.</summary>
internal static class NormalizationOperators
{
    public static OperatorFamily Family { get; } = Build();

    private static OperatorFamily Build()
    {
        var family = new OperatorFamily
        {
            { "InstanceNormalization", InstanceNormalization },
            { "GroupNormalization", GroupNormalization },
            { "LpNormalization", LpNormalization },
            { "MeanVarianceNormalization", MeanVarianceNormalization },
            { "LRN", LocalResponse },
            { "RMSNormalization", RootMeanSquare },
        };
        family.AddSeveral("BatchNormalization", call => [BatchNormalization(call)]);
        family.AddSeveral("LayerNormalization", LayerNormalization);
        return family;
    }

    /// <summary>
    /// In evaluation mode by the statistics that the file has, whatever mode it was exported in. Statistics that the network
    /// computes from its input, as <c>track_running_stats=False</c> does, have gradients.
    /// </summary>
    private static Tensor BatchNormalization(OperatorCall call)
    {
        Tensor x = call.Input();
        long channels = x.dim() >= 2 ? x.shape[1] : throw call.Broken($"an input of {TensorInfo.Text(x.shape)} has no channels");
        Tensor[] each = [.. Enumerable.Range(1, 4).Select(call.Input)];
        if (each.Any(part => part.dim() != 1 || part.shape[0] != channels))
        {
            throw call.Broken($"its weights do not have {channels} elements each, as the input has channels");
        }

        double epsilon = call.Float("epsilon", 1e-5);
        if (call.IsConstant(3) && call.IsConstant(4))
        {
            return functional.batch_norm(x, each[2], each[3], each[0], each[1], eps: epsilon);
        }

        long[] shape = [channels, .. Enumerable.Repeat(1L, (int)x.dim() - 2)];
        Tensor scale = each[0] * (each[3] + epsilon).rsqrt();
        return ((x - each[2].reshape(shape)) * scale.reshape(shape)) + each[1].reshape(shape);
    }

    private static IEnumerable<Tensor> LayerNormalization(OperatorCall call)
    {
        Tensor x = call.Input();
        long axis = call.Axis(call.Int("axis", -1), x.dim());
        long[] axes = [.. Enumerable.Range((int)axis, (int)(x.dim() - axis)).Select(each => (long)each)];
        Tensor mean = x.mean(axes, true),
            centred = x - mean,
            inverse = ((centred * centred).mean(axes, true) + call.Float("epsilon", 1e-5)).rsqrt();
        call.Broadcast(x.shape, call.Input(1).shape);
        Tensor scaled = centred * inverse * call.Input(1);
        yield return call.Optional(2) is { } bias ? scaled + bias : scaled;
        yield return mean;
        yield return inverse;
    }

    private static Tensor RootMeanSquare(OperatorCall call)
    {
        Tensor x = call.Input();
        long axis = call.Axis(call.Int("axis", -1), x.dim());
        long[] axes = [.. Enumerable.Range((int)axis, (int)(x.dim() - axis)).Select(each => (long)each)];
        call.Broadcast(x.shape, call.Input(1).shape);
        return x * ((x * x).mean(axes, true) + call.Float("epsilon", 1e-5)).rsqrt() * call.Input(1);
    }

    private static Tensor InstanceNormalization(OperatorCall call)
    {
        Tensor x = call.Input();
        long channels = x.dim() >= 3 ? x.shape[1] : throw call.Broken($"an input of {TensorInfo.Text(x.shape)} has no planes");
        return Affine(call, Standardised(x, Spatial(x), call.Float("epsilon", 1e-5)), channels);
    }

    /// <summary>Scale and bias have a number for each group in version 18, for each channel from 21 on.</summary>
    private static Tensor GroupNormalization(OperatorCall call)
    {
        Tensor x = call.Input();
        long groups = call.Int("num_groups", 0);
        if (x.dim() < 3 || groups < 1 || x.shape[1] % groups != 0)
        {
            throw call.Broken($"an input of {TensorInfo.Text(x.shape)} cannot be normalised in {groups} groups");
        }

        Tensor grouped = x.reshape([x.shape[0], groups, -1]),
            standard = Standardised(grouped, [2], call.Float("epsilon", 1e-5));
        return call.Input(1).numel() == groups && groups != x.shape[1]
            ? Affine(call, standard, groups).reshape(x.shape)
            : Affine(call, standard.reshape(x.shape), x.shape[1]);
    }

    private static Tensor LpNormalization(OperatorCall call)
    {
        Tensor x = call.Input();
        long axis = call.Axis(call.Int("axis", -1), x.dim());
        Tensor norm = call.Int("p", 2) == 1 ? x.abs().sum(axis, keepdim: true) : (x * x).sum(axis, keepdim: true).sqrt();
        return where(norm == 0, zeros_like(x), x / norm);
    }

    private static Tensor MeanVarianceNormalization(OperatorCall call)
    {
        Tensor x = call.Input();
        long[] axes = call.Axes(call.Ints("axes") ?? [0, 2, 3], x.dim());
        Tensor centred = x - x.mean(axes, true);
        return centred / ((centred * centred).mean(axes, true).sqrt() + 1e-9);
    }

    /// <summary>Each element over a power of the squares of its neighbours in the channels.</summary>
    private static Tensor LocalResponse(OperatorCall call)
    {
        Tensor x = call.Input();
        long size = call.Int("size", 0);
        if (x.dim() < 3 || size is < 1 or > 4096)
        {
            throw call.Broken($"an input of {TensorInfo.Text(x.shape)} cannot be normalised over {size} channels");
        }

        Tensor squares = (x * x).reshape(x.shape[0], x.shape[1], -1).transpose(1, 2);
        Tensor sums = functional.pad(squares, [(size - 1) / 2, size - 1 - ((size - 1) / 2)]).unfold(2, size, 1).sum(-1);
        sums = sums.transpose(1, 2).reshape(x.shape);
        return x / (call.Float("bias", 1) + (call.Float("alpha", 1e-4) / size * sums)).pow(call.Float("beta", 0.75));
    }

    private static Tensor Standardised(Tensor x, long[] axes, double epsilon)
    {
        Tensor centred = x - x.mean(axes, true);
        return centred * ((centred * centred).mean(axes, true) + epsilon).rsqrt();
    }

    private static Tensor Affine(OperatorCall call, Tensor x, long channels)
    {
        Tensor scale = call.Input(1),
            bias = call.Input(2);
        if (scale.numel() != channels || bias.numel() != channels)
        {
            throw call.Broken($"scale and bias have {scale.numel()} and {bias.numel()} elements for {channels} channels");
        }

        long[] shape = [channels, .. Enumerable.Repeat(1L, (int)x.dim() - 2)];
        return (x * scale.reshape(shape)) + bias.reshape(shape);
    }

    private static long[] Spatial(Tensor x) => [.. Enumerable.Range(2, (int)x.dim() - 2).Select(axis => (long)axis)];
}
