using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace AttentionLab.Models;

/// <summary>
/// Nodes that are exactly one of torch's own layers: these take their place, so that whatever knows convolutions, linear layers,
/// normalisation and ReLU by type knows them here, too.
/// </summary>
/// <param name="graph">The graph.</param>
/// <param name="uses">How many nodes take each weight: one that is shared stays a weight by itself.</param>
internal sealed class TorchLayers(PreparedGraph graph, IReadOnlyDictionary<string, int> uses)
{
    /// <summary>The layer that a node is; null for any other node.</summary>
    public Module<Tensor, Tensor>? Of(OnnxNode node)
    {
        using Tensor state = get_rng_state(); // layers draw start weights, which nobody asked for
        try
        {
            return node.Operator switch
            {
                "Relu" => ReLU(),
                "Clip" when IsReLU6(node) => ReLU6(),
                "LeakyRelu" => LeakyReLU(node.Attributes.GetValueOrDefault("alpha")?.Float ?? 0.01),
                "Gelu" when (node.Attributes.GetValueOrDefault("approximate")?.Text ?? "none") == "none" => GELU(),
                "Swish" when (node.Attributes.GetValueOrDefault("alpha")?.Float ?? 1) == 1 => SiLU(),
                "HardSwish" => Hardswish(),
                "Conv" when Own(node, 1, 2) => Convolution(node),
                "Gemm" when Own(node, 1, 2) => Gemm(node),
                "BatchNormalization" when Own(node, 1, 2, 3, 4) => Normalization(node),
                "Dropout" when node.Outputs.Skip(1).All(output => !graph.IsUsed(output)) => DropoutOf(node),
                _ => null,
            };
        }
        finally
        {
            set_rng_state(state);
        }
    }

    /// <summary>The linear layer that a product with a matrix and the sum with a vector are; null for others.</summary>
    public Linear? OfProductAndSum(OnnxNode product, OnnxNode sum)
    {
        if (product.Operator != "MatMul" || sum.Operator != "Add" || !Own(product, 1) || product.Outputs is not [var between])
        {
            return null;
        }

        int bias = sum.Inputs.IndexOf(between) == 0 ? 1 : 0;
        return
            sum.Inputs.Count == 2
            && sum.Inputs.Contains(between)
            && Own(sum, bias)
            && Weight(product, 1) is { } weight
            && weight.dim() == 2
            && Weight(sum, bias) is { } vector
            && vector.dim() == 1
            && vector.shape[0] == weight.shape[1]
            && graph.KindOf(product.Inputs[0]).Rank is not 1
            ? Linear(Own(weight.t().contiguous()), Own(vector))
            : null;
    }

    private bool IsReLU6(OnnxNode node) =>
        graph.Opset < 11
            ? node.Attributes.GetValueOrDefault("min")?.Float == 0 && node.Attributes.GetValueOrDefault("max")?.Float == 6
            : Number(node, 1) == 0 && Number(node, 2) == 6;

    /// <summary>A fixed number that goes into a node; null for anything else.</summary>
    private double? Number(OnnxNode node, int slot) =>
        node.Inputs.Count > slot
        && graph.Constants.GetValueOrDefault(node.Inputs[slot])?.Value is { } value
        && value.numel() == 1
        && value.is_floating_point()
            ? value.to(ScalarType.Float64).item<double>()
            : null;

    private Conv2d? Convolution(OnnxNode node)
    {
        Tensor weight = Weight(node, 1)!;
        Tensor? bias = Weight(node, 2);
        long groups = node.Attributes.GetValueOrDefault("group")?.Integer ?? 1;
        long[] strides = Pair(node, "strides", 1),
            dilations = Pair(node, "dilations", 1);
        List<long> pads = node.Attributes.GetValueOrDefault("pads")?.Integers ?? [0, 0, 0, 0];
        bool plain =
            weight.dim() == 4
            && weight.numel() > 0
            && groups > 0
            && weight.shape[0] % groups == 0
            && groups <= weight.shape[0]
            && (bias is null || (bias.dim() == 1 && bias.shape[0] == weight.shape[0]))
            && (node.Attributes.GetValueOrDefault("auto_pad")?.Text ?? "NOTSET") == "NOTSET"
            && strides is [> 0 and < 4096, > 0 and < 4096]
            && dilations is [> 0 and < 4096, > 0 and < 4096]
            && pads is [>= 0 and < 4096 and var top, >= 0 and < 4096 and var left, var bottom, var right]
            && top == bottom
            && left == right
            && weight.shape[1] < 1 << 20
            && groups < 1 << 20;
        if (!plain)
        {
            return null;
        }

        Conv2d layer = Conv2d(
            weight.shape[1] * groups,
            weight.shape[0],
            (weight.shape[2], weight.shape[3]),
            (strides[0], strides[1]),
            (pads[0], pads[1]),
            (dilations[0], dilations[1]),
            groups: groups,
            bias: bias is not null
        );
        layer.weight = groups == 1 ? OwnChannelsLast(weight) : Own(weight);
        if (bias is not null)
        {
            layer.bias = Own(bias);
        }

        return layer;
    }

    private Linear? Gemm(OnnxNode node)
    {
        Tensor weight = Weight(node, 1)!;
        Tensor? bias = Weight(node, 2);
        bool columns = (node.Attributes.GetValueOrDefault("transB")?.Integer ?? 0) != 0;
        long outputs = weight.dim() == 2 ? weight.shape[columns ? 0 : 1] : -1;
        bool plain =
            outputs > 0
            && (node.Attributes.GetValueOrDefault("transA")?.Integer ?? 0) == 0
            && (node.Attributes.GetValueOrDefault("alpha")?.Float ?? 1) == 1
            && (node.Attributes.GetValueOrDefault("beta")?.Float ?? 1) == 1
            && (bias is null || (bias.dim() == 1 && bias.shape[0] == outputs))
            && graph.KindOf(node.Inputs[0]).Rank is null or 2;
        return plain ? Linear(Own(columns ? weight : weight.t().contiguous()), bias is null ? null : Own(bias)) : null;
    }

    private Module<Tensor, Tensor>? Normalization(OnnxNode node)
    {
        Tensor?[] parts = [.. Enumerable.Range(1, 4).Select(i => Weight(node, i))];
        if (
            parts.Any(part => part is null || part.dim() != 1 || part.shape[0] != parts[0]!.shape[0])
            || node.Outputs.Skip(1).Any(graph.IsUsed)
        )
        {
            return null;
        }

        long channels = parts[0]!.shape[0];
        double epsilon = node.Attributes.GetValueOrDefault("epsilon")?.Float ?? 1e-5f,
            momentum = 1 - (node.Attributes.GetValueOrDefault("momentum")?.Float ?? 0.9f);
        switch (graph.KindOf(node.Inputs[0]).Rank)
        {
            case 4:
                BatchNorm2d planes = BatchNorm2d(channels, epsilon, momentum);
                (planes.weight, planes.bias) = (Own(parts[0]!), Own(parts[1]!));
                (planes.running_mean, planes.running_var) = (Copy(parts[2]!), Copy(parts[3]!));
                return planes;
            case 2 or 3:
                BatchNorm1d vectors = BatchNorm1d(channels, epsilon, momentum);
                (vectors.weight, vectors.bias) = (Own(parts[0]!), Own(parts[1]!));
                (vectors.running_mean, vectors.running_var) = (Copy(parts[2]!), Copy(parts[3]!));
                return vectors;
            default:
                return null;
        }
    }

    private Dropout DropoutOf(OnnxNode node)
    {
        double share =
            node.Attributes.GetValueOrDefault("ratio")?.Float
            ?? (
                node.Inputs.Count > 1 && Value(node, 1) is { } given && given.numel() == 1
                    ? given.to(ScalarType.Float64).item<double>()
                    : 0.5
            );
        return Dropout(share is >= 0 and <= 1 ? share : 0.5);
    }

    private bool Own(OnnxNode node, params int[] slots) =>
        Value(node, slots[0]) is not null
        && slots.All(slot =>
            slot >= node.Inputs.Count
            || node.Inputs[slot].Length == 0
            || (Value(node, slot) is { dtype: ScalarType.Float32 } && uses.GetValueOrDefault(node.Inputs[slot]) == 1)
        );

    private Tensor? Weight(OnnxNode node, int slot) => Value(node, slot);

    private Tensor? Value(OnnxNode node, int slot) =>
        slot < node.Inputs.Count && node.Inputs[slot].Length > 0
            ? graph.Constants.GetValueOrDefault(node.Inputs[slot])?.Value
            : null;

    private static long[] Pair(OnnxNode node, string name, long missing) =>
        node.Attributes.GetValueOrDefault(name) is { } attribute ? [.. attribute.Integers] : [missing, missing];

    private static Parameter Own(Tensor weight) => new(weight.alias());

    /// <summary>The order of memory from which a processor's convolutions pack weights soonest, which they do at every call.</summary>
    private static Parameter OwnChannelsLast(Tensor weight) => new(weight.permute(0, 2, 3, 1).contiguous().permute(0, 3, 1, 2));

    private static Tensor Copy(Tensor statistic) => statistic.clone();
}
