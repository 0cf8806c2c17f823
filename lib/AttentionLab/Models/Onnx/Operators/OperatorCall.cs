using System.Globalization;
using static TorchSharp.torch;

namespace AttentionLab.Models;

/// <summary>One use of an operator: the node's attributes and the values that go in.</summary>
/// <param name="node">The node.</param>
/// <param name="opset">The version of the operator set.</param>
/// <param name="inputs">The values that go in; null for an optional one that is left out.</param>
/// <param name="isConstant">Whether an input is the same in every pass.</param>
/// <param name="batch">The pass of a network with a fixed batch; null for other networks.</param>
internal sealed class OperatorCall(
    OnnxNode node,
    int opset,
    IReadOnlyList<OnnxValue?> inputs,
    Func<int, bool> isConstant,
    BatchRun? batch
)
{
    // A layer's output may have this many elements, and more only where its inputs are large themselves.
    private const long LargestOutput = 1L << 28,
        LargestGrowth = 64;

    /// <summary>The node.</summary>
    public OnnxNode Node => node;

    /// <summary>The version of the operator set.</summary>
    public int Opset => opset;

    /// <summary>The pass of a network with a fixed batch; null for other networks.</summary>
    public BatchRun? Batch => batch;

    /// <summary>How many inputs are named, left-out ones counted.</summary>
    public int Count => inputs.Count;

    /// <summary>Whether an input is the same in every pass.</summary>
    public bool IsConstant(int index) => isConstant(index);

    /// <summary>An input that must be there.</summary>
    public Tensor Input(int index = 0) => Optional(index) ?? throw Broken($"its input {index} is missing");

    /// <summary>An input that may be left out.</summary>
    public Tensor? Optional(int index) =>
        Value(index) is not { } value ? null
        : value.IsSequence ? throw Broken($"its input {index} is a sequence where a tensor is expected")
        : value.Items[0];

    /// <summary>All inputs, for operators that take any number.</summary>
    public Tensor[] All() => [.. Enumerable.Range(0, Count).Select(Input)];

    /// <summary>An input that must be a sequence.</summary>
    public IReadOnlyList<Tensor> Sequence(int index) =>
        Value(index) is { IsSequence: true } value ? value.Items : throw Broken($"its input {index} is not a sequence");

    /// <summary>An input's elements as integers, such as a shape; null where it is left out.</summary>
    public long[]? Integers(int index)
    {
        if (Optional(index) is not { } tensor)
        {
            return null;
        }

        if (tensor.dim() > 1 || tensor.numel() > 4096)
        {
            throw Broken($"its input {index} has the shape {TensorInfo.Text(tensor.shape)} where a list of integers is expected");
        }

        using Tensor integers = tensor.detach().cpu().to(ScalarType.Int64).contiguous();
        return integers.numel() == 0 ? [] : integers.data<long>().ToArray();
    }

    /// <summary>The condition of a choice.</summary>
    /// <exception cref="InvalidDataException">It is not one truth value.</exception>
    public static bool Condition(OnnxNode node, Tensor condition) =>
        condition.numel() == 1
            ? condition.to(ScalarType.Bool).item<bool>()
            : throw new InvalidDataException(
                $"Node {node}: its condition has the shape {TensorInfo.Text(condition.shape)}; it is one truth value."
            );

    /// <summary>An input's elements as floating-point numbers; null where it is left out.</summary>
    public double[]? Numbers(int index)
    {
        if (Optional(index) is not { } tensor || tensor.numel() == 0)
        {
            return null;
        }

        if (tensor.numel() > 4096)
        {
            throw Broken($"its input {index} has {tensor.numel()} elements where a few numbers are expected");
        }

        using Tensor numbers = tensor.detach().cpu().to(ScalarType.Float64).contiguous();
        return numbers.data<double>().ToArray();
    }

    /// <summary>Whether the node has an attribute.</summary>
    public bool Has(string name) => node.Attributes.ContainsKey(name);

    /// <summary>An integer attribute.</summary>
    public long Int(string name, long missing) =>
        !node.Attributes.TryGetValue(name, out OnnxAttribute? attribute)
            ? missing
            : attribute.Integer ?? throw Broken($"its attribute {name} is not an integer");

    /// <summary>A float attribute.</summary>
    public double Float(string name, double missing) =>
        !node.Attributes.TryGetValue(name, out OnnxAttribute? attribute)
            ? missing
            : attribute.Float ?? throw Broken($"its attribute {name} is not a number");

    /// <summary>A text attribute.</summary>
    public string Text(string name, string missing) =>
        !node.Attributes.TryGetValue(name, out OnnxAttribute? attribute)
            ? missing
            : attribute.Text ?? throw Broken($"its attribute {name} is not text");

    /// <summary>A list of integers; null where the node has none.</summary>
    public long[]? Ints(string name) =>
        node.Attributes.TryGetValue(name, out OnnxAttribute? attribute) ? [.. attribute.Integers] : null;

    /// <summary>A list of floats; null where the node has none.</summary>
    public float[]? Floats(string name) =>
        node.Attributes.TryGetValue(name, out OnnxAttribute? attribute) ? [.. attribute.Floats] : null;

    /// <summary>An axis from 0, counted from the end where it is negative.</summary>
    public long Axis(long axis, long dimensions) =>
        axis >= -dimensions && axis < Math.Max(1, dimensions)
            ? axis < 0
                ? axis + dimensions
                : axis
            : throw Broken($"it names the axis {axis} of a tensor with {dimensions} dimensions");

    /// <summary>Several axes, each once.</summary>
    public long[] Axes(IEnumerable<long> axes, long dimensions)
    {
        long[] found = [.. axes.Select(axis => Axis(axis, dimensions))];
        return found.Distinct().Count() == found.Length ? found : throw Broken("it names an axis twice");
    }

    /// <summary>Refuses an output that would be out of all proportion to the inputs, before it is allocated.</summary>
    public long[] Bounded(long[] shape)
    {
        long limit = LargestOutput;
        foreach (OnnxValue value in inputs.OfType<OnnxValue>())
        {
            limit = Math.Max(limit, LargestGrowth * value.Items.Sum(item => item.numel()));
        }

        double elements = 1;
        foreach (long side in shape)
        {
            elements *= side >= 0 ? Math.Max(1, side) : throw Broken($"it would output the shape {TensorInfo.Text(shape)}");
        }

        return elements <= limit
            ? shape
            : throw Broken(
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"it would output {TensorInfo.Text(shape)}, more than {limit:N0} elements"
                )
            );
    }

    /// <summary>The shape that several have together by NumPy's rules.</summary>
    /// <exception cref="InvalidDataException">They do not fit.</exception>
    public long[] Broadcast(params IReadOnlyList<long>[] shapes)
    {
        var shape = new long[shapes.Max(each => each.Count)];
        Array.Fill(shape, 1);
        foreach (IReadOnlyList<long> each in shapes)
        {
            for (int i = 0; i < each.Count; i++)
            {
                ref long side = ref shape[shape.Length - each.Count + i];
                side =
                    side == each[i] || each[i] == 1 ? side
                    : side == 1 ? each[i]
                    : throw Broken($"the shapes {string.Join(" and ", shapes.Select(TensorInfo.Text))} do not fit");
            }
        }

        return Bounded(shape);
    }

    /// <summary>An error that names the node.</summary>
    public InvalidDataException Broken(string what, Exception? inner = null) => new($"Node {node}: {what}.", inner);

    /// <summary>An input of any kind; null where it is left out.</summary>
    public OnnxValue? Value(int index) => index < inputs.Count ? inputs[index] : null;
}
