namespace AttentionLab.Models;

/// <summary>
/// A pass of a network whose file fixes the batch. The fixed number stands in shapes that were computed when the file was
/// written; a pass of the fixed size notes the shapes that go in and out where shapes are made, and other passes scale the side
/// that holds the pictures.
/// </summary>
internal sealed class BatchRun
{
    private readonly long _declared;
    private readonly Dictionary<OnnxNode, (long[] Input, long[] Output)> _shapes = new(ReferenceEqualityComparer.Instance);
    private readonly Dictionary<long, long> _before = [];
    private long _actual;

    /// <param name="declared">Pictures of the batch that the file fixes.</param>
    public BatchRun(long declared) => (_declared, _actual) = (declared, declared);

    /// <summary>The pictures of this pass, which begins when they are set.</summary>
    public long Actual
    {
        get => _actual;
        set
        {
            _actual = value;
            _before.Clear();
        }
    }

    /// <summary>Whether this pass has another number of pictures than the file fixes.</summary>
    public bool IsFreed => Actual != _declared;

    /// <summary>Notes what a node makes of its input in a pass of the fixed size.</summary>
    public void Note(OnnxNode node, long[] input, long[] output) => _shapes[node] = (input, output);

    /// <summary>
    /// The shape that a node gives the same elements in this pass; null where nothing was noted, or where it is not clear which
    /// side holds the pictures.
    /// </summary>
    /// <remarks>
    /// A new shape leaves the elements' order as it is, so that the pictures lie inside of as many elements as before: of
    /// L×N×E inside of L, whether L×N×E becomes (L·N)×E or L×(N·heads)×E. How the side L·N is to be divided again, a later node
    /// knows from the last one that made it.
    /// </remarks>
    public long[]? Reshaped(OnnxNode node, long[] input)
    {
        if (!_shapes.TryGetValue(node, out (long[] Input, long[] Output) noted) || noted.Input.Length != input.Length)
        {
            return null;
        }

        if (noted.Input.Contains(0))
        {
            return null;
        }

        int[] scaled = [.. Enumerable.Range(0, input.Length).Where(axis => input[axis] != noted.Input[axis])];
        if (scaled is not [var from])
        {
            return scaled.Length == 0 ? noted.Output : null;
        }

        long outside = Product(noted.Input[..from]) * _before.GetValueOrDefault(noted.Input[from], 1);
        if (AxisOf(noted.Output, outside, Product(noted.Output) / _declared / outside) is not (>= 0 and var to))
        {
            return null;
        }

        _before[noted.Output[to]] = outside / Product(noted.Output[..to]);
        long[] shape = [.. noted.Output];
        shape[to] = shape[to] / _declared * Actual;
        return shape;
    }

    /// <summary>The shape to which a node widens its input in this pass: where the input has more pictures, so has it.</summary>
    public long[] Expanded(OnnxNode node, long[] input, long[] wanted)
    {
        if (!_shapes.TryGetValue(node, out (long[] Input, long[] Output) noted) || noted.Input.Length != input.Length)
        {
            return wanted;
        }

        long[] shape = [.. wanted];
        for (int axis = 1; axis <= Math.Min(input.Length, shape.Length); axis++)
        {
            if (input[^axis] != noted.Input[^axis] && shape[^axis] == noted.Input[^axis])
            {
                shape[^axis] = input[^axis];
            }
        }

        return shape;
    }

    /// <summary>
    /// The axis that holds the pictures, which lie inside of some elements and have some inside of each; −1 where none does. Where
    /// the last axis alone holds those inside, they are features, and the pictures lie in the axis before: (L·N)×E, not L×(N·E).
    /// </summary>
    private int AxisOf(long[] shape, long outside, long inside)
    {
        long before = 1;
        for (int axis = 0; axis < shape.Length && outside % before == 0; axis++)
        {
            bool begins = outside == before,
                ends = axis == shape.Length - 2 && shape[^1] == inside && shape[axis] / _declared % (outside / before) == 0;
            if (shape[axis] % _declared == 0 && (begins || ends))
            {
                return axis;
            }

            before *= shape[axis];
        }

        return -1;
    }

    private static long Product(IEnumerable<long> sides) => sides.Aggregate(1L, (product, side) => product * side);
}
